//! Clients that register themselves.

use std::thread;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::stage::{At, Stage, text};

pub(super) fn vs_code_uses_a_random_port(stage: &Stage) {
    let client = stage.register("vs-code/register");
    assert_eq!(client["redirect_uris"].as_array().map(Vec::len), Some(4));
    let at = At {
        client: text(&client, "client_id"),
        redirect_uri: "http://127.0.0.1:57163/",
    };
    assert_eq!(text(&stage.log_in("vs-code", at), "scope"), "mcp:read mcp:write");
    let again = stage.register("vs-code/register");
    assert_eq!(again["client_id"], client["client_id"]);
}

pub(super) fn cursor_mixes_addresses(stage: &Stage) {
    let client = stage.register("cursor/register");
    for redirect_uri in [
        "http://localhost:8787/callback",
        "https://www.cursor.com/agents/mcp/oauth/callback",
    ] {
        let at = At {
            client: text(&client, "client_id"),
            redirect_uri,
        };
        stage.log_in("cursor", at);
    }
}

pub(super) fn the_claude_connector_registers_again(stage: &Stage) {
    let (first, second) = (
        stage.register("claude/register"),
        stage.register("claude/register"),
    );
    for client in [&first, &second] {
        assert_eq!(text(client, "token_endpoint_auth_method"), "client_secret_post");
        assert!(!text(client, "client_secret").is_empty());
    }
    // Each has a secret of its own, so each is a client of its own, and the older one goes on.
    assert_ne!(first["client_id"], second["client_id"]);
    let at = At {
        client: text(&first, "client_id"),
        redirect_uri: "",
    };
    let code = stage.approve(&stage.of("claude/authorize", at)).code();
    let token = stage.of("claude/token", at).with("code", &code);
    let wrong = token
        .clone()
        .with("client_secret", text(&second, "client_secret"));
    assert_eq!(stage.send(&wrong).status(), 401);
    stage.redeem(&token.with("client_secret", text(&first, "client_secret")));
}

pub(super) fn the_claude_connector_refreshes_twice_at_once(stage: &Stage) {
    let client = stage.register("claude/register");
    let (id, secret) = (text(&client, "client_id"), text(&client, "client_secret"));
    let at = At {
        client: id,
        redirect_uri: "",
    };
    let code = stage.approve(&stage.of("claude/authorize", at)).code();
    let token = stage.of("claude/token", at).with("code", &code);
    let tokens = stage.redeem(&token.with("client_secret", secret));
    let refresh = stage
        .of("claude/refresh", at)
        .with("client_secret", secret)
        .with("refresh_token", text(&tokens, "refresh_token"));
    let from = |address: &'static str| {
        let refresh = refresh.clone().through_proxy(address);
        move || stage.redeem(&refresh)
    };
    let (one, other) = thread::scope(|threads| {
        let one = threads.spawn(from("160.79.106.35"));
        let other = threads.spawn(from("160.79.106.36"));
        (one.join().expect("an answer"), other.join().expect("an answer"))
    });
    assert_eq!(one["refresh_token"], other["refresh_token"]);
    assert_ne!(one["refresh_token"], tokens["refresh_token"]);
}

pub(super) fn hosted_claude_shares_an_address(stage: &Stage) {
    let registered = |address: &str| {
        let registration = stage.recording("claude/register").through_proxy(address);
        let statuses = (0..8).map(|_| stage.send(&registration).status());
        statuses.filter(|status| *status == 201).count()
    };
    assert_eq!(registered("160.79.106.35"), 8);
    assert_eq!(registered("203.0.113.7"), 5, "a stranger's address is limited");
}

pub(super) fn perplexity_wants_a_secret(stage: &Stage) {
    let client = stage.register("perplexity/register");
    assert!(!text(&client, "client_secret").is_empty());
}

/// Which makes it `client_secret_basic`.
pub(super) fn the_python_sdk_has_a_secret(stage: &Stage) {
    let client = stage.register("sdk-python/register");
    let (id, secret) = (text(&client, "client_id"), text(&client, "client_secret"));
    let at = At {
        client: id,
        redirect_uri: "",
    };
    let code = stage.approve(&stage.of("sdk-python/authorize", at)).code();
    let token = stage.of("sdk-python/token", at).with("code", &code);
    let basic = |secret: &str| STANDARD.encode(format!("{id}:{secret}"));
    let guessed = stage.send(&token.clone().with("basic", &basic("guess")));
    assert_eq!(guessed.status(), 401);
    assert!(guessed.header("www-authenticate").is_some());
    stage.redeem(&token.with("basic", &basic(secret)));
}
