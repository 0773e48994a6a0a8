//! The doctor, held to providers on the internet.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test fails by panicking, and says what it saw"
)]

use std::fs;
use std::process::Command;

use vestibule_provider_testkit::{LiveTest, run_live};

const TESTS: [LiveTest; 3] = [
    LiveTest {
        name: "auth0_answers_the_doctor",
        needs: &["VESTIBULE_LIVE_AUTH0"],
        run: || examine("auth0", ""),
    },
    LiveTest {
        name: "clerk_answers_the_doctor",
        needs: &["VESTIBULE_LIVE_CLERK"],
        run: || examine("clerk", ""),
    },
    LiveTest {
        name: "firebase_answers_the_doctor",
        needs: &["VESTIBULE_LIVE_FIREBASE"],
        // Its page would have to be at an authorized domain.
        run: || examine("firebase", "mode = \"server\""),
    },
];

fn main() {
    run_live(&TESTS);
}

/// Runs the doctor against the provider that the environment describes.
fn examine(kind: &str, more: &str) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("vestibule.toml");
    let text = format!(
        r#"
issuer = "https://auth.example.com"
[listen]
address = "127.0.0.1:0"
[store]
kind = "memory"
[secrets]
master = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY"
[providers.live]
kind = "{kind}"
{more}
[[resources]]
uri = "https://mcp.example.com/mcp"
[resources.scopes]
"notes:read" = "Read your notes"
"#
    );
    fs::write(&file, text).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_vestibule"))
        .args(["doctor", "--config"])
        .arg(&file)
        .output()
        .unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let about: Vec<&str> = said
        .lines()
        .filter(|line| line.contains("provider live"))
        .collect();
    println!("{}", about.join("\n"));
    assert!(
        about.len() > 2,
        "{said}\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(about.iter().all(|line| !line.starts_with('\u{2718}')), "{said}");
}
