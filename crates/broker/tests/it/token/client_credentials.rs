//! Services that act for themselves.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use vestibule_broker::settings::{
    ClientKeySettings, ClientRule, LimitMode, Rule, RuleSettings, ScopeText, Settings, Source,
};
use vestibule_broker::{
    AuthenticateError, ClientAddress, DocumentRefusal, EndpointError as _, LimitRule, Operator,
    PolicyQuestion, ShownToken, TokenError,
};
use vestibule_jose::foreign::KeySet;
use vestibule_protocol::{
    AuthMethod, GrantType, IntrospectionResponse, OAuthErrorCode, Scope, Subject, TokenRequestError,
    TokenResponse,
};

use crate::fixture::{
    APP, FILES, ISSUER, NOTES, NOTES_SERVER, SECRET, WEB, World, basic, client_id, params, replaced,
    resource, scopes,
};
use crate::proof::{Prover, without_nonces};
use crate::shelf::{Shelf, Signer};

const KIND: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const ROBOT: &str = "https://robots.example/client.json";

fn rule(client: &str, target: &str, allowed: &str) -> ClientRule {
    ClientRule {
        client: client_id(client),
        resource: resource(target),
        scopes: scopes(allowed),
    }
}

/// [`WEB`] may read and write notes by itself.
fn with_services(settings: &mut Settings) {
    settings.grants.client_credentials = vec![rule(WEB, NOTES, "mcp:read mcp:write")];
    for client in &mut settings.clients {
        client.grant_types.push(GrantType::ClientCredentials);
    }
}

async fn world() -> World {
    World::with(with_services).await
}

fn as_web() -> Vec<(&'static str, &'static str)> {
    vec![
        ("grant_type", "client_credentials"),
        ("client_id", WEB),
        ("client_secret", SECRET),
        ("resource", NOTES),
    ]
}

async fn granted(world: &World, pairs: &[(&str, &str)]) -> TokenResponse {
    world.token(pairs).await.expect("a token")
}

async fn refused(world: &World, pairs: &[(&str, &str)]) -> TokenError {
    world.token(pairs).await.map(|answer| answer.scope).unwrap_err()
}

#[tokio::test]
async fn without_a_rule_the_grant_does_not_exist() {
    let world = World::with(|settings| {
        with_services(settings);
        settings.grants.client_credentials.clear();
    })
    .await;
    let error = refused(&world, &as_web()).await;
    assert!(matches!(
        error,
        TokenError::Request(TokenRequestError::UnsupportedGrantType(_))
    ));
    let metadata = world.broker.metadata();
    assert!(
        !metadata
            .grant_types_supported
            .contains(&GrantType::ClientCredentials)
    );
}

#[tokio::test]
async fn the_metadata_say_what_the_extension_asks() {
    let metadata = world().await.broker.metadata().clone();
    assert!(
        metadata
            .grant_types_supported
            .contains(&GrantType::ClientCredentials)
    );
    let methods = metadata.token_endpoint_auth_methods_supported;
    for method in [
        AuthMethod::PrivateKeyJwt,
        AuthMethod::ClientSecretBasic,
        AuthMethod::ClientSecretPost,
    ] {
        assert!(methods.contains(&method), "{method:?}");
    }
    assert!(
        !metadata
            .token_endpoint_auth_signing_alg_values_supported
            .is_empty()
    );
}

/// > The client credentials grant type MUST only be used by confidential clients. (RFC 6749 §4.4)
#[tokio::test]
async fn a_client_that_proves_nothing_is_refused_though_a_rule_names_it() {
    let world = World::with(|settings| {
        with_services(settings);
        settings
            .grants
            .client_credentials
            .push(rule(APP, NOTES, "mcp:read"));
    })
    .await;
    let public = [("grant_type", "client_credentials"), ("client_id", APP)];
    let error = refused(&world, &public).await;
    assert!(matches!(error, TokenError::GrantNotAllowed(_)), "{error}");
    assert_eq!(error.code(), OAuthErrorCode::UnauthorizedClient);
    for secret in ["", "another secret"] {
        let wrong = replaced(&as_web(), "client_secret", secret);
        assert_eq!(
            refused(&world, &wrong).await.code(),
            OAuthErrorCode::InvalidClient
        );
    }
}

#[tokio::test]
async fn a_client_without_the_grant_or_without_a_rule_is_refused() {
    let world = World::with(|settings| {
        with_services(settings);
        for client in &mut settings.clients {
            client
                .grant_types
                .retain(|grant| client.id.as_str() == NOTES_SERVER || *grant != GrantType::ClientCredentials);
        }
    })
    .await;
    let error = refused(&world, &as_web()).await;
    assert!(matches!(error, TokenError::GrantNotAllowed(_)), "{error}");
    let error = refused(&world, &replaced(&as_web(), "client_id", NOTES_SERVER)).await;
    assert!(matches!(error, TokenError::ClientNotLetIn), "{error}");
    assert_eq!(error.code(), OAuthErrorCode::UnauthorizedClient);
}

#[tokio::test]
async fn a_client_goes_nowhere_but_where_a_rule_lets_it() {
    let world = world().await;
    let elsewhere = replaced(&as_web(), "resource", FILES);
    let error = refused(&world, &elsewhere).await;
    assert!(matches!(error, TokenError::ClientNotLetInThere), "{error}");
    assert_eq!(error.code(), OAuthErrorCode::InvalidTarget);
    let unknown = replaced(&as_web(), "resource", "https://unknown.example/mcp");
    assert_eq!(
        refused(&world, &unknown).await.code(),
        OAuthErrorCode::InvalidTarget
    );
    let mut both = as_web();
    both.push(("resource", FILES));
    assert!(matches!(refused(&world, &both).await, TokenError::OneTarget));
}

#[tokio::test]
async fn scopes_are_those_of_the_rule_and_never_more() {
    let world = world().await;
    for (asked, given) in [
        ("mcp:read", "mcp:read"),
        ("mcp:read mcp:write mcp:admin", "mcp:read mcp:write"),
        ("mcp:write files:read", "mcp:write"),
        ("mcp:read offline_access", "mcp:read"),
    ] {
        let answer = granted(&world, &replaced(&as_web(), "scope", asked)).await;
        assert_eq!(answer.scope, scopes(given), "{asked}");
        assert_eq!(world.read(&answer.access_token).await.scope, scopes(given));
    }
    assert_eq!(
        granted(&world, &as_web()).await.scope,
        scopes("mcp:read mcp:write")
    );
    for nothing in ["mcp:admin", "files:read", "offline_access"] {
        let error = refused(&world, &replaced(&as_web(), "scope", nothing)).await;
        assert_eq!(error.code(), OAuthErrorCode::InvalidScope, "{nothing}");
    }
}

#[tokio::test]
async fn scopes_about_a_user_are_refused() {
    let world = world().await;
    for asked in ["openid", "openid mcp:read", "profile mcp:read", "mcp:read email"] {
        let error = refused(&world, &replaced(&as_web(), "scope", asked)).await;
        assert!(matches!(error, TokenError::NoUser), "{asked}: {error}");
        assert_eq!(error.code(), OAuthErrorCode::InvalidScope);
    }
}

#[tokio::test]
async fn the_clients_own_scopes_and_the_servers_hierarchy_count() {
    let world = World::with(|settings| {
        with_services(settings);
        settings.grants.client_credentials = vec![rule(WEB, NOTES, "mcp:write")];
        let mut notes = settings.resources.find(&resource(NOTES)).unwrap().clone();
        let write = |known: &&mut ScopeText| known.scope.as_str() == "mcp:write";
        notes.scopes.iter_mut().find(write).unwrap().implies = scopes("mcp:read");
        settings.resources = vestibule_broker::settings::Resources::new(vec![notes], None);
        let web = |client: &&mut vestibule_broker::settings::ConfiguredClient| client.id.as_str() == WEB;
        settings.clients.iter_mut().find(web).unwrap().scopes = Some(scopes("mcp:read"));
    })
    .await;
    let answer = granted(&world, &replaced(&as_web(), "scope", "mcp:write")).await;
    assert_eq!(answer.scope, scopes("mcp:read"));
}

/// > A refresh token SHOULD NOT be included. (RFC 6749 §4.4.3)
#[tokio::test]
async fn there_is_one_access_token_and_neither_a_refresh_nor_an_id_token() {
    let world = world().await;
    let answer = granted(&world, &replaced(&as_web(), "scope", "mcp:read offline_access")).await;
    assert!(answer.refresh_token.is_none() && answer.id_token.is_none());
    let session = world.session_of(&answer).await.expect("a session");
    assert!(!session.refreshable);
    world.advance(Duration::from_secs(3600));
    assert!(world.session_of(&answer).await.is_none());
}

/// > the authorization server […] MUST prevent this by ensuring that client identifiers and resource owner subjects cannot collide
///
/// in the sense of RFC 9068 §5 and RFC 9700 §4.15.
#[tokio::test]
async fn a_clients_subject_is_never_a_users() {
    let taken = "local:alice";
    let world = World::with(|settings| {
        with_services(settings);
        let web = |client: &&mut vestibule_broker::settings::ConfiguredClient| client.id.as_str() == WEB;
        settings.clients.iter_mut().find(web).unwrap().id = client_id(taken);
        settings.grants.client_credentials = vec![rule(taken, NOTES, "mcp:read")];
    })
    .await;
    let users = world.tokens().await;
    let answer = granted(&world, &replaced(&as_web(), "client_id", taken)).await;
    let claims = world.read(&answer.access_token).await;
    assert_eq!(world.read(&users.access_token).await.sub.as_str(), taken);
    assert_eq!(claims.sub.as_str(), "client:local:alice");
    assert_eq!(claims.client_id.as_str(), taken);
    assert_eq!(claims.idp.as_str(), "client");
    assert!(claims.sub.is_client());
    let alices = Subject::parse(taken).unwrap();
    let filter = vestibule_broker::SessionFilter {
        user: Some(alices),
        ..vestibule_broker::SessionFilter::default()
    };
    let page = vestibule_broker::store::PageRequest {
        after: None,
        size: vestibule_broker::store::PageSize::nearest(10),
    };
    let by = Operator::of_account(0);
    let listed = world.broker.list_sessions(&by, &filter, &page).await;
    let listed = listed.unwrap().expect("a page").records;
    assert_eq!(listed.len(), 1, "{listed:?}");
}

#[tokio::test]
async fn a_token_says_whose_it_is_and_for_whom() {
    let world = world().await;
    let answer = granted(&world, &as_web()).await;
    let claims = world.read(&answer.access_token).await;
    assert_eq!(
        (claims.sub.as_str(), claims.client_id.as_str()),
        ("client:web", WEB)
    );
    assert!(claims.aud.contains(NOTES) && !claims.aud.contains(FILES));
    assert!(claims.act.is_none());
    let IntrospectionResponse::Active(active) = world.introspect_as(NOTES_SERVER, &answer.access_token).await
    else {
        panic!("the token is good");
    };
    assert_eq!(active.sub.as_str(), "client:web");
    assert_eq!(active.username, None);
}

#[tokio::test]
async fn userinfo_has_nothing_to_say_about_a_client() {
    let world = world().await;
    let answer = granted(&world, &as_web()).await;
    let error = world
        .broker
        .userinfo(ShownToken::Bearer(&answer.access_token))
        .await
        .unwrap_err();
    assert_eq!(error.code(), OAuthErrorCode::InsufficientScope, "{error}");
}

#[tokio::test]
async fn a_token_is_revoked_by_its_client_and_by_operators() {
    let world = world().await;
    let by = Operator::of_account(0);
    let answer = granted(&world, &as_web()).await;
    let other = granted(&world, &as_web()).await;
    let revoke = params(&[
        ("token", &answer.access_token),
        ("client_id", WEB),
        ("client_secret", SECRET),
    ]);
    world.broker.revoke(None, &revoke).await.unwrap();
    assert!(world.is_revoked(&answer).await && !world.is_revoked(&other).await);
    assert!(!world.is_active(&answer.access_token).await && world.is_active(&other.access_token).await);
    let sid = world.read(&other.access_token).await.sid;
    assert!(world.broker.end_session_as(&by, &sid).await.unwrap());
    assert!(world.is_revoked(&other).await);
}

#[tokio::test]
async fn a_secret_in_the_header_and_a_key_are_as_good_as_a_secret_in_the_body() {
    let world = world().await;
    let asked = params(&[("grant_type", "client_credentials"), ("resource", NOTES)]);
    let by_header = world.broker.token(Some(&basic(WEB, SECRET)), None, &asked).await;
    assert!(by_header.is_ok(), "{by_header:?}");

    let signer = Signer::p256("k");
    let keyed = World::with(|settings| {
        with_services(settings);
        let web = |client: &&mut vestibule_broker::settings::ConfiguredClient| client.id.as_str() == WEB;
        let web = settings.clients.iter_mut().find(web).unwrap();
        web.secret = None;
        web.auth_method = AuthMethod::PrivateKeyJwt;
        web.keys = Some(ClientKeySettings::Here(KeySet::of(&[signer.jwk()])));
    })
    .await;
    let claims = |jti: &str| {
        let now = keyed.now().as_secs();
        json!({"iss": WEB, "sub": WEB, "aud": ISSUER, "iat": now, "exp": now + 60, "jti": jti})
    };
    let assertion = signer.sign(&signer.header(), &claims("1"));
    let pairs = [
        ("grant_type", "client_credentials"),
        ("resource", NOTES),
        ("client_assertion_type", KIND),
        ("client_assertion", assertion.as_str()),
    ];
    let answer = granted(&keyed, &pairs).await;
    assert_eq!(keyed.read(&answer.access_token).await.sub.as_str(), "client:web");
    assert_eq!(
        refused(&keyed, &pairs).await.code(),
        OAuthErrorCode::InvalidClient,
        "it is good once"
    );
}

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

#[tokio::test]
async fn a_client_is_issued_no_more_than_its_share() {
    let world = World::with(|settings| {
        with_services(settings);
        settings
            .grants
            .client_credentials
            .push(rule(NOTES_SERVER, NOTES, "mcp:read"));
        let issuance = settings.limits.rule_mut(LimitRule::Issuance);
        *issuance = RuleSettings {
            quota: vestibule_broker::store::Quota {
                burst: 2,
                per: Duration::from_secs(60),
            },
            mode: LimitMode::Enforce,
            ..*issuance
        };
    })
    .await;
    granted(&world, &as_web()).await;
    granted(&world, &as_web()).await;
    let error = refused(&world, &as_web()).await;
    assert_eq!(error.status(), 429, "{error}");
    granted(&world, &replaced(&as_web(), "client_id", NOTES_SERVER)).await;
}

/// Rules for users are no rules for clients, not even those that every user fits.
#[tokio::test]
async fn policy_for_users_gives_a_client_nothing() {
    let world = World::with(|settings| {
        with_services(settings);
        settings.policy.rules.push(Rule {
            scopes: scopes("mcp:admin files:read"),
            ..Rule::default()
        });
    })
    .await;
    assert_eq!(
        granted(&world, &as_web()).await.scope,
        scopes("mcp:read mcp:write")
    );
    let question = |user: &str, resource_uri: &str| PolicyQuestion {
        user: Subject::parse(user).unwrap(),
        email: None,
        groups: None,
        roles: None,
        client: client_id(WEB),
        resource: Some(resource(resource_uri)),
        scopes: Some(
            [
                Scope::parse("mcp:write").unwrap(),
                Scope::parse("mcp:admin").unwrap(),
            ]
            .into_iter()
            .collect(),
        ),
    };
    let by = Operator::of_account(0);
    for (user, given) in [("client:web", true), ("client:another", false)] {
        let question = question(user, NOTES);
        let known = world.broker.known_user(&by, &question).await.unwrap().unwrap();
        let answers = world.broker.explain_policy(&known, &question);
        let write = answers
            .iter()
            .find(|answer| answer.scope.as_str() == "mcp:write")
            .unwrap();
        assert_eq!(write.is_given(), given, "{user}");
        if given {
            assert_eq!(write.explanation.given[0].source, Source::ClientRule(1));
        }
        let admin = answers
            .iter()
            .find(|answer| answer.scope.as_str() == "mcp:admin")
            .unwrap();
        assert!(!admin.is_given(), "{user}");
    }
}

/// A server that was called by a service, and calls another for it, reaches no further than the service itself.
#[tokio::test]
async fn an_exchange_takes_a_client_nowhere_that_it_may_not_go_by_itself() {
    const EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
    let exchanging = |settings: &mut Settings| {
        with_services(settings);
        settings.grants.token_exchange = vec![rule(NOTES_SERVER, FILES, "files:read")];
        let server =
            |client: &&mut vestibule_broker::settings::ConfiguredClient| client.id.as_str() == NOTES_SERVER;
        let server = settings.clients.iter_mut().find(server).unwrap();
        server.grant_types.push(GrantType::TokenExchange);
    };
    for (may_go_there, expected) in [(false, None), (true, Some(scopes("files:read")))] {
        let world = World::with(|settings| {
            exchanging(settings);
            if may_go_there {
                settings
                    .grants
                    .client_credentials
                    .push(rule(WEB, FILES, "files:read"));
            }
        })
        .await;
        let token = granted(&world, &as_web()).await.access_token;
        let exchange = [
            ("grant_type", EXCHANGE),
            ("client_id", NOTES_SERVER),
            ("client_secret", SECRET),
            ("subject_token", token.as_str()),
            (
                "subject_token_type",
                "urn:ietf:params:oauth:token-type:access_token",
            ),
            ("resource", FILES),
        ];
        let answer = world.token(&exchange).await.map(|answer| answer.scope).ok();
        assert_eq!(answer, expected);
    }
}

#[tokio::test]
async fn a_service_that_proves_a_key_gets_a_token_for_it() {
    let world = World::with(|settings| {
        with_services(settings);
        without_nonces(settings);
    })
    .await;
    let prover = Prover::new();
    let answer = prover.ask(&world, &as_web()).await.expect("a token");
    assert_eq!(answer.token_type, "DPoP");
    let cnf = world.read(&answer.access_token).await.cnf.unwrap();
    assert_eq!(cnf.jkt, prover.jkt(&world));
    assert!(answer.refresh_token.is_none());
}

/// A scope of the same name at another server is another scope.
#[tokio::test]
async fn a_rule_for_one_server_says_nothing_of_another_with_the_same_scopes() {
    let world = World::with(|settings| {
        with_services(settings);
        let notes = settings.resources.find(&resource(NOTES)).unwrap().clone();
        let mut twin = notes.clone();
        twin.uri = resource(FILES);
        settings.resources = vestibule_broker::settings::Resources::new(vec![notes, twin], None);
    })
    .await;
    let error = refused(&world, &replaced(&as_web(), "resource", FILES)).await;
    assert!(matches!(error, TokenError::ClientNotLetInThere), "{error}");
}
