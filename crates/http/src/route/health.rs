//! `/healthz` and `/readyz`, for whoever keeps the program running.
//!
//! Once the program is told to stop, `/readyz` is 503 at once, while every request is still answered: a balancer has time to
//! send the next ones elsewhere.
//!
//! A provider that is down is no reason to send requests elsewhere: tokens are refreshed, keys and status lists are served
//! without it, and every replica would say the same. So `/readyz` names it and stays 200. `/readyz/login` is for whoever wants
//! to know whether people can sign in: it is 503 while no provider is ready.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use serde::Serialize;
use vestibule_broker::{Broker, ProviderReadiness, Readiness};

use crate::leaving::Leaving;

const READY: &str = "ready";
const DOWN: &str = "down";

/// What the answers are made from.
#[derive(Clone)]
pub(crate) struct Health {
    pub(crate) broker: Arc<Broker>,
    pub(crate) leaving: Leaving,
}

/// What stands in the body.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    /// `ready`, `down`, or `stopping`.
    status: &'static str,
    /// `ok`, or what is in the way.
    store: &'static str,
    /// `ok`, or what is in the way.
    keys: &'static str,
    /// `ready`, `partly` or `down`: with all providers, with some or with none.
    login: &'static str,
    providers: BTreeMap<String, ProviderReport>,
}

#[derive(Debug, Serialize)]
struct ProviderReport {
    ready: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
}

/// The process answers.
pub(crate) async fn alive() -> &'static str {
    "ok\n"
}

/// Store and keys can be had too, so that requests may be sent here.
pub(crate) async fn ready(State(health): State<Health>) -> (StatusCode, Json<Report>) {
    let report = health.report().await;
    let good = report.status == READY;
    (status(good), Json(report))
}

/// Somebody could sign in, too.
pub(crate) async fn ready_for_login(State(health): State<Health>) -> (StatusCode, Json<Report>) {
    let report = health.report().await;
    let good = report.status == READY && report.login != DOWN;
    (status(good), Json(report))
}

impl Health {
    async fn report(&self) -> Report {
        let broker = &self.broker;
        let (store, keys, readiness) = tokio::join!(
            broker.check_store(),
            broker.check_keys(),
            broker.check_providers()
        );
        if let Err(error) = &store {
            tracing::warn!(%error, "not ready: the store");
        }
        if let Err(error) = &keys {
            tracing::warn!(%error, "not ready: the signing keys");
        }
        let here = store.is_ok() && keys.is_ok();
        Report {
            status: match (self.leaving.has_begun(), here) {
                (true, _) => "stopping",
                (false, true) => READY,
                (false, false) => DOWN,
            },
            store: if store.is_ok() { "ok" } else { "does not answer" },
            keys: if keys.is_ok() { "ok" } else { "cannot be had" },
            login: login(&readiness),
            providers: readiness.providers.into_iter().map(one).collect(),
        }
    }
}

fn status(good: bool) -> StatusCode {
    if good {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    }
}

fn login(readiness: &Readiness) -> &'static str {
    let mut providers = readiness.providers.iter();
    match (
        readiness.somebody_can_log_in(),
        providers.all(|provider| provider.obstacle.is_none()),
    ) {
        (false, _) => DOWN,
        (true, false) => "partly",
        (true, true) => READY,
    }
}

fn one(provider: ProviderReadiness) -> (String, ProviderReport) {
    let report = ProviderReport {
        ready: provider.obstacle.is_none(),
        why: provider.obstacle,
    };
    (provider.id.to_string(), report)
}
