//! The official MCP conformance suite, for both sides that the program has.

use vestibule_tests::{Program, ThirdParty};

#[test]
fn every_authorization_server_scenario_passes() {
    let report = ThirdParty::node("conformance.mjs").run(&Program::start());
    report.must_show(&[
        "authorization-code-grant",
        "authorization-server-metadata",
        "authorization-server-metadata-cimd",
    ]);
}

// Three scenarios of authorization are not among these. Two play a server of the revision 2025-03-26, which has no metadata
// of its own (RFC 9728), and the client asks for it. `auth/metadata-var2` gives metadata for the server's origin in
// place of its address; RFC 9728 §3.3: such data "MUST NOT be used".

#[test]
fn the_client_passes_the_scenarios_of_discovery() {
    client_passes(&[
        "auth/metadata-default",
        "auth/metadata-var1",
        "auth/metadata-var3",
        "auth/metadata-issuer-mismatch",
        "auth/resource-mismatch",
        "auth/authorization-server-migration",
    ]);
}

#[test]
fn the_client_passes_the_scenarios_of_registration() {
    client_passes(&[
        "auth/basic-cimd",
        "auth/pre-registration",
        "auth/token-endpoint-auth-basic",
        "auth/token-endpoint-auth-post",
        "auth/token-endpoint-auth-none",
    ]);
}

#[test]
fn the_client_passes_the_scenarios_of_scopes() {
    client_passes(&[
        "auth/scope-from-www-authenticate",
        "auth/scope-from-scopes-supported",
        "auth/scope-omitted-when-undefined",
        "auth/scope-step-up",
        "auth/scope-retry-limit",
        "auth/offline-access-scope",
        "auth/offline-access-not-supported",
    ]);
}

#[test]
fn the_client_passes_the_scenarios_of_the_issuer() {
    client_passes(&[
        "auth/iss-supported",
        "auth/iss-not-advertised",
        "auth/iss-supported-missing",
        "auth/iss-wrong-issuer",
        "auth/iss-unexpected",
        "auth/iss-normalized",
    ]);
}

fn client_passes(scenarios: &[&str]) {
    let suite = ThirdParty::node("conformance-client.mjs");
    let suite = scenarios
        .iter()
        .fold(suite, |suite, scenario| suite.argument(scenario));
    suite.run_with_client().must_show(scenarios);
}
