//! What the tools do.

use http::StatusCode;
use serde_json::json;

use crate::client::World;

#[tokio::test]
async fn the_profile_is_the_callers() {
    let world = World::new().await;
    let profile = world
        .client("alice", "mcp:read mcp:write")
        .call("get_user_profile", json!({}))
        .await;
    let profile = profile.returned();
    assert_eq!(profile["subject"], "local:alice");
    assert_eq!(profile["provider"], "local");
    assert_eq!(profile["user"], "alice");
    assert_eq!(profile["client_id"], "test-client");
    assert_eq!(profile["scopes"], json!(["mcp:read", "mcp:write"]));
}

#[tokio::test]
async fn usage_counts_each_users_own_calls() {
    let world = World::new().await;
    let alice = world.client("alice", "mcp:read");
    let bob = world.client("bob", "mcp:read");
    for _ in 0..3 {
        alice.call("read_data", json!({})).await.returned();
    }
    bob.call("read_data", json!({})).await.returned();
    bob.call("write_data", json!({ "data": "forbidden" })).await;
    bob.call("no_such_tool", json!({})).await;
    let usage = alice.call("get_api_usage", json!({})).await;
    assert_eq!(
        usage.returned()["by_tool"],
        json!({ "get_api_usage": 1, "read_data": 3 })
    );
    assert_eq!(usage.returned()["total"], 4);
    let usage = bob.call("get_api_usage", json!({})).await;
    assert_eq!(
        usage.returned()["by_tool"],
        json!({ "get_api_usage": 1, "read_data": 1 })
    );
}

#[tokio::test]
async fn what_is_written_on_the_board_can_be_read_and_wiped() {
    let world = World::new().await;
    let alice = world.client("alice", "mcp:read mcp:write");
    let admin = world.client("admin", "mcp:admin");
    alice
        .call("write_data", json!({ "data": "first" }))
        .await
        .returned();
    alice
        .call("write_data", json!({ "data": "second" }))
        .await
        .returned();
    let board = alice.call("read_data", json!({})).await;
    let lines = json!([
        { "by": "local:alice", "data": "first" },
        { "by": "local:alice", "data": "second" },
    ]);
    assert_eq!(board.returned()["lines"], lines);
    let count = admin.call("admin_operation", json!({})).await;
    assert_eq!(count.returned()["lines"], 2);
    admin
        .call("admin_operation", json!({ "operation": "wipe" }))
        .await
        .returned();
    let board = alice.call("read_data", json!({})).await;
    assert_eq!(board.returned()["lines"], json!([]));
}

#[tokio::test]
async fn a_line_that_is_too_long_is_refused() {
    let world = World::new().await;
    let alice = world.client("alice", "mcp:write");
    let answer = alice
        .call("write_data", json!({ "data": "x".repeat(1025) }))
        .await;
    assert_eq!(answer.error()["code"], -32602);
}

#[tokio::test]
async fn a_countdown_tells_its_progress_step_by_step() {
    let world = World::new().await;
    let params = json!({
        "name": "countdown",
        "arguments": { "from": 3, "interval_ms": 1 },
        "_meta": { "progressToken": "p" },
    });
    let answer = world.client("alice", "").request("tools/call", params).await;
    assert_eq!(answer.returned()["counted"], 3);
    let told: Vec<_> = answer
        .messages
        .iter()
        .filter(|message| message["method"] == "notifications/progress")
        .map(|message| {
            (
                message["params"]["progress"].as_f64(),
                message["params"]["message"].clone(),
            )
        })
        .collect();
    let expected = [(1.0, "3"), (2.0, "2"), (3.0, "1")];
    assert_eq!(
        told,
        expected.map(|(progress, text)| (Some(progress), json!(text)))
    );
}

#[tokio::test]
async fn a_countdown_that_nobody_follows_just_counts() {
    let world = World::new().await;
    let arguments = json!({ "from": 2, "interval_ms": 1 });
    let answer = world.client("alice", "").call("countdown", arguments).await;
    assert_eq!(answer.returned()["counted"], 2);
    assert_eq!(answer.messages.len(), 1);
}

#[tokio::test]
async fn a_countdown_has_its_limits() {
    let world = World::new().await;
    let alice = world.client("alice", "");
    for arguments in [json!({ "from": 61 }), json!({ "interval_ms": 10_001 })] {
        let answer = alice.call("countdown", arguments).await;
        assert_eq!(answer.error()["code"], -32602);
    }
}

#[tokio::test]
async fn a_text_becomes_a_slug() {
    let world = World::new().await;
    let answer = world
        .client("alice", "")
        .call("slugify", json!({ "text": "A Title, or so" }))
        .await;
    assert_eq!(answer.returned()["slug"], "a-title-or-so");
}

#[tokio::test]
async fn every_tool_says_what_it_takes_and_returns() {
    let world = World::new().await;
    let answer = world.client("alice", "").request("tools/list", json!({})).await;
    assert_eq!(answer.status, StatusCode::OK);
    for tool in answer.result()["tools"].as_array().unwrap() {
        assert!(
            tool["description"].as_str().is_some_and(|text| !text.is_empty()),
            "{tool}"
        );
        assert_eq!(tool["inputSchema"]["type"], "object", "{tool}");
        assert_eq!(tool["outputSchema"]["type"], "object", "{tool}");
    }
}
