//! `vestibule health`: whether the running broker takes requests, for whoever keeps it running.

use serde_json::Value;

use super::operator::{broker, print};
use crate::cli::OperatorArgs;

/// Asks the running broker; exit code 1 means that it is not ready, or that nobody answers.
pub(crate) async fn run(args: OperatorArgs) -> anyhow::Result<()> {
    let report: Value = broker(&args)?.get("/readyz", &[]).await?;
    print(&args, &report, || {
        let said = |key: &str| report.get(key).and_then(Value::as_str).unwrap_or("unknown");
        format!("{}; logins: {}", said("status"), said("login"))
    })
}
