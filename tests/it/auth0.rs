//! Auth0's routes, issuer and claims on a real OpenID Provider.

use serde_json::json;
use vestibule_tests::{Flow, OidcProvider, OidcSettings, Ports, Program, Upstream};

/// A tenant whose users all log in to one organization.
fn tenant(ports: Ports) -> OidcSettings {
    OidcProvider::coming_back_to(&ports.callback("corp"))
        .like_auth0()
        .client("token_endpoint_auth_method", "client_secret_post")
        .claim("org_id", "org_one")
        .claim("https://example.com/roles", json!(["editor"]))
}

/// The broker's section for it, with these keys more.
fn section(upstream: &OidcProvider, more: &str) -> String {
    let text = upstream.section("corp", more);
    text.replace("kind = \"oidc\"", "kind = \"auth0\"")
        .replace("issuer = ", "domain = ")
}

#[test]
fn a_user_of_the_organization_calls_a_tool() {
    let ports = Ports::free();
    let upstream = tenant(ports).start();
    let more = "organization = \"org_one\"\nroles_claim = \"https://example.com/roles\"\n\
                [[policy.rules]]\nrole = \"editor\"\nscopes = [\"mcp:read\", \"mcp:write\"]";
    let program = Program::serve(ports, &section(&upstream, more));
    let tokens = Flow::new(&program)
        .scope("mcp:read mcp:write")
        .register()
        .authorize()
        .log_in_at(&upstream, "alice", "any password")
        .approve()
        .redeem();
    let claims = tokens.claims();
    assert_eq!(claims["sub"], "corp:alice");
    assert_eq!(claims["scope"], "mcp:read mcp:write");
    let called = tokens.call("tools/call", &json!({"name": "read_data", "arguments": {}}));
    assert_ne!(called.status(), 401, "{}", called.body());
    assert_eq!(tokens.refresh().claims()["sub"], "corp:alice");
}

#[test]
fn an_application_that_is_known_by_its_key_calls_a_tool() {
    let ports = Ports::free();
    let upstream = tenant(ports).client_key("RS256").start();
    let section = upstream
        .key_section("corp", "organization = \"org_one\"\nprivate_key_alg = \"RS256\"")
        .replace("kind = \"oidc\"", "kind = \"auth0\"")
        .replace("issuer = ", "domain = ");
    let program = Program::serve(ports, &section);
    let tokens = Flow::new(&program)
        .register()
        .authorize()
        .log_in_at(&upstream, "alice", "any password")
        .approve()
        .redeem();
    let called = tokens.call("tools/call", &json!({"name": "read_data", "arguments": {}}));
    assert_ne!(called.status(), 401, "{}", called.body());
    assert_eq!(tokens.refresh().claims()["sub"], "corp:alice");
}

#[test]
fn a_user_of_another_organization_gets_no_further() {
    let ports = Ports::free();
    let upstream = tenant(ports).start();
    let program = Program::serve(ports, &section(&upstream, "organization = \"org_two\""));
    let visit = Flow::new(&program)
        .register()
        .authorize()
        .log_in_at(&upstream, "alice", "any password");
    let code = visit.answer().location().and_then(|to| {
        let mut pairs = to.query_pairs();
        pairs
            .find(|(name, _)| name == "code")
            .map(|(_, code)| code.into_owned())
    });
    assert_eq!(code, None, "a code was issued");
    assert_eq!(
        visit.page().form_with("decision").map(|_| ()),
        None,
        "consent was asked for"
    );
    assert!(
        !program.log_lines("another organization than org_two").is_empty(),
        "{}",
        program.log()
    );
}

#[test]
fn the_doctor_finds_what_is_wrong_with_a_secret() {
    let ports = Ports::free();
    let upstream = tenant(ports).start();
    let right = section(&upstream, "");
    let (healthy, said) = doctor(ports, &right);
    assert!(healthy, "{said}");
    assert!(
        said.contains(&format!("the issuer is exactly {}", upstream.issuer())),
        "{said}"
    );
    assert!(said.contains(&ports.callback("corp")), "{said}");
    let wrong = right.replace("client_secret = \"", "client_secret = \"not ");
    let (healthy, said) = doctor(ports, &wrong);
    assert!(!healthy, "{said}");
    assert!(
        said.contains("\u{2718} provider corp, client authentication"),
        "{said}"
    );
}

/// What `vestibule doctor` says of a configuration that nobody runs.
fn doctor(ports: Ports, section: &str) -> (bool, String) {
    let folder = tempfile::tempdir().expect("a directory");
    let file = folder.path().join("vestibule.toml");
    std::fs::write(&file, format!("{}\n{section}", ports.preamble())).expect("a file");
    let output = std::process::Command::new(Program::path())
        .args(["doctor", "--config"])
        .arg(&file)
        .env(
            "VESTIBULE_TEST_SECRET",
            "c2VjcmV0IG9mIGEgdGVzdCwgMzIgYnl0ZXMgYW5kIG1vcmU=",
        )
        .output()
        .expect("the program runs");
    (
        output.status.success(),
        String::from_utf8_lossy(&output.stdout).into_owned(),
    )
}
