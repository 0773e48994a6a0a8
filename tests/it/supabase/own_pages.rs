//! `mode = "oauth_server"`: logins on a project's own pages, through the built program, and each way in which they fail.

use vestibule_tests::{
    Callback, Client, Lie, Person, Ports, Program, Signing, Social, Supabase, ThirdParty, Trouble, Visit,
};

use super::rig::{ADA, browse, client, configuration, refresh, subject};
use crate::provider_failures::must_fail;

const AWAY: (u16, &str) = (503, "provider_unavailable");
const MISCONFIGURED: (u16, &str) = (500, "provider_misconfigured");
const REJECTED: (u16, &str) = (502, "rejected");

/// A project whose OAuth server is on, with a client that comes back to this URI, and the program that is this client.
fn rig_with(callback: impl FnOnce(Ports) -> String, wrong: &str) -> (Supabase, Program) {
    let supabase = Supabase::start();
    supabase.add(Person::new(ADA));
    supabase.social(Social::SignsIn(ADA.to_owned()));
    let ports = Ports::free();
    let (id, secret) = supabase.register_oauth_client(&callback(ports));
    let more = format!("mode = \"oauth_server\"\nclient_id = \"{id}\"\nclient_secret = \"{secret}{wrong}\"");
    let program = Program::serve(ports, &configuration(&supabase, &more));
    (supabase, program)
}

fn rig() -> (Supabase, Program) {
    rig_with(|ports| ports.callback("supabase"), "")
}

/// Goes to the project's pages, and comes back.
fn log_in<'p>(supabase: &Supabase, client: Client<'p>) -> Visit<'p> {
    let away = client.authorize();
    let back = browse(supabase, &away);
    away.come_back(&back)
}

fn logged_in<'p>(supabase: &Supabase, program: &'p Program) -> Callback<'p> {
    log_in(supabase, client(program)).approve()
}

#[test]
fn an_official_client_calls_a_tool_after_a_login_on_the_projects_own_pages() {
    const WAY: &str = "the project's own pages";
    let (supabase, program) = rig();
    let party = ThirdParty::node("supabase.mjs").argument(&supabase.url());
    party.argument(WAY).run(&program).must_show(&[WAY]);
    // Once for the code, and once because the client refreshed.
    let calls = supabase.calls();
    let tokens = calls.iter().filter(|call| *call == "POST /oauth/token");
    assert_eq!(tokens.count(), 2, "{calls:?}");
}

#[test]
fn people_sign_in_on_the_projects_own_pages() {
    const WALK: &str = "go to the project's own pages and back";
    let (supabase, program) = rig();
    let party = ThirdParty::node("browser/supabase.mjs").argument(&supabase.url());
    party.argument(WALK).run(&program).must_show(&[WALK]);
}

#[test]
fn nobody_knows_more_of_the_user_than_the_project_vouches_for() {
    let (supabase, program) = rig();
    let tokens = logged_in(&supabase, &program).redeem();
    let id = subject(&tokens);
    assert!(id.starts_with("supabase:"), "{id}");
    assert_eq!(tokens.scope(), "mcp:read");
    // The policy goes by the address, which nobody proved.
    let (supabase, program) = rig();
    supabase.confirm_without_proof();
    let refused = log_in(&supabase, client(&program)).back();
    assert_eq!(refused.error().as_deref(), Some("access_denied"));
}

#[test]
fn a_session_is_re_checked_by_a_refresh_and_ends_with_the_users_own() {
    let (supabase, program) = rig();
    let (banned, signed_out) = (logged_in(&supabase, &program).redeem(), {
        supabase.add(Person::new("bob@example.com"));
        supabase.social(Social::SignsIn("bob@example.com".to_owned()));
        logged_in(&supabase, &program).redeem()
    });
    let (banned, signed_out) = (banned.refresh(), signed_out.refresh());
    supabase.change(ADA, Person::banned);
    supabase.end_sessions("bob@example.com");
    for (gone, reason) in [(banned, "user_banned"), (signed_out, "refresh_token_not_found")] {
        let answer = refresh(&gone);
        assert_eq!(
            (answer.status(), answer.json()["error"].as_str()),
            (400, Some("invalid_grant")),
            "{reason}"
        );
        assert!(!program.log_lines(reason).is_empty(), "{}", program.log());
    }
}

#[test]
fn only_a_plain_refusal_ends_a_session() {
    let (supabase, program) = rig();
    let mut tokens = logged_in(&supabase, &program).redeem();
    for trouble in [
        Trouble::Says(503, "user_banned", "User is banned"),
        Trouble::Says(500, "refresh_token_not_found", "Refresh Token Not Found"),
        Trouble::Body(r#"{"error_code": "user_banned"}"#.to_owned()),
        Trouble::Status(400),
    ] {
        supabase.fail("/oauth/token", trouble);
        tokens = tokens.refresh();
        supabase.recover();
    }
    drop(tokens.refresh());
}

#[test]
fn a_client_that_wants_a_fresh_login_is_told_that_there_is_none() {
    let (_supabase, program) = rig();
    for (name, value) in [("prompt", "login"), ("max_age", "0")] {
        must_fail(&program, REJECTED, "sign out on the project's own site", || {
            client(&program).with(name, value).authorize()
        });
    }
}

#[test]
fn a_server_that_is_switched_off_is_the_operators_to_mend() {
    let supabase = Supabase::start();
    let more = "mode = \"oauth_server\"\nclient_id = \"00000000-0000-4000-8000-000000000000\"";
    let program = Program::serve(Ports::free(), &configuration(&supabase, more));
    must_fail(&program, MISCONFIGURED, "switched off", || {
        client(&program).authorize()
    });
}

#[test]
fn a_wrong_secret_is_the_operators_to_mend() {
    let (supabase, program) = rig_with(|ports| ports.callback("supabase"), "x");
    must_fail(&program, MISCONFIGURED, "invalid_client", || {
        log_in(&supabase, client(&program))
    });
}

#[test]
fn a_callback_that_was_not_registered_ends_at_the_project() {
    let (_supabase, program) = rig_with(|_| "https://elsewhere.example/".to_owned(), "");
    let visit = client(&program).authorize();
    let answer = visit.browser().open(visit.leaves_for().as_str());
    assert_eq!(answer.status(), 400);
    assert!(answer.body().contains("redirect_uri"), "{}", answer.body());
}

#[test]
fn whoever_says_no_or_is_banned_is_sent_back_to_the_client() {
    let (supabase, program) = rig();
    supabase.social(Social::Denies);
    let refused = log_in(&supabase, client(&program)).back();
    assert_eq!(refused.error().as_deref(), Some("access_denied"));
    supabase.social(Social::SignsIn(ADA.to_owned()));
    supabase.change(ADA, Person::banned);
    let refused = log_in(&supabase, client(&program)).back();
    assert_eq!(refused.error().as_deref(), Some("access_denied"));
    assert!(program.log_lines("denied").len() >= 2, "{}", program.log());
}

#[test]
fn a_project_that_fails_before_the_browser_leaves_is_told_of() {
    let elsewhere = Supabase::start();
    for (path, trouble, expected, reason) in [
        (
            "/.well-known/oauth-authorization-server",
            Trouble::Status(503),
            AWAY,
            "503",
        ),
        (
            "/.well-known/openid-configuration",
            Trouble::Status(503),
            AWAY,
            "503",
        ),
        (
            "/.well-known/openid-configuration",
            Trouble::TenMegabytes,
            AWAY,
            "more than",
        ),
        (
            "/.well-known/openid-configuration",
            Trouble::Redirect(elsewhere.url()),
            MISCONFIGURED,
            "redirect",
        ),
    ] {
        let (supabase, program) = rig();
        supabase.fail(path, trouble);
        must_fail(&program, expected, reason, || client(&program).authorize());
    }
    assert!(elsewhere.calls().is_empty(), "nobody follows a redirect");
}

#[test]
fn a_project_that_fails_at_its_tokens_is_told_of_and_is_then_back() {
    let (supabase, program) = rig();
    let elsewhere = Supabase::start();
    for (path, trouble, expected, reason) in [
        ("/oauth/token", Trouble::Status(503), AWAY, "503"),
        ("/oauth/token", Trouble::Silence, AWAY, "did not answer within"),
        ("/oauth/token", Trouble::TenMegabytes, AWAY, "more than"),
        (
            "/oauth/token",
            Trouble::Redirect(elsewhere.url()),
            MISCONFIGURED,
            "redirect",
        ),
    ] {
        supabase.fail(path, trouble);
        must_fail(&program, expected, reason, || log_in(&supabase, client(&program)));
        supabase.recover();
    }
    assert!(elsewhere.calls().is_empty(), "nobody follows a redirect");
    logged_in(&supabase, &program).redeem();
}

#[test]
fn keys_and_settings_that_cannot_be_had_are_told_of() {
    for (path, trouble, reason) in [
        (
            "/.well-known/jwks.json",
            Trouble::Status(503),
            "jwks.json answered with 503",
        ),
        ("/.well-known/jwks.json", Trouble::TenMegabytes, "more than"),
        ("/settings", Trouble::Status(503), "GET /auth/v1/settings"),
    ] {
        let (supabase, program) = rig();
        supabase.fail(path, trouble);
        must_fail(&program, AWAY, reason, || log_in(&supabase, client(&program)));
    }
}

#[test]
fn tokens_that_do_not_hold_are_told_of() {
    let (supabase, program) = rig();
    for (lie, expected, reason) in [
        (Lie::Clock(7_200), REJECTED, "in the future"),
        (Lie::Clock(-7_200), REJECTED, "expired"),
        (Lie::StolenKid, REJECTED, "signature is wrong"),
        (Lie::Unsigned, REJECTED, "none"),
        (Lie::PublicKeyAsSecret, MISCONFIGURED, "JWT Keys"),
    ] {
        supabase.lie(lie);
        must_fail(&program, expected, reason, || log_in(&supabase, client(&program)));
    }
    supabase.tell_the_truth();
    logged_in(&supabase, &program).redeem();
}

#[test]
fn keys_that_were_rotated_between_two_logins_are_fetched_again() {
    let (supabase, program) = rig();
    logged_in(&supabase, &program).redeem();
    supabase.rotate_key();
    logged_in(&supabase, &program).redeem();
}

#[test]
fn a_project_that_signs_with_a_secret_logs_nobody_in() {
    let supabase = Supabase::start_with(Signing::Hs256);
    supabase.add(Person::new(ADA));
    supabase.social(Social::SignsIn(ADA.to_owned()));
    let ports = Ports::free();
    let (id, secret) = supabase.register_oauth_client(&ports.callback("supabase"));
    let more = format!("mode = \"oauth_server\"\nclient_id = \"{id}\"\nclient_secret = \"{secret}\"");
    let program = Program::serve(ports, &configuration(&supabase, &more));
    must_fail(&program, AWAY, "500", || log_in(&supabase, client(&program)));
}
