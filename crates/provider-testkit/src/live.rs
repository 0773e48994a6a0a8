//! Tests against providers on the internet, for whoever has an account there: each exists only where the environment says what to
//! try it on, so that no run counts one that tried nothing.
//!
//! The `main` of a test target with `harness = false` hands its list to [`run_live`], which speaks to `cargo test` and
//! `cargo nextest` as the usual harness does.

#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "the environment says what to try, and whoever runs the tests hears what was"
)]

use std::env;

/// A test that needs to be told what to try.
#[derive(Debug, Clone, Copy)]
pub struct LiveTest {
    /// Its name, a sentence of behaviour.
    pub name: &'static str,
    /// The variables without which there is nothing to try.
    pub needs: &'static [&'static str],
    /// The test, which fails by panicking.
    pub run: fn(),
}

/// Lists or runs those tests that have what they need.
pub fn run_live(tests: &[LiveTest]) {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let has = |flag: &str| arguments.iter().any(|argument| argument == flag);
    let wanted: Vec<&String> = arguments
        .iter()
        .filter(|argument| tests.iter().any(|test| test.name.contains(argument.as_str())))
        .collect();
    for test in tests {
        let missing: Vec<&str> = test
            .needs
            .iter()
            .copied()
            .filter(|name| env::var(name).is_err())
            .collect();
        if !missing.is_empty() {
            eprintln!("{} is not there: {} is not set", test.name, missing.join(", "));
        } else if has("--list") {
            if !has("--ignored") {
                println!("{}: test", test.name);
            }
        } else if wanted.is_empty() || wanted.iter().any(|part| test.name.contains(part.as_str())) {
            (test.run)();
            println!("test {} ... ok", test.name);
        }
    }
}
