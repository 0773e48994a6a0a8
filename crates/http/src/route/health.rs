//! `/healthz` and `/readyz`, for whoever keeps the program running.
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
use vestibule_broker::{Broker, Readiness};

/// What stands in the body.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    /// `ready`, or `down`.
    status: &'static str,
    /// `ok`, or what is in the way.
    store: &'static str,
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

/// The store answers too, so that requests may be sent here.
pub(crate) async fn ready(State(broker): State<Arc<Broker>>) -> (StatusCode, Json<Report>) {
    let (store, readiness) = tokio::join!(store_answers(&broker), broker.check_providers());
    (status(store), Json(report(store, readiness)))
}

/// The store answers, and somebody could sign in.
pub(crate) async fn ready_for_login(State(broker): State<Arc<Broker>>) -> (StatusCode, Json<Report>) {
    let (store, readiness) = tokio::join!(store_answers(&broker), broker.check_providers());
    let good = store && readiness.somebody_can_log_in();
    (status(good), Json(report(store, readiness)))
}

async fn store_answers(broker: &Broker) -> bool {
    match broker.check_store().await {
        Ok(()) => true,
        Err(error) => {
            tracing::warn!(%error, "not ready");
            false
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

fn report(store: bool, readiness: Readiness) -> Report {
    let all = readiness
        .providers
        .iter()
        .all(|provider| provider.obstacle.is_none());
    let login = match (readiness.somebody_can_log_in(), all) {
        (false, _) => "down",
        (true, false) => "partly",
        (true, true) => "ready",
    };
    let providers = readiness.providers.into_iter().map(|provider| {
        let report = ProviderReport {
            ready: provider.obstacle.is_none(),
            why: provider.obstacle,
        };
        (provider.id.to_string(), report)
    });
    Report {
        status: if store { "ready" } else { "down" },
        store: if store { "ok" } else { "does not answer" },
        login,
        providers: providers.collect(),
    }
}
