//! The official MCP conformance suite.

use vestibule_tests::{Program, ThirdParty};

#[test]
fn every_authorization_server_scenario_of_the_conformance_suite_passes() {
    let report = ThirdParty::node("conformance.mjs").run(&Program::start());
    report.must_show(&[
        "authorization-code-grant",
        "authorization-server-metadata",
        // Client ID Metadata Documents are not taken yet, and so not advertised.
        "authorization-server-metadata-cimd (warning)",
    ]);
}
