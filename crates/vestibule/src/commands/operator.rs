//! What the operators' commands have in common: how to reach the broker, and how to show its answers.

use std::path::PathBuf;

use anyhow::Context as _;
use serde::Serialize;

use super::output::say;
use crate::cli::OperatorArgs;
use crate::config::{Config, Purpose};
use crate::service::environment;
use crate::service::operators::{self, OperatorClient};

/// A client of the broker that the arguments name.
pub(super) fn broker(args: &OperatorArgs) -> anyhow::Result<OperatorClient> {
    OperatorClient::new(&socket(args)?)
}

fn socket(args: &OperatorArgs) -> anyhow::Result<PathBuf> {
    if let Some(socket) = &args.socket {
        return Ok(socket.clone());
    }
    if let Some(file) = &args.config {
        let config = Config::load(file, Purpose::Serve, &environment::variable)?;
        return operators::socket_of(&config)
            .context("this configuration has no operators' socket; set [listen] operators");
    }
    let folder =
        environment::data_folder().context("there is no home directory; name the socket with --socket")?;
    Ok(folder.join("demo").join("vestibule.sock"))
}

/// Shows an answer as JSON where that was asked for, and as a person reads it otherwise.
pub(super) fn print<T: Serialize>(
    args: &OperatorArgs,
    value: &T,
    readable: impl FnOnce() -> String,
) -> anyhow::Result<()> {
    if args.json {
        say(&serde_json::to_string_pretty(value)?);
    } else {
        say(&readable());
    }
    Ok(())
}
