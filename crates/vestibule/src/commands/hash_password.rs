//! `vestibule hash-password`

use std::io::{IsTerminal as _, stdin};
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use vestibule_protocol::Secret;
use vestibule_provider_local::hash_password;

use super::output::say;

/// Asks for a password and prints its argon2id hash.
pub(crate) fn run() -> anyhow::Result<ExitCode> {
    let password = if stdin().is_terminal() {
        let first = Secret::new(rpassword::prompt_password("Password: ").context("cannot read a password")?);
        let again = Secret::new(rpassword::prompt_password("Once more: ").context("cannot read a password")?);
        if !first.matches(again.expose()) {
            bail!("the two passwords differ; nothing was hashed");
        }
        first
    } else {
        let mut line = String::new();
        stdin()
            .read_line(&mut line)
            .context("cannot read standard input")?;
        Secret::new(line.trim_end_matches(['\r', '\n']))
    };
    if password.is_empty() {
        bail!("the password is empty; type one, or pipe one line into this command");
    }
    say(&hash_password(&password)?);
    Ok(ExitCode::SUCCESS)
}
