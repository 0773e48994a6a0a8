//! Logins that fail at the provider: each ends at a page that says what happened, and in a line that tells the operator why.

use url::Url;
use vestibule_tests::{
    Browser, Failure, Flow, Mock, OidcProvider, OidcSettings, Ports, Program, Upstream, Visit,
    provider_section,
};

/// Insists on the page that the person sees and on what the log says.
fn must_fail(program: &Program, visit: &Visit<'_>, status: u16, code: &str, reasons: &[&str]) {
    let page = visit.page();
    assert_eq!(visit.answer().status(), status, "{}", page.text());
    assert_eq!(page.error().as_deref(), Some(code), "{}", page.text());
    for reason in reasons {
        assert!(!program.log_lines(reason).is_empty(), "no line says {reason:?}");
    }
    for secret in ["the-secret-of-a-test", "eyJ"] {
        assert!(!page.html().contains(secret), "{secret} on the page");
        assert!(program.log_lines(secret).is_empty(), "{secret} in the log");
    }
}

fn house(settings: impl FnOnce(OidcSettings) -> OidcSettings) -> (OidcProvider, Program) {
    let ports = Ports::free();
    let upstream = settings(OidcProvider::coming_back_to(&ports.callback("up"))).start();
    let program = Program::serve(ports, &upstream.section("up", ""));
    (upstream, program)
}

fn log_in<'p>(program: &'p Program, upstream: &impl Upstream) -> Visit<'p> {
    let visit = Flow::new(program).register().authorize();
    visit.log_in_at(upstream, "alice", "password123")
}

#[test]
fn a_provider_that_is_down_at_discovery_is_away() {
    for (failure, reason) in [(Failure::Down, "503"), (Failure::Oversized, "more than")] {
        let (upstream, program) = down_from_the_start(failure);
        let ready = Browser::new().open(&program.url("/readyz")).json();
        assert_eq!(ready["providers"]["up"]["ready"], false, "{ready}");
        let why = ready["providers"]["up"]["why"].as_str();
        assert!(why.is_some_and(|why| why.contains(reason)), "{ready}");
        let visit = Flow::new(&program).register().authorize();
        must_fail(&program, &visit, 503, "provider_unavailable", &[reason]);
        drop(upstream);
    }
}

#[test]
fn a_provider_that_redirects_discovery_into_the_network_is_not_followed() {
    let (_upstream, program) = down_from_the_start(Failure::Redirect);
    let visit = Flow::new(&program).register().authorize();
    must_fail(&program, &visit, 500, "provider_misconfigured", &["redirect"]);
    assert!(program.log_lines("169.254").is_empty());
}

/// A provider whose discovery fails before the broker starts, which starts all the same.
fn down_from_the_start(failure: Failure) -> (OidcProvider, Program) {
    let ports = Ports::free();
    let upstream = OidcProvider::coming_back_to(&ports.callback("up")).start();
    upstream.fail_at_discovery(failure);
    let program = Program::serve(ports, &upstream.section("up", ""));
    (upstream, program)
}

#[test]
fn a_provider_that_fails_at_its_keys_is_away() {
    for (failure, reason) in [(Failure::Down, "503"), (Failure::Oversized, "more than")] {
        let (upstream, program) = house(|settings| settings);
        upstream.fail_at_keys(failure);
        let visit = log_in(&program, &upstream);
        must_fail(&program, &visit, 503, "provider_unavailable", &[reason]);
    }
}

#[test]
fn a_provider_that_fails_at_its_token_endpoint_is_away_and_then_back() {
    let (upstream, program) = house(|settings| settings);
    for (failure, reason) in [
        (Failure::Down, "503"),
        (Failure::Oversized, "more than"),
        (Failure::Silent, "did not answer within"),
    ] {
        upstream.fail_at_token(failure);
        let visit = log_in(&program, &upstream);
        must_fail(&program, &visit, 503, "provider_unavailable", &[reason]);
        upstream.mend();
    }
    log_in(&program, &upstream).approve().redeem();
}

#[test]
fn a_token_endpoint_that_redirects_into_the_network_is_not_followed() {
    let (upstream, program) = house(|settings| settings);
    upstream.fail_at_token(Failure::Redirect);
    let visit = log_in(&program, &upstream);
    must_fail(&program, &visit, 500, "provider_misconfigured", &["redirect"]);
}

#[test]
fn a_provider_that_is_gone_is_away() {
    let (mut upstream, program) = house(|settings| settings);
    let visit = Flow::new(&program).register().authorize();
    let back = upstream.log_in(visit.browser(), &visit.leaves_for(), "alice", "anything");
    upstream.kill();
    let visit = visit.come_back(&back);
    must_fail(
        &program,
        &visit,
        503,
        "provider_unavailable",
        &["cannot be reached"],
    );
}

#[test]
fn a_wrong_secret_is_the_operators_to_mend() {
    let ports = Ports::free();
    let upstream = OidcProvider::coming_back_to(&ports.callback("up")).start();
    let section = provider_section("up", upstream.issuer(), "another secret", "");
    let program = Program::serve(ports, &section);
    let visit = log_in(&program, &upstream);
    must_fail(
        &program,
        &visit,
        500,
        "provider_misconfigured",
        &["invalid_client"],
    );
}

#[test]
fn a_callback_that_was_not_registered_ends_at_the_provider() {
    let (upstream, program) =
        house(|settings| settings.client("redirect_uris", serde_json::json!(["https://elsewhere.example/"])));
    let visit = Flow::new(&program).register().authorize();
    let away = visit.leaves_for();
    let answer = visit.browser().open(away.as_str());
    assert_eq!(answer.status(), 400);
    assert!(answer.body().contains("redirect_uri"), "{}", answer.body());
    drop(upstream);
}

#[test]
fn a_user_who_says_no_is_told_so_through_the_app() {
    let (upstream, program) = house(|settings| settings);
    let visit = Flow::new(&program).register().authorize();
    let back = upstream.abort(visit.browser(), &visit.leaves_for());
    let callback = visit.come_back(&back).back();
    assert_eq!(callback.error().as_deref(), Some("access_denied"));
    assert!(
        !program.log_lines("denied the login").is_empty() || !program.log_lines("access_denied").is_empty()
    );
}

#[test]
fn a_provider_whose_clock_is_an_hour_off_is_rejected() {
    for (clock, reason) in [(3_600, "future"), (-7_200, "expired")] {
        let (upstream, program) = house(|settings| settings.clock(clock));
        let visit = log_in(&program, &upstream);
        must_fail(&program, &visit, 502, "rejected", &[reason]);
    }
}

#[test]
fn tokens_that_lie_log_nobody_in() {
    let ports = Ports::free();
    let upstream = Mock::start();
    let more = "token_auth_method = \"client_secret_basic\"";
    let program = Program::serve(ports, &upstream.section("up", more));
    log_in(&program, &upstream).approve().redeem();
    for (lie, reason) in [
        ("audience", "aud"),
        ("issuer", "iss"),
        ("nonce", "nonce"),
        ("subject", "sub"),
        ("expired", "expired"),
        ("future", "future"),
        ("foreign", "signature"),
        ("unsigned", "none"),
        ("secret", "HS256"),
    ] {
        upstream.lie(lie);
        let before = program.log_lines(reason).len();
        let visit = log_in(&program, &upstream);
        assert!(visit.page().error().is_some(), "{lie}: {}", visit.page().text());
        assert!(matches!(visit.answer().status(), 500 | 502), "{lie}");
        assert!(
            program.log_lines(reason).len() > before,
            "{lie}: no line says {reason:?}"
        );
    }
    upstream.tell_the_truth();
    log_in(&program, &upstream).approve().redeem();
}

#[test]
fn a_code_of_another_browser_logs_nobody_in() {
    let (upstream, program) = house(|settings| settings);
    let victim = Flow::new(&program).register().authorize();
    let attacker = Flow::new(&program).register().authorize();
    let back = upstream.log_in(attacker.browser(), &attacker.leaves_for(), "mallory", "anything");
    let forced = victim.come_back(&back);
    assert!(forced.page().error().is_some(), "{}", forced.page().text());
    let state = |url: &Url| {
        url.query_pairs()
            .find(|(name, _)| name == "state")
            .map(|(_, value)| value.into_owned())
    };
    assert!(state(&back).is_some());
}
