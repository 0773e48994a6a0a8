//! Clients that are known by a document.

use super::stage::{At, Stage, text};

pub(super) fn claude_code_comes_on_any_port(stage: &Stage) {
    let client = stage.documents.url("/oauth/claude-code-client-metadata");
    for (asked, redeemed) in [
        (
            "http://localhost:54321/callback",
            "http://localhost:54321/callback",
        ),
        ("http://127.0.0.1:3118/callback", "http://127.0.0.1:3119/callback"),
    ] {
        let asked = At {
            client: &client,
            redirect_uri: asked,
        };
        let back = stage.approve(&stage.of("claude-code/authorize", asked));
        assert!(back.0.as_str().starts_with(asked.redirect_uri), "{}", back.0);
        let redeemed = At {
            redirect_uri: redeemed,
            ..asked
        };
        let token = stage.of("claude-code/token", redeemed);
        stage.redeem(&token.with("code", &back.code()));
    }
    let elsewhere = At {
        client: &client,
        redirect_uri: "http://localhost:54321/elsewhere",
    };
    let page = stage.open(&stage.of("claude-code/authorize", elsewhere));
    assert_eq!(page.status(), 400);
}

/// A grant is a login, never ‘the’ one of a user and a client.
pub(super) fn one_document_is_many_installs(stage: &Stage) {
    let client = stage.documents.url("/oauth/claude-code-client-metadata");
    let at = At {
        client: &client,
        redirect_uri: "http://localhost:54321/callback",
    };
    let (laptop, desktop) = (stage.log_in("claude-code", at), stage.log_in("claude-code", at));
    let refresh = |tokens: &serde_json::Value| {
        let recording = stage.of("claude-code/refresh", at);
        stage.send(&recording.with("refresh_token", text(tokens, "refresh_token")))
    };
    // The laptop's refresh token comes back when it is spent and over, and takes the laptop's login down alone.
    let rotated = refresh(&laptop).json();
    let rotated = refresh(&rotated).json();
    assert_eq!(refresh(&laptop).json()["error"], "invalid_grant");
    assert_eq!(refresh(&rotated).json()["error"], "invalid_grant");
    assert_eq!(refresh(&desktop).status(), 200);
}
