//! Tokens that lie.

use vestibule_tests::{Mock, Ports, Program, Upstream};

use super::{log_in, must_fail};

/// Each lie, what the person is told, and the rule that the log names.
const LIES: [(&str, (u16, &str), &str); 9] = [
    (
        "audience",
        REJECTED,
        "the ID token is for another audience than this client",
    ),
    (
        "issuer",
        REJECTED,
        "the ID token is from another issuer, https://another.example",
    ),
    ("nonce", REJECTED, "the ID token is another login's (nonce)"),
    ("subject", REJECTED, "the ID token has no sub"),
    ("expired", REJECTED, "the ID token expired"),
    ("future", REJECTED, "the ID token was issued"),
    ("foreign", REJECTED, "the ID token's signature is wrong"),
    (
        "unsigned",
        REJECTED,
        "the ID token is signed with none, which is not allowed",
    ),
    (
        "secret",
        (500, "provider_misconfigured"),
        "the ID token is signed with HS256, whose key is the client secret",
    ),
];

const REJECTED: (u16, &str) = (502, "rejected");

#[test]
fn tokens_that_lie_log_nobody_in_and_the_log_names_the_rule() {
    let ports = Ports::free();
    let upstream = Mock::start();
    let more = "token_auth_method = \"client_secret_basic\"";
    let program = Program::serve(ports, &upstream.section("up", more));
    log_in(&program, &upstream).approve().redeem();
    for (lie, page, rule) in LIES {
        upstream.lie(lie);
        must_fail(&program, page, rule, || log_in(&program, &upstream));
    }
    upstream.tell_the_truth();
    log_in(&program, &upstream).approve().redeem();
}
