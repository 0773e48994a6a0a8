//! What browsers and apps make of the last page.

use super::stage::{At, Back, Stage, text};

/// Chromium applies `form-action` to the whole chain of redirects behind a form, and a silent redirect to an app leaves a blank
/// tab.
pub(super) fn forms_and_apps(stage: &Stage) {
    let client = stage.register("cursor/register");
    let at = At {
        client: text(&client, "client_id"),
        redirect_uri: "cursor://anysphere.cursor-mcp/oauth/callback",
    };
    let question = stage.open(&stage.of("cursor/authorize", at));
    let policy = question.header("content-security-policy").expect("a policy");
    assert!(!policy.contains("form-action"), "{policy}");
    let last = stage.allow(&question);
    assert_eq!(last.status(), 200);
    let links = last.page().links();
    let link = links.iter().find(|link| link.starts_with(at.redirect_uri));
    let back = Back(link.expect("a link to the app").parse().expect("a URL"));
    stage.redeem(&stage.of("cursor/token", at).with("code", &back.code()));
}
