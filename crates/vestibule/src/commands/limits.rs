//! `vestibule limits show`: to the running broker, over its operators' socket.

use super::operator::{broker, print};
use super::table::Table;
use crate::cli::LimitsCommand;
use crate::service::operators::limits::LimitLine;

/// Asks the running broker and prints its answer.
pub(crate) async fn run(command: LimitsCommand) -> anyhow::Result<()> {
    let LimitsCommand::Show(args) = command;
    let limits: Vec<LimitLine> = broker(&args)?.get("/limits", &[]).await?;
    print(&args, &limits, || table(&limits))
}

fn table(limits: &[LimitLine]) -> String {
    let mut table = Table::new([
        "RULE",
        "BY",
        "REACH",
        "MODE",
        "BURST",
        "THEN ONE EVERY",
        "STORE AWAY",
        "ALLOWED",
        "REFUSED",
        "REPORTED",
    ]);
    for limit in limits {
        table.row([
            limit.rule.clone(),
            limit.by.clone(),
            limit.reach.clone(),
            limit.mode.clone(),
            limit.burst.to_string(),
            limit.every.clone(),
            limit.outage.clone().unwrap_or_else(|| "-".to_owned()),
            limit.allowed.to_string(),
            limit.limited.to_string(),
            limit.reported.to_string(),
        ]);
    }
    table.text()
}
