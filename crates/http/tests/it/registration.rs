use axum::body::Body;
use http::{Method, Request, StatusCode};
use serde_json::{Value, json};

use crate::world::{Answer, World};

async fn register(world: &World, metadata: &Value) -> Answer {
    world
        .post("/oauth/register", "application/json", metadata.to_string())
        .await
}

fn manage(method: Method, registration: &Value, token: &str, body: String) -> Request<Body> {
    let uri = registration["registration_client_uri"].as_str().unwrap();
    Request::builder()
        .method(method)
        .uri(uri.strip_prefix("http://localhost:3009").unwrap())
        .header("authorization", format!("Bearer {token}"))
        .header("content-type", "application/json")
        .body(Body::from(body))
        .unwrap()
}

#[tokio::test]
async fn a_dangerous_redirect_is_refused() {
    let world = World::new().await;
    let answer = register(&world, &json!({"redirect_uris": ["javascript:alert(1)"]})).await;
    assert_eq!(
        (answer.status, answer.error().as_str()),
        (StatusCode::BAD_REQUEST, "invalid_redirect_uri")
    );
    assert_eq!(answer.header("cache-control"), "no-store");
    insta::assert_snapshot!("error_invalid_redirect_uri", answer.body);
}

#[tokio::test]
async fn a_public_client_registers_once_however_often_it_asks() {
    let world = World::new().await;
    let metadata = json!({"redirect_uris": ["http://127.0.0.1/"], "token_endpoint_auth_method": "none"});
    let (one, two) = (
        register(&world, &metadata).await,
        register(&world, &metadata).await,
    );
    assert_eq!(one.status, StatusCode::CREATED);
    assert_eq!(one.header("cache-control"), "no-store");
    assert_eq!(one.json()["client_id"], two.json()["client_id"]);
}

#[tokio::test]
async fn a_confidential_client_manages_its_registration() {
    let world = World::new().await;
    let metadata = json!({
        "client_name": "Connector",
        "redirect_uris": ["https://app.example/callback"],
        "token_endpoint_auth_method": "client_secret_post",
    });
    let registration = register(&world, &metadata).await.json();
    let token = registration["registration_access_token"].as_str().unwrap();

    let wrong = world
        .ask(manage(Method::GET, &registration, "wrong", String::new()))
        .await;
    assert_eq!(
        (wrong.status, wrong.error().as_str()),
        (StatusCode::UNAUTHORIZED, "invalid_token")
    );
    assert!(
        wrong.header("www-authenticate").starts_with("Bearer "),
        "{wrong:?}"
    );

    let read = world
        .ask(manage(Method::GET, &registration, token, String::new()))
        .await;
    assert_eq!(
        (read.status, &read.json()["client_name"]),
        (StatusCode::OK, &json!("Connector"))
    );

    let renamed = json!({
        "client_id": registration["client_id"],
        "client_name": "Renamed",
        "redirect_uris": ["https://app.example/callback"],
        "token_endpoint_auth_method": "client_secret_post",
    });
    let token = read.json()["registration_access_token"]
        .as_str()
        .unwrap_or(token)
        .to_owned();
    let updated = world
        .ask(manage(Method::PUT, &registration, &token, renamed.to_string()))
        .await;
    assert_eq!(
        (updated.status, &updated.json()["client_name"]),
        (StatusCode::OK, &json!("Renamed"))
    );
    assert_eq!(updated.header("cache-control"), "no-store");

    let token = updated.json()["registration_access_token"]
        .as_str()
        .unwrap_or(&token)
        .to_owned();
    let deleted = world
        .ask(manage(Method::DELETE, &registration, &token, String::new()))
        .await;
    assert_eq!(
        (deleted.status, deleted.body.as_str()),
        (StatusCode::NO_CONTENT, "")
    );
    let gone = world
        .ask(manage(Method::GET, &registration, &token, String::new()))
        .await;
    assert_eq!(gone.status, StatusCode::UNAUTHORIZED);
}
