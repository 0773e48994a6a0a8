//! Every revision of MCP that clients speak.

use http::StatusCode;
use serde_json::json;

use crate::client::World;

const WITH_SESSIONS: [&str; 3] = ["2025-03-26", "2025-06-18", "2025-11-25"];

#[tokio::test]
async fn every_revision_with_sessions_is_spoken() {
    let world = World::new().await;
    for revision in WITH_SESSIONS {
        let token = world.auth.log_in("alice", "mcp:read");
        let mut client = world.client_with(Some(token), revision);
        let opened = client.initialize().await;
        assert_eq!(opened.result()["protocolVersion"], revision);
        assert!(client.session().is_some(), "{revision}");
        let profile = client.call("get_user_profile", json!({})).await;
        assert_eq!(profile.returned()["subject"], "local:alice", "{revision}");
    }
}

#[tokio::test]
async fn the_current_revision_is_spoken_without_a_session() {
    let world = World::new().await;
    let client = world.client("alice", "mcp:read");
    let discovered = client.request("server/discover", json!({})).await;
    let versions = discovered.result()["supportedVersions"]
        .as_array()
        .unwrap()
        .clone();
    assert!(versions.contains(&json!("2026-07-28")), "{versions:?}");
    let profile = client.call("get_user_profile", json!({})).await;
    assert_eq!(profile.returned()["subject"], "local:alice");
    assert!(!profile.headers.contains_key("mcp-session-id"));
}

#[tokio::test]
async fn public_info_needs_neither_token_nor_session_in_any_revision() {
    let world = World::new().await;
    for revision in WITH_SESSIONS.into_iter().chain(["2026-07-28"]) {
        let answer = world
            .client_with(None, revision)
            .call("public_info", json!({}))
            .await;
        assert_eq!(
            answer.returned()["version"],
            env!("CARGO_PKG_VERSION"),
            "{revision}"
        );
    }
}

#[tokio::test]
async fn a_session_is_its_openers_alone() {
    let world = World::new().await;
    let alice = world.auth.log_in("alice", "mcp:read");
    let mut opener = world.client_with(Some(alice), "2025-11-25");
    opener.initialize().await.result();
    let bob = world.auth.log_in("bob", "mcp:read");
    let thief = world.client_with(Some(bob), "2025-11-25").in_session_of(&opener);
    let answer = thief.call("list_secure_notes", json!({})).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    opener.call("list_secure_notes", json!({})).await.returned();
}

#[tokio::test]
async fn a_session_goes_on_after_a_refresh() {
    let world = World::new().await;
    let first = world.auth.log_in("alice", "mcp:read");
    let mut opener = world.client_with(Some(first), "2025-11-25");
    opener.initialize().await.result();
    let refreshed = world.auth.log_in("alice", "mcp:read mcp:write");
    let client = world
        .client_with(Some(refreshed), "2025-11-25")
        .in_session_of(&opener);
    client
        .call("write_data", json!({ "data": "more" }))
        .await
        .returned();
}
