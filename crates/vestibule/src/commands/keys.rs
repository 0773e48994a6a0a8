//! `vestibule keys list|rotate`: to the running broker, over its operators' socket.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;

use super::output::say;
use crate::cli::{KeysCommand, OperatorArgs};
use crate::config::{Config, Purpose};
use crate::service::operators::{KeyLine, OperatorClient, RotationLine};
use crate::service::{environment, operators};

/// Asks the running broker and prints its answer.
pub(crate) async fn run(command: KeysCommand) -> anyhow::Result<ExitCode> {
    match command {
        KeysCommand::List(args) => {
            let keys: Vec<KeyLine> = OperatorClient::new(&socket(&args)?)?.get("/keys").await?;
            print(&args, &keys, || {
                let rows = keys.iter().map(KeyLine::row);
                std::iter::once(KeyLine::HEADING.to_owned())
                    .chain(rows)
                    .collect::<Vec<_>>()
                    .join("\n")
            })?;
        }
        KeysCommand::Rotate(args) => {
            let rotation: RotationLine = OperatorClient::new(&socket(&args)?)?.post("/keys/rotate").await?;
            print(&args, &rotation, || rotation.sentence())?;
        }
    }
    Ok(ExitCode::SUCCESS)
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

fn print<T: serde::Serialize>(
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
