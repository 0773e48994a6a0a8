//! What callers without a token may do.

use http::StatusCode;
use rstest::rstest;
use serde_json::json;
use vestibule_guard::{BuildError, Guard};

use crate::support::{AuthServer, House, call, initialize, issuer, post, resource, scopes};

#[tokio::test]
async fn an_open_tool_is_called_without_a_token() {
    let answer = House::new().send(call("public_info", None)).await;
    answer.assert_admitted();
    assert_eq!(answer.body["subject"], json!(null));
}

#[tokio::test]
async fn an_open_tool_asks_nobody() {
    let house = House::new();
    house.auth.go_away();
    house.send(call("public_info", None)).await.assert_admitted();
}

#[tokio::test]
async fn a_client_that_begins_without_a_token_is_sent_to_log_in() {
    let answer = House::new().send(initialize(None)).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_bad_token_is_refused_even_where_none_is_needed() {
    let house = House::new();
    let token = house.auth.token().sign(&AuthServer::strangers_key());
    let answer = house.send(call("public_info", Some(&token))).await;
    answer.assert_invalid_token();
}

#[rstest]
#[case::beside_another_call(json!([
    { "id": 1, "method": "tools/call", "params": { "name": "public_info" } },
    { "id": 2, "method": "tools/call", "params": { "name": "write_data" } },
]))]
#[case::beside_a_response(json!([
    { "id": 1, "method": "tools/call", "params": { "name": "public_info" } },
    { "id": 2, "result": {} },
]))]
#[case::as_an_argument(json!({
    "id": 1, "method": "tools/call", "params": { "name": "write_data", "arguments": { "name": "public_info" } },
}))]
#[case::as_another_method(json!({ "id": 1, "method": "prompts/get", "params": { "name": "public_info" } }))]
#[tokio::test]
async fn an_open_tool_opens_nothing_else(#[case] message: serde_json::Value) {
    let answer = House::new().send(post(None, message.to_string())).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_call_whose_name_stands_twice_opens_nothing() {
    let body = r#"{"id":1,"method":"tools/call","params":{"name":"write_data","name":"public_info"}}"#;
    let answer = House::new().send(post(None, body)).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn an_open_method_is_used_without_a_token() {
    let house = House::built(|builder| builder.open_method("ping"));
    let ping = json!({ "jsonrpc": "2.0", "id": 1, "method": "ping" });
    house.send(post(None, ping.to_string())).await.assert_admitted();
}

#[test]
fn a_tool_cannot_be_open_and_need_scopes() {
    let built = Guard::builder(resource(), issuer("https://auth.test"))
        .open_tool("write_data")
        .tool("write_data", &scopes("mcp:write"))
        .build();
    assert!(matches!(built, Err(BuildError::OpenAndRestricted(tool)) if tool == "write_data"));
}
