//! The life of the program: what outlives it, and how it begins and ends.

use std::net::TcpListener;
use std::process::Command;

use vestibule_tests::{Flow, Program};

#[test]
fn clients_sessions_and_keys_outlive_the_program() {
    let data = tempfile::tempdir().expect("a temporary directory");
    let arguments = ["--data", data.path().to_str().expect("a path in UTF-8")];
    let mut program = Program::start_with(&arguments);
    let (client, refresh_token, key) = begin(&program);
    assert!(program.stop().success(), "SIGTERM ends the program well");
    let program = program.restart_with(&arguments);
    resume(&program, &client, &refresh_token);
    assert!(
        keys(&program).contains(&key),
        "the key that signed before is still published"
    );
}

#[test]
fn a_power_cut_loses_nothing_that_was_answered() {
    let data = tempfile::tempdir().expect("a temporary directory");
    let arguments = ["--data", data.path().to_str().expect("a path in UTF-8")];
    let mut program = Program::start_with(&arguments);
    let (client, refresh_token, _) = begin(&program);
    program.kill();
    let program = program.restart_with(&arguments);
    resume(&program, &client, &refresh_token);
}

#[test]
fn a_taken_port_gives_one_clear_sentence() {
    let taken = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    let (port, free) = (port_of(&taken), free_port());
    assert_one_sentence(&["demo", "--memory", "--port", &port, "--mcp-port", &free], &port);
    assert_one_sentence(&["demo", "--memory", "--port", &free, "--mcp-port", &port], &port);
}

#[test]
fn an_unwritable_directory_gives_one_clear_sentence() {
    let file = tempfile::NamedTempFile::new().expect("a temporary file");
    let path = file.path().join("inside").display().to_string();
    let (port, mcp_port) = (free_port(), free_port());
    let arguments = ["demo", "--port", &port, "--mcp-port", &mcp_port, "--data", &path];
    assert_one_sentence(&arguments, &path);
}

/// Starts the program wrongly: it says what is wrong on one line, names the culprit, and fails.
fn assert_one_sentence(arguments: &[&str], culprit: &str) {
    let output = Command::new(Program::path())
        .args(arguments)
        .output()
        .expect("the program starts");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success());
    assert_eq!(said.trim().lines().count(), 1, "{said}");
    assert!(said.contains(culprit), "{said}");
    assert!(!said.contains("panicked"), "{said}");
}

/// A walk before the program ends: the client, its refresh token, and the key that signed.
fn begin(program: &Program) -> (String, String, String) {
    let client = Flow::new(program).register();
    let tokens = client
        .clone()
        .authorize()
        .log_in_as("alice", "password123")
        .approve()
        .redeem();
    let key = tokens.header()["kid"]
        .as_str()
        .expect("a token names its key")
        .to_owned();
    (client.id().to_owned(), tokens.refresh_token().to_owned(), key)
}

/// The walk goes on after the program has started again.
fn resume(program: &Program, client: &str, refresh_token: &str) {
    let data = [("grant_type", "refresh_token"), ("refresh_token", refresh_token)];
    let answer = Flow::new(program)
        .as_client(client, None)
        .post("/oauth/token", &data);
    assert_eq!(answer.status(), 200, "{}", answer.body());
}

fn free_port() -> String {
    port_of(&TcpListener::bind(("127.0.0.1", 0)).expect("a free port"))
}

fn port_of(listener: &TcpListener) -> String {
    let address = listener.local_addr().expect("a bound listener has an address");
    address.port().to_string()
}

fn keys(program: &Program) -> Vec<String> {
    let published = vestibule_tests::Browser::new()
        .open(&program.url("/oauth/keys"))
        .json();
    let keys = published["keys"].as_array().expect("a key set");
    keys.iter()
        .filter_map(|key| key["kid"].as_str().map(str::to_owned))
        .collect()
}
