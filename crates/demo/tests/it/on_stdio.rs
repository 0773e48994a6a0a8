//! The sample server on a pair of streams.

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, DuplexStream, Lines, duplex, split};
use tokio::io::{ReadHalf, WriteHalf};
use vestibule_demo::{NotesStore, serve_on};
use vestibule_protocol::Secret;

use crate::auth_server::AuthServer;
use crate::client::config;

struct Conversation {
    lines: Lines<BufReader<ReadHalf<DuplexStream>>>,
    output: WriteHalf<DuplexStream>,
}

impl Conversation {
    async fn begin(auth: &AuthServer, token: Option<String>) -> Self {
        let (ours, theirs) = duplex(64 * 1024);
        let (input, output) = split(theirs);
        let config = config(auth, NotesStore::in_memory().unwrap());
        tokio::spawn(serve_on(config, token.map(Secret::new), input, output));
        let (input, output) = split(ours);
        let lines = BufReader::new(input).lines();
        let mut conversation = Self { lines, output };
        let hello = json!({
            "protocolVersion": "2025-11-25",
            "capabilities": {},
            "clientInfo": { "name": "test", "version": "1" },
        });
        let answer = conversation.ask("initialize", hello).await;
        assert_eq!(answer["result"]["protocolVersion"], "2025-11-25");
        let initialized = json!({ "jsonrpc": "2.0", "method": "notifications/initialized" });
        conversation.say(&initialized).await;
        conversation
    }

    async fn say(&mut self, message: &Value) {
        let line = format!("{message}\n");
        self.output.write_all(line.as_bytes()).await.unwrap();
    }

    async fn ask(&mut self, method: &str, params: Value) -> Value {
        self.say(&json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params }))
            .await;
        let line = self.lines.next_line().await.unwrap().expect("an answer");
        serde_json::from_str(&line).unwrap()
    }

    async fn call(&mut self, tool: &str) -> Value {
        self.ask("tools/call", json!({ "name": tool, "arguments": {} }))
            .await
    }
}

#[tokio::test]
async fn the_caller_is_whoever_has_the_token() {
    let auth = AuthServer::start().await;
    let mut conversation = Conversation::begin(&auth, Some(auth.log_in("alice", "mcp:read"))).await;
    let profile = conversation.call("get_user_profile").await;
    assert_eq!(profile["result"]["structuredContent"]["subject"], "local:alice");
    let usage = conversation.call("get_api_usage").await;
    assert_eq!(usage["result"]["structuredContent"]["total"], 2);
}

#[tokio::test]
async fn scopes_count_as_they_do_over_http() {
    let auth = AuthServer::start().await;
    let mut conversation = Conversation::begin(&auth, Some(auth.log_in("alice", "mcp:read"))).await;
    let allowed = conversation.call("read_data").await;
    assert_eq!(allowed["result"]["structuredContent"]["lines"], json!([]));
    let refused = conversation.call("admin_operation").await;
    assert_eq!(refused["result"]["isError"], true);
    let why = refused["result"]["content"][0]["text"].as_str().unwrap();
    assert!(why.contains("mcp:admin"), "{why}");
}

#[tokio::test]
async fn without_a_token_only_what_is_open_can_be_called() {
    let auth = AuthServer::start().await;
    let mut conversation = Conversation::begin(&auth, None).await;
    let open = conversation.call("public_info").await;
    assert_ne!(open["result"]["isError"], true);
    let refused = conversation.call("get_user_profile").await;
    assert_eq!(refused["result"]["isError"], true);
    let listed = conversation.ask("resources/list", json!({})).await;
    assert!(listed["error"].is_object());
}

#[tokio::test]
async fn a_bad_token_is_worth_less_than_none() {
    let auth = AuthServer::start().await;
    for token in [auth.expired("alice"), "no.token.atall".to_owned()] {
        let mut conversation = Conversation::begin(&auth, Some(token)).await;
        for tool in ["get_user_profile", "public_info"] {
            let refused = conversation.call(tool).await;
            assert!(refused["error"].is_object(), "{refused}");
        }
    }
}
