//! `vestibule limits …`, over the socket.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use vestibule_broker::{Broker, LimitReach, LimitReport};

use super::socket::Asker;

/// One rule, as operators see it.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct LimitLine {
    pub(crate) rule: String,
    /// By whom it counts.
    pub(crate) by: String,
    /// `replica` if this one decides alone, `shared` if the store does for all.
    pub(crate) reach: String,
    pub(crate) mode: String,
    pub(crate) burst: u32,
    /// How long until one more goes through, such as `1m`.
    pub(crate) every: String,
    /// What happens while the store is away; absent where that does not matter.
    pub(crate) outage: Option<String>,
    pub(crate) allowed: u64,
    pub(crate) limited: u64,
    pub(crate) reported: u64,
}

impl From<LimitReport> for LimitLine {
    fn from(report: LimitReport) -> Self {
        let LimitReport {
            rule,
            settings,
            allowed,
            limited,
            reported,
        } = report;
        let outage = match rule.reach() {
            LimitReach::Replica => None,
            LimitReach::Shared => Some(settings.outage.as_str().to_owned()),
        };
        Self {
            rule: rule.as_str().to_owned(),
            by: rule.key().as_str().to_owned(),
            reach: rule.reach().as_str().to_owned(),
            mode: settings.mode.as_str().to_owned(),
            burst: settings.quota.burst,
            every: humantime::format_duration(settings.quota.per).to_string(),
            outage,
            allowed,
            limited,
            reported,
        }
    }
}

pub(super) async fn show(State(broker): State<Arc<Broker>>, Asker(by): Asker) -> Json<Vec<LimitLine>> {
    let reports = broker.show_limits(&by);
    Json(reports.into_iter().map(LimitLine::from).collect())
}
