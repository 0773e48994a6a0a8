//! `vestibule config check FILE`

use std::process::ExitCode;

use crate::cli::CheckArgs;
use crate::config::{Config, Purpose};
use crate::service::environment;

/// Finds every mistake; exit code 0 means that there is none.
#[expect(clippy::print_stdout, reason = "the command's answer")]
pub(crate) fn run(args: &CheckArgs) -> anyhow::Result<ExitCode> {
    let config = Config::load(&args.file, Purpose::Serve, &environment::variable)?;
    println!(
        "{}: no mistakes; the issuer is {}",
        args.file.display(),
        config.issuer
    );
    Ok(ExitCode::SUCCESS)
}
