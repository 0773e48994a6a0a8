//! Providers on the internet, for whoever has an account there and asks for it.

use std::fs;

use super::{run, vestibule};

/// Runs the doctor against the provider that the environment describes, where `switch` is set.
#[expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "whoever runs the test says in the environment what to try, and hears whether anything was"
)]
fn examine(switch: &str, kind: &str) {
    if std::env::var(switch).is_err() {
        println!("{switch} is not set: nothing was tried");
        return;
    }
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
[[resources]]
uri = "https://mcp.example.com/mcp"
[resources.scopes]
"notes:read" = "Read your notes"
"#
    );
    fs::write(&file, text).unwrap();
    let (_, said, trouble) = run(vestibule(&["doctor", "--config"]).arg(&file));
    let about: Vec<&str> = said
        .lines()
        .filter(|line| line.contains("provider live"))
        .collect();
    println!("{}", about.join("\n"));
    assert!(about.len() > 3, "{said}\n{trouble}");
    assert!(about.iter().all(|line| !line.starts_with('\u{2718}')), "{said}");
}

#[test]
fn auth0_answers_the_doctor() {
    examine("VESTIBULE_LIVE_AUTH0", "auth0");
}

#[test]
fn clerk_answers_the_doctor() {
    examine("VESTIBULE_LIVE_CLERK", "clerk");
}
