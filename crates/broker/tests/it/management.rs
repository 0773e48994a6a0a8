use serde_json::{Value, json};
use vestibule_broker::store::Clients as _;
use vestibule_broker::{ClientAddress, EndpointError as _, ManageError};
use vestibule_protocol::{AuthMethod, OAuthErrorCode, RegistrationResponse};

use crate::fixture::{CALLBACK, VERIFIER, World, redirect};

fn metadata() -> Value {
    json!({
        "client_name": "App",
        "redirect_uris": [CALLBACK],
        "grant_types": ["authorization_code", "refresh_token"],
        "token_endpoint_auth_method": "client_secret_basic",
    })
}

async fn registered(world: &World) -> RegistrationResponse {
    world
        .broker
        .register(ClientAddress::default(), None, metadata().to_string().as_bytes())
        .await
        .expect("a client")
}

fn update(client: &RegistrationResponse, change: impl FnOnce(&mut Value)) -> Vec<u8> {
    let mut body = metadata();
    body["client_id"] = json!(client.client_id);
    change(&mut body);
    body.to_string().into_bytes()
}

#[tokio::test]
async fn without_its_own_token_a_registration_is_out_of_reach() {
    let world = World::new().await;
    let (mine, other) = (registered(&world).await, registered(&world).await);
    let id = mine.client_id.as_str();
    for token in [
        None,
        Some("wrong"),
        other.registration_access_token.as_deref(),
        mine.client_secret.as_deref(),
    ] {
        let read = world.broker.read_registration(id, token).await.map(|_| ());
        let updated = world
            .broker
            .update_registration(id, token, &update(&mine, |_| {}))
            .await
            .map(|_| ());
        let deleted = world.broker.delete_registration(id, token).await;
        for result in [read, updated, deleted] {
            let refused = result.expect_err("a refusal");
            assert!(matches!(refused, ManageError::Unauthorized));
            assert_eq!(
                (refused.code(), refused.status()),
                (OAuthErrorCode::InvalidToken, 401)
            );
        }
    }
}

#[tokio::test]
async fn an_unknown_client_looks_like_a_wrong_token() {
    let world = World::new().await;
    let token = registered(&world).await.registration_access_token;
    let refused = world
        .broker
        .read_registration("nobody", token.as_deref())
        .await
        .expect_err("a refusal");
    assert!(matches!(refused, ManageError::Unauthorized));
}

#[tokio::test]
async fn the_record_of_a_public_client_is_nobodys_to_manage() {
    let world = World::new().await;
    let body = br#"{"redirect_uris":["https://app.example/cb"],"token_endpoint_auth_method":"none"}"#;
    let client = world
        .broker
        .register(ClientAddress::default(), None, body)
        .await
        .expect("a client");
    let refused = world
        .broker
        .read_registration(client.client_id.as_str(), Some(""))
        .await
        .expect_err("a refusal");
    assert!(matches!(refused, ManageError::Unauthorized));
}

#[tokio::test]
async fn an_update_has_to_name_the_client() {
    let world = World::new().await;
    let client = registered(&world).await;
    let token = client.registration_access_token.as_deref();
    for id in [json!(null), json!("another")] {
        let body = update(&client, |body| body["client_id"] = id);
        let refused = world
            .broker
            .update_registration(client.client_id.as_str(), token, &body)
            .await;
        assert!(matches!(refused, Err(ManageError::IdMismatch)));
    }
}

#[tokio::test]
async fn an_update_cannot_choose_the_secret() {
    let world = World::new().await;
    let client = registered(&world).await;
    let token = client.registration_access_token.as_deref();
    let body = update(&client, |body| body["client_secret"] = json!("my own"));
    let refused = world
        .broker
        .update_registration(client.client_id.as_str(), token, &body)
        .await;
    assert!(matches!(refused, Err(ManageError::SecretMismatch)));
}

#[tokio::test]
async fn an_update_cannot_drop_the_secret() {
    let world = World::new().await;
    let client = registered(&world).await;
    let token = client.registration_access_token.as_deref();
    let body = update(&client, |body| body["token_endpoint_auth_method"] = json!("none"));
    let refused = world
        .broker
        .update_registration(client.client_id.as_str(), token, &body)
        .await;
    assert!(matches!(refused, Err(ManageError::MethodChanged)));
}

#[tokio::test]
async fn an_update_is_judged_like_a_registration() {
    let world = World::new().await;
    let client = registered(&world).await;
    let token = client.registration_access_token.as_deref();
    let body = update(&client, |body| {
        body["redirect_uris"] = json!(["javascript:alert(1)"]);
    });
    let refused = world
        .broker
        .update_registration(client.client_id.as_str(), token, &body)
        .await
        .expect_err("a refusal");
    assert_eq!(refused.code(), OAuthErrorCode::InvalidRedirectUri);
}

#[tokio::test]
async fn a_client_reads_its_registration_without_the_secret() {
    let world = World::new().await;
    let client = registered(&world).await;
    let token = client.registration_access_token.as_deref();
    let read = world
        .broker
        .read_registration(client.client_id.as_str(), token)
        .await
        .expect("an answer");
    assert_eq!(read.client_id, client.client_id);
    assert_eq!(read.client_id_issued_at, client.client_id_issued_at);
    assert_eq!(read.metadata, client.metadata);
    assert_eq!(read.registration_access_token, client.registration_access_token);
    assert_eq!(read.registration_client_uri, client.registration_client_uri);
    assert!(read.client_secret.is_none());
}

#[tokio::test]
async fn an_update_replaces_the_metadata_and_keeps_the_secret() {
    let world = World::new().await;
    let client = registered(&world).await;
    let token = client.registration_access_token.as_deref();
    let body = update(&client, |body| {
        body["redirect_uris"] = json!(["https://new.example/cb"]);
        body["token_endpoint_auth_method"] = json!("client_secret_post");
        body["client_secret"] = json!(client.client_secret);
        body.as_object_mut().unwrap().remove("client_name");
    });
    let id = client.client_id.as_str();
    let before = world
        .store
        .find_client(&client.client_id, world.now())
        .await
        .unwrap()
        .unwrap();
    let updated = world
        .broker
        .update_registration(id, token, &body)
        .await
        .expect("an answer");
    assert_eq!(
        updated.metadata.redirect_uris,
        [redirect("https://new.example/cb")]
    );
    assert_eq!(
        updated.metadata.token_endpoint_auth_method,
        AuthMethod::ClientSecretPost
    );
    assert_eq!(updated.metadata.client_name, None);
    let after = world
        .store
        .find_client(&client.client_id, world.now())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(after.metadata, updated.metadata);
    assert_eq!(after.secret, before.secret);
}

#[tokio::test]
async fn withdrawing_a_registration_ends_its_sessions() {
    let world = World::new().await;
    let client = registered(&world).await;
    let code = world
        .issue_code(|grant| grant.client_id = client.client_id.clone())
        .await;
    let secret = client.client_secret.as_deref().unwrap();
    let request = [
        ("grant_type", "authorization_code"),
        ("code", &code),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
        ("client_id", client.client_id.as_str()),
        ("client_secret", secret),
    ];
    let tokens = world.token(&request).await.expect("tokens");
    let bystander = world.tokens().await;

    let token = client.registration_access_token.as_deref();
    world
        .broker
        .delete_registration(client.client_id.as_str(), token)
        .await
        .expect("204");
    assert!(
        world
            .broker
            .find_client(&client.client_id)
            .await
            .unwrap()
            .is_none()
    );
    assert!(world.is_revoked(&tokens).await);
    assert!(!world.is_revoked(&bystander).await);
}
