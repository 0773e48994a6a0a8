//! `vestibule keys list|rotate`: to the running broker, over its operators' socket.

use std::process::ExitCode;

use super::operator::{broker, print};
use super::table::Table;
use crate::cli::KeysCommand;
use crate::service::operators::keys::{KeyLine, RotationLine};

/// Asks the running broker and prints its answer.
pub(crate) async fn run(command: KeysCommand) -> anyhow::Result<ExitCode> {
    match command {
        KeysCommand::List(args) => {
            let keys: Vec<KeyLine> = broker(&args)?.get("/keys", &[]).await?;
            print(&args, &keys, || table(&keys))?;
        }
        KeysCommand::Rotate(args) => {
            let rotation: RotationLine = broker(&args)?.post("/keys/rotate", &[]).await?;
            print(&args, &rotation, || sentence(&rotation))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn table(keys: &[KeyLine]) -> String {
    let mut table = Table::new(["STAGE", "ALGORITHM", "PUBLISHED", "SINCE", "KID"]);
    for key in keys {
        table.row([
            key.stage.clone(),
            key.algorithm.clone(),
            key.published_at.clone(),
            key.since.clone(),
            key.kid.clone(),
        ]);
    }
    table.text()
}

fn sentence(rotation: &RotationLine) -> String {
    if rotation.active_now {
        "The next key signs from now on.".to_owned()
    } else {
        format!(
            "The next key signs from {} on, when every verifier can know it.",
            rotation.activates_at
        )
    }
}
