//! `/healthz` and `/readyz`, for whoever keeps the program running.

use std::sync::Arc;

use axum::extract::State;
use http::StatusCode;
use vestibule_broker::Broker;

/// The process answers.
pub(crate) async fn alive() -> &'static str {
    "ok\n"
}

/// The store answers too, so that requests may be sent here.
pub(crate) async fn ready(State(broker): State<Arc<Broker>>) -> (StatusCode, &'static str) {
    match broker.check_store().await {
        Ok(()) => (StatusCode::OK, "ready\n"),
        Err(error) => {
            tracing::warn!(%error, "not ready");
            (StatusCode::SERVICE_UNAVAILABLE, "the store does not answer\n")
        }
    }
}
