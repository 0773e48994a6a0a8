//! Services with a document or a registration of their own.

use super::*;

const ROBOT: &str = "https://robots.example/client.json";

fn document(method: &str, signer: &Signer) -> serde_json::Value {
    json!({
        "client_id": ROBOT,
        "grant_types": ["client_credentials"],
        "token_endpoint_auth_method": method,
        "jwks": signer.jwks(),
    })
}

async fn documented(shelf: &Arc<Shelf>, rules: Vec<ClientRule>) -> World {
    World::with_documents(shelf.clone(), Vec::new(), |settings| {
        with_services(settings);
        settings.grants.client_credentials.extend(rules);
    })
    .await
}

async fn as_robot(world: &World, signer: &Signer, jti: &str) -> Result<TokenResponse, TokenError> {
    let now = world.now().as_secs();
    let claims = json!({"iss": ROBOT, "sub": ROBOT, "aud": ISSUER, "iat": now, "exp": now + 60, "jti": jti});
    let assertion = signer.sign(&signer.header(), &claims);
    world
        .token(&[
            ("grant_type", "client_credentials"),
            ("resource", NOTES),
            ("client_assertion_type", KIND),
            ("client_assertion", &assertion),
        ])
        .await
}

#[tokio::test]
async fn a_service_with_a_document_comes_in_where_the_operator_names_it_and_nowhere_else() {
    let signer = Signer::ed25519("k");
    let shelf = Shelf::new();
    shelf.serve(ROBOT, &document("private_key_jwt", &signer));

    let stranger = documented(&shelf, Vec::new()).await;
    let error = as_robot(&stranger, &signer, "1").await.unwrap_err();
    assert!(
        matches!(&error, TokenError::Client(AuthenticateError::Document { .. })),
        "{error:?}"
    );
    assert_eq!(shelf.fetched(), 0, "nobody has a document read by naming it");

    let named = documented(&shelf, vec![rule(ROBOT, NOTES, "mcp:read")]).await;
    let answer = as_robot(&named, &signer, "1").await.expect("a token");
    let claims = named.read(&answer.access_token).await;
    assert_eq!(claims.sub.as_str(), format!("client:{ROBOT}"));
    assert_eq!(answer.scope, scopes("mcp:read"));
    let forger = Signer::ed25519("k");
    assert!(as_robot(&named, &forger, "2").await.is_err());
    let unproven = [("grant_type", "client_credentials"), ("client_id", ROBOT)];
    assert_eq!(
        refused(&named, &unproven).await.code(),
        OAuthErrorCode::InvalidClient
    );
    assert_eq!(shelf.fetched(), 1);
}

#[tokio::test]
async fn a_document_without_a_key_makes_no_service() {
    let signer = Signer::ed25519("k");
    let shelf = Shelf::new();
    shelf.serve(ROBOT, &document("none", &signer));
    let world = documented(&shelf, vec![rule(ROBOT, NOTES, "mcp:read")]).await;
    let error = as_robot(&world, &signer, "1").await.unwrap_err();
    let TokenError::Client(AuthenticateError::Document { cause, .. }) = &error else {
        panic!("{error:?}");
    };
    assert!(matches!(**cause, DocumentRefusal::Invalid(..)), "{error}");
}

#[tokio::test]
async fn a_service_that_registers_itself_gets_nothing_before_the_operator_names_it() {
    let world = world().await;
    let body = br#"{"grant_types":["client_credentials"],"token_endpoint_auth_method":"client_secret_post"}"#;
    let register = || world.broker.register(ClientAddress::default(), None, body);
    let registered = register().await.unwrap();
    assert!(registered.metadata.redirect_uris.is_empty());
    assert!(registered.metadata.response_types.is_empty());
    assert_eq!(registered.metadata.grant_types, [GrantType::ClientCredentials]);
    let id = registered.client_id.clone();
    let secret = registered.client_secret.unwrap();
    let pairs = [
        ("grant_type", "client_credentials"),
        ("client_id", id.as_str()),
        ("client_secret", &secret),
    ];
    assert!(matches!(
        refused(&world, &pairs).await,
        TokenError::ClientNotLetIn
    ));
    let replica = world
        .replica_with(crate::fixture::secrets("one", &[]), |settings| {
            with_services(settings);
            settings
                .grants
                .client_credentials
                .push(rule(id.as_str(), NOTES, "mcp:read"));
        })
        .await;
    assert_eq!(granted(&replica, &pairs).await.scope, scopes("mcp:read"));
}
