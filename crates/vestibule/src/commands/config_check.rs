//! `vestibule config check FILE`

use std::process::ExitCode;

use super::output::say;
use crate::cli::CheckArgs;
use crate::config::{Config, Purpose};
use crate::service::environment;

/// Finds every mistake; exit code 0 means that there is none.
pub(crate) fn run(args: &CheckArgs) -> anyhow::Result<ExitCode> {
    let config = Config::load(&args.file, Purpose::Serve, &environment::variable)?;
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
