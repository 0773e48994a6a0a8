//! Providers that are away, slow, too talkative, or lead elsewhere.

use vestibule_tests::{Browser, Failure, OidcProvider, Ports, Program, Upstream};

use super::{Kind, authorize, house, log_in, must_fail};

const AWAY: (u16, &str) = (503, "provider_unavailable");
const MISCONFIGURED: (u16, &str) = (500, "provider_misconfigured");

/// Each way to fail, what the person is told, and what the log says of it.
const FAILURES: [(Failure, (u16, &str), &str); 5] = [
    (Failure::Down, AWAY, "503"),
    (Failure::Oversized, AWAY, "answered with more than 524288 bytes"),
    (Failure::Silent, AWAY, "did not answer within 5000 ms"),
    (Failure::Slow, AWAY, "did not answer within 5000 ms"),
    (Failure::Redirect, MISCONFIGURED, "redirect"),
];

/// A provider whose discovery fails before the broker starts, which starts all the same.
fn down_from_the_start(kind: Kind, failure: Failure) -> (OidcProvider, Program) {
    let ports = Ports::free();
    let upstream = kind.settings(ports).start();
    upstream.fail_at_discovery(failure);
    let program = Program::serve(ports, &kind.section(&upstream.section("up", "")));
    (upstream, program)
}

fn fails_at_discovery(kind: Kind) {
    for (failure, page, reason) in FAILURES {
        let (_upstream, program) = down_from_the_start(kind, failure);
        must_fail(&program, page, reason, || authorize(&program));
        let ready = Browser::new().open(&program.operators_url("/readyz")).json();
        assert_eq!(ready["providers"]["up"]["ready"], false, "{ready}");
        let why = ready["providers"]["up"]["why"].as_str();
        assert!(
            why.is_some_and(|why| why.contains(reason)),
            "{failure:?}: {ready}"
        );
        assert!(
            program.log_lines("169.254").is_empty(),
            "the redirect was followed"
        );
    }
}

#[test]
fn a_provider_that_fails_at_discovery_is_named_and_the_broker_starts() {
    fails_at_discovery(Kind::Oidc);
}

#[test]
fn an_auth0_tenant_that_fails_at_discovery_is_named_and_the_broker_starts() {
    fails_at_discovery(Kind::Auth0);
}

#[test]
fn a_clerk_instance_that_fails_at_discovery_is_named_and_the_broker_starts() {
    fails_at_discovery(Kind::Clerk);
}

fn fails_at_its_keys(kind: Kind) {
    for (failure, page, reason) in FAILURES {
        let (upstream, program) = house(kind, |settings| settings);
        upstream.fail_at_keys(failure);
        must_fail(&program, page, reason, || log_in(&program, &upstream));
        assert!(
            program.log_lines("169.254").is_empty(),
            "the redirect was followed"
        );
    }
}

#[test]
fn a_provider_that_fails_at_its_keys_logs_nobody_in() {
    fails_at_its_keys(Kind::Oidc);
}

#[test]
fn an_auth0_tenant_that_fails_at_its_keys_logs_nobody_in() {
    fails_at_its_keys(Kind::Auth0);
}

#[test]
fn a_clerk_instance_that_fails_at_its_keys_logs_nobody_in() {
    fails_at_its_keys(Kind::Clerk);
}

fn fails_at_its_token_endpoint(kind: Kind) {
    let (upstream, program) = house(kind, |settings| settings);
    for (failure, page, reason) in FAILURES {
        upstream.fail_at_token(failure);
        must_fail(&program, page, reason, || log_in(&program, &upstream));
        upstream.mend();
    }
    assert!(
        program.log_lines("169.254").is_empty(),
        "the redirect was followed"
    );
    log_in(&program, &upstream).approve().redeem();
}

#[test]
fn a_provider_that_fails_at_its_token_endpoint_logs_nobody_in_and_then_somebody() {
    fails_at_its_token_endpoint(Kind::Oidc);
}

#[test]
fn an_auth0_tenant_that_fails_at_its_token_endpoint_logs_nobody_in_and_then_somebody() {
    fails_at_its_token_endpoint(Kind::Auth0);
}

#[test]
fn a_clerk_instance_that_fails_at_its_token_endpoint_logs_nobody_in_and_then_somebody() {
    fails_at_its_token_endpoint(Kind::Clerk);
}

#[test]
fn a_provider_that_is_gone_is_away() {
    for kind in Kind::ALL {
        let (mut upstream, program) = house(kind, |settings| settings);
        let visit = authorize(&program);
        let back = upstream.log_in(visit.browser(), &visit.leaves_for(), "alice", "anything");
        upstream.kill();
        must_fail(&program, AWAY, "cannot be reached", || visit.come_back(&back));
    }
}

#[test]
fn a_login_survives_a_rotation_of_the_provider_s_keys() {
    for kind in Kind::ALL {
        let (upstream, program) = house(kind, |settings| settings);
        log_in(&program, &upstream).approve().redeem();
        upstream.rotate_keys();
        log_in(&program, &upstream).approve().redeem();
    }
}

#[test]
fn a_provider_whose_clock_is_an_hour_off_is_rejected() {
    for kind in Kind::ALL {
        for (clock, reason) in [(3_600, "seconds in the future"), (-7_200, "expired")] {
            let (upstream, program) = house(kind, |settings| settings.clock(clock));
            must_fail(&program, (502, "rejected"), reason, || {
                log_in(&program, &upstream)
            });
            assert!(!program.log_lines("compare the clocks").is_empty());
        }
    }
}
