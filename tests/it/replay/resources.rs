//! How clients name the server that they are for, and what they leave out.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use super::stage::{At, Stage, text};

const REDIRECT: &str = "http://localhost:6274/oauth/callback";

fn claims(tokens: &Value) -> Value {
    let part = text(tokens, "access_token").split('.').nth(1);
    let bytes = URL_SAFE_NO_PAD.decode(part.expect("a JWT")).expect("base64url");
    serde_json::from_slice(&bytes).expect("claims")
}

fn inspector(stage: &Stage) -> String {
    text(&stage.register("sdk-typescript/register"), "client_id").to_owned()
}

/// The SDK makes a URL of the resource, and writes that out.
pub(super) fn a_slash_that_nobody_wrote(stage: &Stage) {
    let host = stage.program.ports().mcp_host();
    let client = inspector(stage);
    let at = At {
        client: &client,
        redirect_uri: REDIRECT,
    };
    let slashed = |name: &str| at.of_resource(name, &format!("{host}/"));
    let back = stage.approve(&slashed("sdk-typescript/authorize"));
    let tokens = stage.redeem(&slashed("sdk-typescript/token").with("code", &back.code()));
    assert_eq!(claims(&tokens)["aud"], host);
}

pub(super) fn no_resource_at_all(stage: &Stage) {
    let client = inspector(stage);
    let at = At {
        client: &client,
        redirect_uri: REDIRECT,
    };
    let tokens = stage.log_in("warp", at);
    assert_eq!(claims(&tokens)["aud"], stage.program.mcp());
}

pub(super) fn codex_refreshes_without_a_resource(stage: &Stage) {
    refreshes_to_the_same(stage, "codex/refresh");
}

pub(super) fn claude_code_refreshes_without_a_scope(stage: &Stage) {
    refreshes_to_the_same(stage, "claude-code/refresh");
}

fn refreshes_to_the_same(stage: &Stage, recording: &str) {
    let client = inspector(stage);
    let at = At {
        client: &client,
        redirect_uri: REDIRECT,
    };
    let before = stage.log_in("sdk-typescript", at);
    let refresh = stage
        .of(recording, at)
        .with("refresh_token", text(&before, "refresh_token"));
    let after = stage.redeem(&refresh);
    assert_eq!(after["scope"], before["scope"]);
    assert_eq!(claims(&after)["aud"], claims(&before)["aud"]);
}
