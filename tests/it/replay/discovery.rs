//! What clients read before they begin, and what they decide by.

use serde_json::{Value, json};
use vestibule_tests::{Answer, Recording};

use super::stage::{At, STATE, Stage, text};

fn get(origin: &str, path: &str) -> Answer {
    Recording::of("sdk-typescript/get").at(path).send(origin)
}

fn metadata(stage: &Stage) -> Value {
    get(stage.program.issuer(), "/.well-known/oauth-authorization-server").json()
}

fn knock(stage: &Stage) -> String {
    let answer = Recording::of("claude/knock").send(&stage.program.ports().mcp_host());
    assert_eq!(answer.status(), 401, "{}", answer.body());
    answer.header("www-authenticate").expect("a challenge").to_owned()
}

/// Claude, Codex and opencode.
pub(super) fn documents_are_advertised_with_none(stage: &Stage) {
    let metadata = metadata(stage);
    assert_eq!(metadata["client_id_metadata_document_supported"], true);
    let methods = metadata["token_endpoint_auth_methods_supported"].as_array();
    assert!(methods.expect("methods").contains(&json!("none")), "{metadata}");
}

/// Claude Code never takes them from the authorization server.
pub(super) fn scopes_come_from_the_resource(stage: &Stage) {
    assert!(knock(stage).contains("scope=\"mcp:read"), "{}", knock(stage));
    let host = stage.program.ports().mcp_host();
    let resource = get(&host, "/.well-known/oauth-protected-resource/mcp").json();
    let scopes = resource["scopes_supported"].as_array().expect("scopes");
    assert!(scopes.contains(&json!("mcp:read")), "{resource}");
    assert!(!scopes.contains(&json!("offline_access")), "{resource}");
}

/// ChatGPT, Copilot Studio and claude.ai refresh nowhere else.
pub(super) fn offline_access_is_the_servers(stage: &Stage) {
    let metadata = metadata(stage);
    let scopes = metadata["scopes_supported"].as_array().expect("scopes");
    assert!(scopes.contains(&json!("offline_access")), "{metadata}");
    let client = stage.register("sdk-typescript/register");
    let at = At {
        client: text(&client, "client_id"),
        redirect_uri: "http://localhost:6274/oauth/callback",
    };
    let tokens = stage.log_in("sdk-typescript", at);
    assert!(text(&tokens, "scope").contains("offline_access"));
    assert!(!text(&tokens, "refresh_token").is_empty());
}

/// Codex, opencode and Copilot CLI; some of them take a slash away first.
pub(super) fn the_issuer_is_the_same_everywhere(stage: &Stage) {
    let issuer = stage.program.issuer();
    assert!(!issuer.ends_with('/'));
    assert_eq!(text(&metadata(stage), "issuer"), issuer);
    let openid = get(issuer, "/.well-known/openid-configuration").json();
    assert_eq!(text(&openid, "issuer"), issuer);
    let host = stage.program.ports().mcp_host();
    let resource = get(&host, "/.well-known/oauth-protected-resource/mcp").json();
    assert_eq!(resource["authorization_servers"], json!([issuer]));
    let client = stage.register("sdk-typescript/register");
    let at = At {
        client: text(&client, "client_id"),
        redirect_uri: "http://localhost:6274/oauth/callback",
    };
    let back = stage.approve(&stage.of("sdk-typescript/authorize", at));
    assert_eq!(back.parameter("iss").as_deref(), Some(issuer));
    assert_eq!(back.parameter("state").as_deref(), Some(STATE));
}

/// Claude.
pub(super) fn the_challenge_does_not_follow_the_host(stage: &Stage) {
    let host = stage.program.ports().mcp_host();
    let place = format!("resource_metadata=\"{host}/.well-known/oauth-protected-resource/mcp\"");
    assert!(knock(stage).contains(&place), "{}", knock(stage));
}

/// Claude, Junie and n8n, with the path inserted and appended; a 401 is the end for Claude.
pub(super) fn every_form_is_json_or_a_404(stage: &Stage) {
    let issuer = stage.program.issuer().to_owned();
    let host = stage.program.ports().mcp_host();
    for (origin, path, found) in [
        (&issuer, "/.well-known/oauth-authorization-server", true),
        (&issuer, "/.well-known/openid-configuration", true),
        (&issuer, "/.well-known/openid_configuration", true),
        (&issuer, "/.well-known/oauth-authorization-server/mcp", false),
        (&issuer, "/.well-known/openid-configuration/mcp", false),
        (&issuer, "/mcp/.well-known/openid-configuration", false),
        (&issuer, "/.well-known/oauth-protected-resource", false),
        (&host, "/.well-known/oauth-protected-resource/mcp", true),
        (&host, "/.well-known/oauth-protected-resource", true),
        (&host, "/.well-known/oauth-authorization-server", false),
        (&host, "/.well-known/oauth-authorization-server/mcp", false),
        (&host, "/.well-known/openid-configuration", false),
    ] {
        let answer = get(origin, path);
        assert!(
            answer.status() == 404 && !found || answer.status() == 200,
            "{path}: {}",
            answer.status()
        );
        if answer.status() == 200 {
            assert!(answer.json().is_object(), "{path}");
        }
    }
}
