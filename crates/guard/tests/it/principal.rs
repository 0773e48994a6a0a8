//! What a handler learns about its caller.

use axum::body::Body;
use axum::routing::get;
use axum::{Json, Router};
use http::{Request, StatusCode};
use serde_json::{Value, json};
use tower::ServiceExt;
use vestibule_guard::Principal;

use crate::support::{Answer, House, RESOURCE, scopes};

async fn describe(caller: Principal) -> Json<Value> {
    Json(json!({
        "subject": caller.subject(),
        "client": caller.client_id(),
        "scopes": caller.scopes(),
        "reads": caller.has_scope("mcp:read"),
        "writes": caller.has_scope("mcp:write"),
        "session": caller.session_id(),
        "provider": caller.provider(),
        "resource": caller.resource(),
        "jti": caller.claims().jti,
    }))
}

#[tokio::test]
async fn a_handler_gets_a_typed_caller() {
    let house = House::new();
    let app = Router::new()
        .route("/who", get(describe))
        .layer(house.guard.require(scopes("")));
    let token = house.auth.sign(&house.auth.token());
    let request = Request::get("/who").header("authorization", format!("Bearer {token}"));
    let response = app.oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    assert_eq!(
        Answer::read(response).await.body,
        json!({
            "subject": "local:alice",
            "client": "client-1",
            "scopes": "mcp:read",
            "reads": true,
            "writes": false,
            "session": "session-1",
            "provider": "local",
            "resource": RESOURCE,
            "jti": "token-1",
        })
    );
}

#[tokio::test]
async fn a_handler_that_is_not_behind_the_guard_fails_closed() {
    let app = Router::new().route("/who", get(describe));
    let request = Request::get("/who").header("authorization", "Bearer anything");
    let response = app.oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
}

#[tokio::test]
async fn a_caller_prints_no_more_than_a_log_may_hold() {
    let house = House::new();
    let token = house.auth.sign(&house.auth.token());
    let caller = house.guard.authenticate(&token).await.unwrap();
    let printed = format!("{caller:?}");
    assert!(printed.contains("local:alice"));
    assert!(!printed.contains("token-1") && !printed.contains("session-1"));
}
