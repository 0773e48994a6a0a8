//! The authorization and the token request, as clients send them.

use super::stage::{At, Back, STATE, Stage, text};

const REDIRECT: &str = "http://localhost:6274/oauth/callback";

/// Hosts on the second line of the SDK drop an answer without it, an error too.
pub(super) fn iss_is_in_every_answer(stage: &Stage) {
    let client = stage.register("sdk-typescript/register");
    let at = At {
        client: text(&client, "client_id"),
        redirect_uri: REDIRECT,
    };
    let issuer = Some(stage.program.issuer());
    let allowed = stage.approve(&stage.of("sdk-typescript/authorize", at));
    assert_eq!(allowed.parameter("iss").as_deref(), issuer);
    let seen = stage.open(&stage.of("sdk-typescript/authorize", at));
    let form = seen.page().form_with("decision").expect("the consent page");
    let person = &stage.person;
    let denied = person.follow(person.submit(&seen, &form.press("decision", "deny")));
    let denied = Back(denied.location().expect("a redirect"));
    assert_eq!(denied.parameter("error").as_deref(), Some("access_denied"));
    assert_eq!(denied.parameter("iss").as_deref(), issuer);
    assert_eq!(denied.parameter("state").as_deref(), Some(STATE));
}

pub(super) fn the_inspector_names_two_media_types(stage: &Stage) {
    let client = stage.register("sdk-typescript/register");
    let at = At {
        client: text(&client, "client_id"),
        redirect_uri: REDIRECT,
    };
    let code = || stage.approve(&stage.of("sdk-typescript/authorize", at)).code();
    let in_json = stage.of("inspector/token-in-json", at).with("code", &code());
    stage.redeem(&in_json);
    // The header's first type is not what the body is: it is read, or refused, and nothing breaks.
    let answer = stage.send(&stage.of("inspector/token", at).with("code", &code()));
    let refused = answer.status() == 400 && answer.json()["error"] == "invalid_request";
    assert!(answer.status() == 200 || refused, "{}", answer.body());
}

/// Every client that registered replays what it was given, for years.
pub(super) fn a_client_id_that_is_long_gone(stage: &Stage) {
    let at = At {
        client: "8d3c2f1e-gone",
        redirect_uri: REDIRECT,
    };
    let page = stage.open(&stage.of("sdk-typescript/authorize", at));
    assert_eq!(page.status(), 400);
    let said = page.page().text();
    assert!(
        said.contains("Remove the server from the app and add it again"),
        "{said}"
    );
    let answer = stage.send(&stage.of("codex/refresh", at).with("refresh_token", "gone"));
    assert_eq!(answer.status(), 401);
    assert_eq!(answer.json()["error"], "invalid_client");
}

/// mcp-remote: several of them start together, and each opens a tab.
pub(super) fn several_instances_log_in_at_once(stage: &Stage) {
    let client = stage.register("sdk-typescript/register");
    let instances = [
        "http://localhost:3334/oauth/callback",
        "http://localhost:3335/oauth/callback",
        "http://localhost:3336/oauth/callback",
    ]
    .map(|redirect_uri| At {
        client: text(&client, "client_id"),
        redirect_uri,
    });
    let tabs = instances.map(|at| stage.open(&stage.of("sdk-typescript/authorize", at)));
    for (at, tab) in instances.iter().zip(&tabs).rev() {
        let back = Back(stage.allow(tab).location().expect("a redirect"));
        assert!(back.0.as_str().starts_with(at.redirect_uri), "{}", back.0);
        stage.redeem(&stage.of("sdk-typescript/token", *at).with("code", &back.code()));
    }
}

pub(super) fn state_may_be_missing_and_pkce_may_not(stage: &Stage) {
    let client = stage.register("cursor/register");
    let at = At {
        client: text(&client, "client_id"),
        redirect_uri: "http://localhost:8787/callback",
    };
    let back = stage.approve(&stage.of("sdk-typescript/authorize-without-state", at));
    assert_eq!(back.parameter("state"), None);
    stage.redeem(&stage.of("sdk-typescript/token", at).with("code", &back.code()));

    let back = stage.open(&stage.of("cursor/authorize-without-pkce", at));
    let back = Back(back.location().expect("a redirect"));
    assert_eq!(back.parameter("error").as_deref(), Some("invalid_request"));
    let said = back.parameter("error_description").unwrap_or_default();
    assert!(said.contains("code_challenge"), "{said}");
    assert_eq!(back.parameter("code"), None);
}
