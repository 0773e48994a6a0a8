//! Who may call what.

use axum::body::Body;
use http::{Request, StatusCode};
use serde_json::{Value, json};
use vestibule_protocol::ScopeSet;

use crate::client::World;

fn arguments(tool: &str) -> Value {
    match tool {
        "write_data" => json!({ "data": "a line" }),
        "create_secure_note" => json!({ "title": "t", "content": "c" }),
        "slugify" => json!({ "text": "A Title" }),
        "countdown" => json!({ "from": 1, "interval_ms": 1 }),
        _ => json!({}),
    }
}

#[tokio::test]
async fn a_tool_that_needs_a_scope_is_forbidden_without_it() {
    let world = World::new().await;
    let nobody = world.client("bob", "openid");
    for (tool, scope) in [
        ("read_data", "mcp:read"),
        ("write_data", "mcp:write"),
        ("admin_operation", "mcp:admin"),
    ] {
        let answer = nobody.call(tool, arguments(tool)).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{tool}");
        let wanted = ScopeSet::parse(&format!("openid {scope}")).unwrap();
        assert_eq!(answer.challenge().scope, Some(wanted));
        let somebody = world.client("alice", scope);
        somebody.call(tool, arguments(tool)).await.returned();
    }
}

#[tokio::test]
async fn every_other_tool_takes_any_valid_token() {
    let world = World::new().await;
    let client = world.client("bob", "");
    for tool in [
        "get_user_profile",
        "create_secure_note",
        "list_secure_notes",
        "get_api_usage",
        "list_available_resources",
        "slugify",
        "countdown",
        "public_info",
    ] {
        client.call(tool, arguments(tool)).await.returned();
    }
}

#[tokio::test]
async fn only_public_info_is_open_to_callers_without_a_token() {
    let world = World::new().await;
    let tools = world.client("bob", "").request("tools/list", json!({})).await;
    let tools = tools.result()["tools"].as_array().unwrap().clone();
    assert_eq!(tools.len(), 11);
    let stranger = world.client_with(None, "2026-07-28");
    for tool in tools {
        let tool = tool["name"].as_str().unwrap();
        let answer = stranger.call(tool, arguments(tool)).await;
        if tool == "public_info" {
            assert_eq!(answer.returned()["resource"], "http://localhost:3001/mcp");
        } else {
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{tool}");
        }
    }
}

#[tokio::test]
async fn a_login_is_asked_for_reading_alone() {
    let world = World::new().await;
    let answer = world.client_with(None, "2025-11-25").initialize().await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    let challenge = answer.challenge();
    assert_eq!(challenge.scope, ScopeSet::parse("mcp:read").ok());
    assert_eq!(
        challenge.resource_metadata.as_deref(),
        Some("http://localhost:3001/.well-known/oauth-protected-resource/mcp")
    );
}

#[tokio::test]
async fn an_expired_token_is_invalid() {
    let world = World::new().await;
    let client = world.client_with(Some(world.auth.expired("alice")), "2026-07-28");
    let answer = client.call("get_user_profile", json!({})).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_request_for_another_host_is_refused() {
    let world = World::new().await;
    let token = world.auth.log_in("alice", "mcp:read");
    for (host, status) in [
        ("evil.test", StatusCode::FORBIDDEN),
        ("localhost:3001", StatusCode::NOT_ACCEPTABLE),
        ("127.0.0.1:3001", StatusCode::NOT_ACCEPTABLE),
        ("[::1]:3001", StatusCode::NOT_ACCEPTABLE),
    ] {
        let request = Request::post("/mcp")
            .header("host", host)
            .header("authorization", format!("Bearer {token}"))
            .body(Body::from(r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#))
            .unwrap();
        // An allowed host gets as far as being told what to accept.
        assert_eq!(world.send(request).await.status, status, "{host}");
    }
}

#[tokio::test]
async fn the_metadata_and_its_mirror_are_served() {
    let world = World::new().await;
    for path in [
        "/.well-known/oauth-protected-resource",
        "/.well-known/oauth-protected-resource/mcp",
    ] {
        let answer = world.send(Request::get(path).body(Body::empty()).unwrap()).await;
        assert_eq!(answer.messages[0]["resource"], "http://localhost:3001/mcp");
    }
    let path = "/.well-known/oauth-authorization-server";
    let answer = world.send(Request::get(path).body(Body::empty()).unwrap()).await;
    assert_eq!(answer.messages[0]["issuer"], world.auth.issuer.as_str());
}

#[tokio::test]
async fn an_unknown_path_is_plainly_not_found() {
    let world = World::new().await;
    let answer = world
        .send(Request::get("/nowhere").body(Body::empty()).unwrap())
        .await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
}
