//! `vestibule config check FILE`

use std::process::ExitCode;

use anyhow::bail;

use super::output::say;
use crate::cli::CheckArgs;
use crate::config::{Config, Purpose};
use crate::service::{environment, registry};

/// Finds every mistake; exit code 0 means that there is none.
pub(crate) fn run(args: &CheckArgs) -> anyhow::Result<ExitCode> {
    let config = Config::load(&args.file, Purpose::Serve, &environment::variable)?;
    let contradictions: Vec<String> = config
        .providers
        .iter()
        .filter_map(|provider| registry::build(provider).err())
        .map(|error| format!("{}: {error:#}", args.file.display()))
        .collect();
    if !contradictions.is_empty() {
        bail!(contradictions.join("\n"));
    }
    for filled in &config.filled {
        say(&format!("{}: {filled}", args.file.display()));
    }
    say(&format!(
        "{}: no mistakes; the issuer is {}",
        args.file.display(),
        config.issuer
    ));
    Ok(ExitCode::SUCCESS)
}
