//! Which call needs which scopes.

use axum::Router;
use axum::body::Body;
use axum::routing::get;
use http::header::AUTHORIZATION;
use http::{Request, StatusCode};
use serde_json::json;
use tower::ServiceExt;
use vestibule_guard::{Principal, ToolAccess};
use vestibule_protocol::OAuthErrorCode;

use crate::support::{Answer, House, METADATA, post, scopes};

#[track_caller]
fn assert_needs(answer: &Answer, wanted: &str) {
    assert_eq!(answer.status, StatusCode::FORBIDDEN, "{answer:?}");
    let challenge = answer.challenge();
    assert_eq!(challenge.error, Some(OAuthErrorCode::InsufficientScope));
    assert_eq!(challenge.scope, Some(scopes(wanted)));
    assert_eq!(challenge.resource_metadata.as_deref(), Some(METADATA));
}

#[tokio::test]
async fn a_tool_beyond_the_scopes_of_the_token_is_forbidden() {
    let house = House::new();
    let token = house.auth.token().scope("mcp:read");
    // What the token has is named as well: a client that asks for these scopes alone must not lose the others.
    assert_needs(&house.call_as("write_data", &token).await, "mcp:read mcp:write");
}

#[tokio::test]
async fn a_tool_within_the_scopes_of_the_token_is_called() {
    let house = House::new();
    let token = house.auth.token().scope("mcp:write");
    house.call_as("write_data", &token).await.assert_admitted();
}

#[tokio::test]
async fn a_tool_without_a_rule_needs_no_scope() {
    let house = House::new();
    let token = house.auth.token().scope("");
    house.call_as("get_user_profile", &token).await.assert_admitted();
}

#[tokio::test]
async fn a_method_can_need_scopes_too() {
    let house = House::new();
    let token = house.auth.sign(&house.auth.token().scope("mcp:write"));
    let read = json!({ "jsonrpc": "2.0", "id": 1, "method": "resources/read", "params": { "uri": "user://profile" } });
    assert_needs(
        &house.send(post(Some(&token), read.to_string())).await,
        "mcp:read mcp:write",
    );
}

#[tokio::test]
async fn all_that_a_batch_needs_is_in_one_challenge() {
    let house = House::new();
    let token = house.auth.sign(&house.auth.token().scope("mcp:read"));
    let batch = json!([
        { "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": { "name": "write_data" } },
        { "jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": { "name": "admin_operation" } },
    ]);
    let answer = house.send(post(Some(&token), batch.to_string())).await;
    assert_needs(&answer, "mcp:admin mcp:read mcp:write");
}

#[tokio::test]
async fn a_challenge_never_asks_for_offline_access() {
    let house = House::new();
    let token = house.auth.token().scope("openid offline_access");
    assert_needs(&house.call_as("write_data", &token).await, "mcp:write openid");
}

#[tokio::test]
async fn scopes_that_everything_needs_are_needed_by_every_call() {
    let house = House::built(|builder| builder.required_scopes(scopes("mcp:read")));
    let token = house.auth.token().scope("mcp:write");
    let answer = house.call_as("get_user_profile", &token).await;
    assert_needs(&answer, "mcp:read mcp:write");
}

#[tokio::test]
async fn a_scope_is_compared_as_a_whole() {
    let house = House::new();
    for scope in ["mcp:write2", "mcp", "MCP:WRITE", "x-mcp:write"] {
        let token = house.auth.token().scope(scope);
        let answer = house.call_as("write_data", &token).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{scope}");
    }
}

#[tokio::test]
async fn a_route_of_its_own_can_need_scopes() {
    let house = House::new();
    let app = Router::new()
        .route(
            "/reports",
            get(|caller: Principal| async move { caller.subject().to_string() }),
        )
        .route_layer(house.guard.require(scopes("mcp:admin")));
    let ask = |scope: &str| {
        let token = house.auth.sign(&house.auth.token().scope(scope));
        let request = Request::get("/reports").header(AUTHORIZATION, format!("Bearer {token}"));
        app.clone().oneshot(request.body(Body::empty()).unwrap())
    };
    let refused = Answer::read(ask("mcp:read").await.unwrap()).await;
    assert_needs(&refused, "mcp:admin mcp:read");
    let admitted = ask("mcp:admin").await.unwrap();
    assert_eq!(admitted.status(), StatusCode::OK);
}

#[tokio::test]
async fn a_route_within_a_guarded_router_can_need_more() {
    let house = House::new();
    let app = Router::new()
        .route("/reports", get(|| async { "figures" }))
        .route_layer(house.guard.require(scopes("mcp:admin")))
        .layer(house.guard.layer());
    let ask = |scope: &str| {
        let token = house.auth.sign(&house.auth.token().scope(scope));
        let request = Request::get("/reports").header(AUTHORIZATION, format!("Bearer {token}"));
        app.clone().oneshot(request.body(Body::empty()).unwrap())
    };
    assert_eq!(ask("mcp:read").await.unwrap().status(), StatusCode::FORBIDDEN);
    assert_eq!(ask("mcp:admin").await.unwrap().status(), StatusCode::OK);
}

#[tokio::test]
async fn tools_called_without_http_follow_the_same_rules() {
    let house = House::new();
    let token = house.auth.sign(&house.auth.token().scope("mcp:read"));
    let caller = house.guard.authenticate(&token).await.unwrap();
    let access = |caller, tool| house.guard.tool_access(caller, tool);
    assert_eq!(access(None, "public_info"), ToolAccess::Granted);
    assert_eq!(access(None, "get_user_profile"), ToolAccess::NeedsToken);
    assert_eq!(access(Some(&caller), "get_user_profile"), ToolAccess::Granted);
    assert_eq!(
        access(Some(&caller), "write_data"),
        ToolAccess::NeedsScopes(scopes("mcp:write"))
    );
}
