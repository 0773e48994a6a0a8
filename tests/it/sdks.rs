//! The official MCP SDKs, from discovery to step-up.

use vestibule_tests::{Program, ThirdParty};

const WALK: [&str; 7] = [
    "discovers the broker from the challenge",
    "registers itself",
    "gets tokens after login and consent",
    "calls a tool as the person who logged in",
    "hears the progress of a tool",
    "refreshes by itself",
    "steps up when a tool needs more",
];

#[test]
fn the_first_line_of_the_typescript_sdk_walks_the_whole_way() {
    let report = ThirdParty::node("sdk-v1.mjs").run(&Program::start());
    report.must_show(&WALK);
}

#[test]
fn the_second_line_of_the_typescript_sdk_walks_the_whole_way_with_sessions() {
    let sdk = ThirdParty::node("sdk-v2.mjs").argument("legacy");
    sdk.run(&Program::start()).must_show(&WALK);
}

#[test]
fn the_second_line_of_the_typescript_sdk_walks_the_whole_way_without_sessions() {
    let sdk = ThirdParty::node("sdk-v2.mjs").argument("2026-07-28");
    sdk.run(&Program::start()).must_show(&WALK);
}

#[test]
fn the_python_sdk_walks_the_whole_way() {
    let report = ThirdParty::python("sdk.py").run(&Program::start());
    let mut walk = WALK;
    walk[1] = "registers itself, with a secret";
    report.must_show(&walk);
}
