//! Logins that fail at Firebase: each ends in a page that says what happened, and in a line that says why.
//!
//! The emulator signs nothing, so keys that cannot be had, or were rotated, are shown in the provider's own tests. Nobody is sent
//! to Firebase, so there is no callback to be wrong; a user who closes Google's window is told so by the page's script.

use serde_json::{Value, json};
use vestibule_tests::{Failure, FirebaseEmulator, Program, Visit};

use super::{PASSWORD, emulator, lying, post, serve, visit};
use crate::provider_failures::must_fail;

const AWAY: (u16, &str) = (503, "provider_unavailable");
const MISCONFIGURED: (u16, &str) = (500, "provider_misconfigured");
const REJECTED: (u16, &str) = (502, "rejected");

const SIGN_IN: &str = "/identitytoolkit.googleapis.com/v1/accounts:signInWithPassword";
const REFRESH: &str = "/securetoken.googleapis.com/v1/token";

fn ada(program: &Program) -> Visit<'_> {
    visit(program).send("password", |form| {
        form.fill("email", "ada@example.com").fill("password", PASSWORD)
    })
}

/// What goes wrong at an endpoint, and how it is told.
const TROUBLES: [(Failure, (u16, &str), &str); 5] = [
    (Failure::WrongKey, MISCONFIGURED, "Web API Key"),
    (Failure::Down, AWAY, "503"),
    (Failure::Oversized, AWAY, "more than"),
    (Failure::Redirect, AWAY, "302"),
    (Failure::Silent, AWAY, "did not answer within"),
];

#[test]
fn whatever_fails_at_firebase_is_told_of_and_ends_no_session() {
    let emulator = emulator();
    forms(&emulator);
    page(&emulator);
}

/// The broker's own forms: at the password, and at the refresh token by which the user is re-checked.
fn forms(emulator: &FirebaseEmulator) {
    let program = serve(emulator, "mode = \"server\"");
    let mut tokens = ada(&program).approve().redeem();
    for (failure, expected, reason) in TROUBLES {
        emulator.fail(SIGN_IN, failure);
        must_fail(&program, expected, reason, || ada(&program));
        emulator.mend();
        if failure == Failure::Silent {
            continue;
        }
        emulator.fail(REFRESH, failure);
        must_fail(&program, expected, reason, || ada(&program));
        // Who is logged in already stays so.
        tokens = tokens.refresh();
        emulator.mend();
    }
    drop(tokens.refresh());
    ada(&program).approve().redeem();
    assert!(
        program.log_lines("169.254").is_empty(),
        "nobody follows a redirect"
    );
    assert!(!program.log().contains(PASSWORD), "no password is logged");
}

/// The page, whose script posts tokens: of a clock that is off, and while Firebase is away.
fn page(emulator: &FirebaseEmulator) {
    let program = serve(emulator, "");
    let tokens = emulator.sign_in("ada@example.com", PASSWORD);
    let hour = |claims: &mut Value, ahead: i64| {
        for name in ["iat", "exp", "auth_time"] {
            let told = claims[name].as_i64().expect("a time");
            claims[name] = json!(told + ahead);
        }
    };
    for (ahead, reason) in [(7_200, "one of the clocks is wrong"), (-7_200, "has expired")] {
        must_fail(&program, REJECTED, reason, || {
            post(visit(&program), &tokens, |claims| hour(claims, ahead))
        });
    }
    must_fail(&program, REJECTED, "API key may be of another project", || {
        post(visit(&program), &tokens, lying("/aud", json!("another-project")))
    });
    for (failure, expected, reason) in [TROUBLES[0], TROUBLES[1]] {
        emulator.fail(REFRESH, failure);
        must_fail(&program, expected, reason, || {
            post(visit(&program), &tokens, |_| {})
        });
        emulator.mend();
    }
    post(visit(&program), &tokens, |_| {}).approve().redeem();
}
