//! `/metrics`, in Prometheus' own format.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use vestibule_telemetry::Scrape;

pub(crate) async fn get(State(scrape): State<Scrape>) -> Response {
    match scrape.text() {
        Ok(text) => {
            let headers = [(CONTENT_TYPE, Scrape::MEDIA_TYPE), (CACHE_CONTROL, "no-store")];
            (headers, text).into_response()
        }
        Err(error) => {
            tracing::error!(%error, "/metrics cannot answer");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
