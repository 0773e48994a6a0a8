//! Relying parties and verifiers that know OpenID Connect and JWTs, and nothing of MCP.

use vestibule_tests::{Flow, Program, ThirdParty};

#[test]
fn a_certified_relying_party_finds_an_openid_provider() {
    let report = ThirdParty::node("openid.mjs").run(&Program::start());
    report.must_show(&[
        "discovers the OpenID provider",
        "validates the ID token, its signature, nonce and time of login",
        "finds the access token bound to the ID token",
        "reads the userinfo",
        "introspects a token",
        "refreshes",
        "logs the person out, and has the browser back",
        "revokes, and every token of the session ends",
    ]);
}

#[test]
fn jose_verifies_tokens_with_nothing_but_the_keys() {
    verify_with(ThirdParty::node("verify.mjs")).must_show(&[
        "verifies an access token",
        "verifies an ID token",
        "refuses the wrong kind, the wrong audience and a changed signature",
        "finds public keys alone",
    ]);
}

#[test]
fn pyjwt_verifies_tokens_with_nothing_but_the_keys() {
    verify_with(ThirdParty::python("verify.py")).must_show(&[
        "verifies an access token",
        "verifies an ID token",
        "refuses the wrong audience",
    ]);
}

fn verify_with(verifier: ThirdParty) -> vestibule_tests::Report {
    let program = Program::start();
    let callback = Flow::new(&program)
        .scope("openid mcp:read")
        .register()
        .authorize()
        .log_in_as("alice", "password123")
        .approve();
    let tokens = callback.redeem();
    let id_token = tokens.member("id_token").expect("openid was granted");
    verifier
        .argument(tokens.access_token())
        .argument(id_token)
        .argument(callback.client().id())
        .run(&program)
}
