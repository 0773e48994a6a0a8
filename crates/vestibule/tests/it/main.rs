//! The commands that need no running broker, run as a person runs them.
//!
//! These tests name the program's binary, and so see to it that it is built for the whole flows of the `tests` crate too.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod doctor;
mod files;
mod replicas;
mod tls;

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

const REFERENCE: &str = include_str!("../../../../config/vestibule.toml");

fn vestibule(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_vestibule"));
    command
        .args(arguments)
        .env_remove("VESTIBULE_CONFIG")
        .env_remove("RUST_LOG");
    command
}

fn run(command: &mut Command) -> (bool, String, String) {
    let Output {
        status,
        stdout,
        stderr,
    } = command.output().expect("the program runs");
    (
        status.success(),
        String::from_utf8(stdout).unwrap(),
        String::from_utf8(stderr).unwrap(),
    )
}

fn hash(password: &str) -> String {
    let mut child = vestibule(&["hash-password"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program runs");
    writeln!(child.stdin.take().unwrap(), "{password}").unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

fn check(folder: &Path, text: &str) -> (bool, String, String) {
    let file = folder.join("vestibule.toml");
    fs::write(&file, text).unwrap();
    run(vestibule(&["config", "check"])
        .arg(&file)
        .env(
            "VESTIBULE_MASTER_SECRET",
            "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY",
        )
        .env("MY_AGENT_SECRET", "a long random secret"))
}

#[test]
fn a_wrong_configuration_is_refused_with_every_mistake_file_and_line() {
    let folder = tempfile::tempdir().unwrap();
    let text = REFERENCE
        .replace(
            "issuer = \"http://localhost:3009\"",
            "issuer = \"http://localhost:3009/\"",
        )
        .replace("algorithm = \"ES256\"", "algorithm = \"HS256\"");
    let (good, _, said) = check(folder.path(), &text);
    assert!(!good);
    for mistake in ["vestibule.toml:13: issuer: ", "keys.algorithm: \"HS256\""] {
        assert!(said.contains(mistake), "{mistake} is not in:\n{said}");
    }
}

#[test]
fn the_reference_with_a_fresh_password_is_right() {
    let folder = tempfile::tempdir().unwrap();
    let line = REFERENCE
        .lines()
        .find(|line| line.starts_with("password_hash"))
        .unwrap();
    let text = REFERENCE.replace(line, &format!("password_hash = \"{}\"", hash("a password")));
    let (good, said, mistakes) = check(folder.path(), &text);
    assert!(good, "{mistakes}");
    assert!(said.contains("no mistakes"), "{said}");
}

#[test]
fn the_same_password_hashes_differently_each_time() {
    let (first, second) = (hash("a password"), hash("a password"));
    assert!(first.starts_with("$argon2id$"), "{first}");
    assert_ne!(first, second);
}

#[test]
fn a_missing_file_and_a_missing_broker_are_told_in_a_sentence() {
    for (arguments, hint) in [
        (
            ["serve", "--config", "/nonexistent/vestibule.toml"].as_slice(),
            "--config",
        ),
        (
            ["keys", "list", "--socket", "/nonexistent/socket"].as_slice(),
            "is it running?",
        ),
    ] {
        let (good, _, said) = run(&mut vestibule(arguments));
        assert!(!good);
        assert!(said.contains(hint), "{said}");
        assert_eq!(said.lines().count(), 1, "{said}");
    }
}

#[test]
fn a_socket_that_is_named_counts_whatever_configuration_the_environment_names() {
    let mut list = vestibule(&["keys", "list", "--socket", "/nonexistent/socket"]);
    let (_, _, said) = run(list.env("VESTIBULE_CONFIG", "/nonexistent/vestibule.toml"));
    assert!(
        said.contains("no broker answers on /nonexistent/socket"),
        "{said}"
    );
}
