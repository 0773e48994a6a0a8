use std::sync::Arc;

use serde_json::{Value, json};
use tokio::task::JoinSet;
use vestibule_broker::store::Clients as _;
use vestibule_broker::{ClientAddress, ClientOrigin, EndpointError as _, RegisterError};
use vestibule_protocol::{AuthMethod, GrantType, OAuthErrorCode, RegistrationResponse, Secret};

use crate::fixture::{World, params, redirect};

async fn register(world: &World, metadata: &Value) -> Result<RegistrationResponse, RegisterError> {
    world
        .broker
        .register(ClientAddress::default(), None, metadata.to_string().as_bytes())
        .await
}

fn public(redirect_uri: &str) -> Value {
    json!({
        "client_name": "App",
        "redirect_uris": [redirect_uri],
        "grant_types": ["authorization_code", "refresh_token"],
        "token_endpoint_auth_method": "none",
    })
}

#[tokio::test]
async fn a_closed_door_is_closed() {
    let world = World::with(|settings| settings.registration.enabled = false).await;
    let refused = register(&world, &public("https://app.example/cb"))
        .await
        .expect_err("a refusal");
    assert!(matches!(refused, RegisterError::Closed));
    assert_eq!(refused.status(), 403);
}

#[tokio::test]
async fn an_initial_access_token_is_asked_for_where_the_operator_wants_one() {
    let world =
        World::with(|settings| settings.registration.initial_access_token = Some(Secret::new("let me in")))
            .await;
    let body = public("https://app.example/cb").to_string();
    for (token, let_in) in [
        (None, false),
        (Some("let me out"), false),
        (Some("let me in"), true),
    ] {
        let result = world
            .broker
            .register(ClientAddress::default(), token, body.as_bytes())
            .await;
        match result {
            Ok(_) => assert!(let_in),
            Err(refused) => {
                assert!(!let_in);
                assert_eq!(
                    (refused.code(), refused.status()),
                    (OAuthErrorCode::InvalidToken, 401)
                );
            }
        }
    }
}

#[tokio::test]
async fn what_is_no_metadata_is_refused() {
    let world = World::new().await;
    let refused = world
        .broker
        .register(ClientAddress::default(), None, b"redirect_uris=x")
        .await
        .expect_err("a refusal");
    assert_eq!(
        (refused.code(), refused.status()),
        (OAuthErrorCode::InvalidClientMetadata, 400)
    );
}

#[tokio::test]
async fn a_dangerous_redirect_uri_is_refused() {
    let world = World::new().await;
    for uri in ["javascript:alert(1)", "data:text/html,x", "http://app.example/cb"] {
        let refused = register(&world, &public(uri)).await.expect_err(uri);
        assert_eq!(refused.code(), OAuthErrorCode::InvalidRedirectUri, "{uri}");
    }
}

#[tokio::test]
async fn a_blocked_client_does_not_get_back_in_by_registering() {
    let world = World::new().await;
    let client = register(&world, &public("https://app.example/cb"))
        .await
        .expect("a client");
    world
        .store
        .block_client(&client.client_id, true, world.now())
        .await
        .unwrap();
    let refused = register(&world, &public("https://app.example/cb"))
        .await
        .expect_err("a refusal");
    assert!(matches!(refused, RegisterError::Blocked));
}

#[tokio::test]
async fn the_same_public_metadata_are_one_client_whatever_the_loopback_port() {
    let world = World::new().await;
    let first = register(&world, &public("http://127.0.0.1:4000/cb"))
        .await
        .expect("a client");
    world.advance(std::time::Duration::from_secs(60));
    let again = register(&world, &public("http://127.0.0.1:5000/cb"))
        .await
        .expect("a client");
    assert_eq!(again.client_id, first.client_id);
    assert_eq!(again.client_id_issued_at, first.client_id_issued_at);
    // A client looks for its own redirect URI in the answer.
    assert_eq!(
        again.metadata.redirect_uris,
        [redirect("http://127.0.0.1:5000/cb")]
    );
    let other = register(&world, &public("http://localhost:4000/cb"))
        .await
        .expect("a client");
    assert_ne!(other.client_id, first.client_id);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_64_registrations_at_once_there_is_one_client() {
    let world = Arc::new(World::new().await);
    let mut callers = JoinSet::new();
    for port in 0..64 {
        let world = world.clone();
        let metadata = public(&format!("http://127.0.0.1:{}/cb", 5000 + port));
        callers.spawn(async move { register(&world, &metadata).await.expect("a client").client_id });
    }
    let ids: std::collections::BTreeSet<_> = callers.join_all().await.into_iter().collect();
    assert_eq!(ids.len(), 1);
}

#[tokio::test]
async fn a_public_client_gets_neither_a_secret_nor_a_registration_token() {
    let world = World::new().await;
    let client = register(&world, &public("cursor://anysphere.cursor-mcp/oauth/callback"))
        .await
        .expect("a client");
    assert!(client.client_secret.is_none());
    assert!(client.client_secret_expires_at.is_none());
    assert!(client.registration_access_token.is_none());
    assert_eq!(client.metadata.token_endpoint_auth_method, AuthMethod::None);
    let found = world
        .broker
        .find_client(&client.client_id)
        .await
        .unwrap()
        .expect("a client");
    assert_eq!(found.origin(), ClientOrigin::Registered);
    assert!(found.allows_grant(GrantType::RefreshToken));
}

#[tokio::test]
async fn a_confidential_client_is_a_new_one_each_time() {
    let world = World::new().await;
    let mut metadata = public("https://app.example/cb");
    metadata["token_endpoint_auth_method"] = json!("client_secret_post");
    let one = register(&world, &metadata).await.expect("a client");
    let other = register(&world, &metadata).await.expect("a client");
    assert_ne!(one.client_id, other.client_id);
    assert_ne!(one.client_secret, other.client_secret);
    assert_eq!(one.client_secret_expires_at, Some(0));
    let uri = format!("https://auth.example/oauth/register/{}", one.client_id);
    assert_eq!(one.registration_client_uri, Some(uri));
    assert!(one.registration_access_token.is_some());
}

#[tokio::test]
async fn the_store_holds_no_secret_in_clear() {
    let world = World::new().await;
    let mut metadata = public("https://app.example/cb");
    metadata["token_endpoint_auth_method"] = json!("client_secret_basic");
    let client = register(&world, &metadata).await.expect("a client");
    let record = world
        .store
        .find_client(&client.client_id, world.now())
        .await
        .unwrap()
        .expect("a record");
    let stored = serde_json::to_string(&record).unwrap();
    assert!(!stored.contains(client.client_secret.as_deref().unwrap()));
    assert!(!stored.contains(client.registration_access_token.as_deref().unwrap()));
}

#[tokio::test]
async fn a_host_that_wants_a_secret_for_a_public_client_gets_one() {
    let world = World::with(|settings| {
        settings.registration.secret_for_hosts = vec!["www.perplexity.example".to_owned()];
    })
    .await;
    let client = register(&world, &public("https://www.perplexity.example/cb"))
        .await
        .expect("a client");
    let secret = client.client_secret.expect("a secret");
    let id = client.client_id.as_str();
    let refresh = |secret: &[(&'static str, &str)]| {
        let mut pairs = vec![
            ("grant_type", "refresh_token"),
            ("refresh_token", "x"),
            ("client_id", id),
        ];
        pairs.extend_from_slice(secret);
        params(&pairs)
    };
    // It may show its secret or leave it out; a wrong one is wrong.
    for (shown, code) in [
        (vec![], OAuthErrorCode::InvalidGrant),
        (
            vec![("client_secret", secret.as_str())],
            OAuthErrorCode::InvalidGrant,
        ),
        (vec![("client_secret", "wrong")], OAuthErrorCode::InvalidClient),
    ] {
        let refused = world
            .broker
            .token(None, None, &refresh(&shown))
            .await
            .expect_err("a refusal");
        assert_eq!(refused.code(), code);
    }
    let other = register(&world, &public("https://elsewhere.example/cb"))
        .await
        .expect("a client");
    assert!(other.client_secret.is_none());
}

#[tokio::test]
async fn the_registrations_of_real_clients_are_accepted_as_they_stand() {
    let world = World::new().await;
    let cursor = json!({
        "client_name": "Cursor",
        "redirect_uris": [
            "cursor://anysphere.cursor-mcp/oauth/callback",
            "https://www.cursor.com/agents/mcp/oauth/callback",
            "http://localhost:8787/callback",
        ],
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "token_endpoint_auth_method": "none",
        "application_type": "web",
    });
    let code = json!({
        "client_name": "Visual Studio Code",
        "client_uri": "https://code.visualstudio.com",
        "grant_types": [
            "authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:device_code",
        ],
        "response_types": ["code"],
        "redirect_uris": [
            "https://insiders.vscode.dev/redirect",
            "https://vscode.dev/redirect",
            "http://127.0.0.1/",
            "http://127.0.0.1:33418/",
        ],
        "token_endpoint_auth_method": "none",
        "application_type": "native",
    });
    for metadata in [cursor, code] {
        let client = register(&world, &metadata).await.expect("a client");
        let uris = metadata["redirect_uris"].as_array().unwrap();
        assert_eq!(client.metadata.redirect_uris.len(), uris.len());
    }
}

#[tokio::test]
async fn a_grant_that_is_switched_off_is_left_out_of_the_registration() {
    let metadata = json!({
        "redirect_uris": ["http://127.0.0.1/cb"],
        "grant_types": ["authorization_code", "urn:ietf:params:oauth:grant-type:device_code"],
        "token_endpoint_auth_method": "none",
    });
    let off = World::new().await;
    let answer = register(&off, &metadata).await.unwrap();
    assert_eq!(answer.metadata.grant_types, [GrantType::AuthorizationCode]);
    let on = World::with(|settings| {
        settings.grants.device_code = Some(vestibule_broker::settings::DeviceCodeSettings::default());
    })
    .await;
    let answer = register(&on, &metadata).await.unwrap();
    assert_eq!(
        answer.metadata.grant_types,
        [GrantType::AuthorizationCode, GrantType::DeviceCode]
    );
}
