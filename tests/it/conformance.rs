//! The official MCP conformance suite, for both sides that the program has.
//!
//! The scenarios are those that the suite lists, and `clients/conformance-known.json` says which of them fail, in which of their
//! checks and why. An unexpected failure fails, and so does a known one that is over.

use vestibule_tests::{Program, ThirdParty};

#[test]
fn every_authorization_server_scenario_passes_at_both_revisions() {
    let suite = ThirdParty::node("conformance.mjs")
        .argument("2025-11-25")
        .argument("2026-07-28");
    suite.run(&Program::start()).must_show(&[
        "2025-11-25: authorization-code-grant",
        "2025-11-25: authorization-server-metadata",
        "2025-11-25: authorization-server-metadata-cimd",
        "2026-07-28: authorization-code-grant",
        "2026-07-28: authorization-server-metadata",
        "2026-07-28: authorization-server-metadata-cimd",
    ]);
}

#[test]
fn the_client_passes_at_2026_07_28() {
    let suites = ["auth", "draft", "extensions"];
    the_client_shows("2026-07-28", &suites, "31 scenarios pass, 0 fail as known");
}

#[test]
fn the_client_passes_at_2025_11_25() {
    let suites = ["auth", "extensions"];
    the_client_shows("2025-11-25", &suites, "20 scenarios pass, 0 fail as known");
}

#[test]
fn the_client_does_not_know_servers_of_2025_03_26() {
    the_client_shows("2025-03-26", &["backcompat"], "0 scenarios pass, 2 fail as known");
}

fn the_client_shows(revision: &str, suites: &[&str], outcome: &str) {
    let suite = ThirdParty::node("conformance-client.mjs").argument(revision);
    let suite = suites.iter().fold(suite, |suite, name| suite.argument(name));
    suite
        .run_with_client()
        .must_show(&[&format!("{revision}: {outcome}")]);
}
