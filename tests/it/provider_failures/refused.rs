//! What the provider, or the person there, says no to.

use serde_json::json;
use vestibule_tests::{Ports, Program, Upstream, provider_section};

use super::{Kind, authorize, house, log_in, must_fail};

#[test]
fn a_wrong_secret_is_the_operators_to_mend() {
    for kind in Kind::ALL {
        let ports = Ports::free();
        let upstream = kind.settings(ports).start();
        let section = provider_section("up", upstream.issuer(), "another secret", "");
        let program = Program::serve(ports, &kind.section(&section));
        let page = (500, "provider_misconfigured");
        must_fail(&program, page, "invalid_client", || log_in(&program, &upstream));
    }
}

#[test]
fn a_callback_that_was_not_registered_ends_at_the_provider() {
    for kind in Kind::ALL {
        let elsewhere = json!(["https://elsewhere.example/"]);
        let (_upstream, program) = house(kind, |settings| settings.client("redirect_uris", elsewhere));
        let visit = authorize(&program);
        let answer = visit.browser().open(visit.leaves_for().as_str());
        assert_eq!(answer.status(), 400);
        assert!(answer.body().contains("redirect_uri"), "{}", answer.body());
    }
}

#[test]
fn a_user_who_says_no_is_told_so_through_the_app() {
    for kind in Kind::ALL {
        let (upstream, program) = house(kind, |settings| settings);
        let visit = authorize(&program);
        let back = upstream.abort(visit.browser(), &visit.leaves_for());
        let callback = visit.come_back(&back).back();
        assert_eq!(callback.error().as_deref(), Some("access_denied"));
        let lines = program.log_lines("access_denied");
        assert!(
            lines.iter().any(|line| line.contains("a login failed")),
            "{}",
            program.log()
        );
    }
}

#[test]
fn a_user_who_is_disabled_before_the_login_is_complete_is_not_let_in() {
    for kind in Kind::ALL {
        let (upstream, program) = house(kind, |settings| settings);
        let visit = authorize(&program);
        let back = upstream.log_in(visit.browser(), &visit.leaves_for(), "alice", "anything");
        upstream.disable("alice");
        must_fail(&program, (502, "rejected"), "invalid_grant", || {
            visit.come_back(&back)
        });
    }
}

#[test]
fn a_code_of_another_browser_logs_nobody_in() {
    let (upstream, program) = house(Kind::Oidc, |settings| settings);
    let (victim, attacker) = (authorize(&program), authorize(&program));
    let back = upstream.log_in(attacker.browser(), &attacker.leaves_for(), "mallory", "anything");
    let state = back.query_pairs().find(|(name, _)| name == "state");
    assert!(state.is_some(), "{back}");
    let forced = victim.come_back(&back);
    assert_eq!(forced.page().error().as_deref(), Some("other_browser"));
}
