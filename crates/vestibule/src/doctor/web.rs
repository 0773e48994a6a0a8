//! Asking a broker over HTTP who it is.

use axum::body::Bytes;
use axum::http::{Request, Response, header};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use vestibule_outbound::{Outbound, OutboundError};
use vestibule_protocol::{Issuer, server_metadata_paths};

/// What of the broker's metadata is looked at.
#[derive(Debug, Deserialize)]
pub(super) struct Metadata {
    pub(super) issuer: String,
}

/// The URL of the issuer's metadata under `origin`.
pub(super) fn metadata_url(issuer: &Issuer, origin: &str) -> String {
    let path = server_metadata_paths(issuer)
        .into_iter()
        .next()
        .unwrap_or_default();
    format!("{origin}{path}")
}

/// Asks for a document.
pub(super) async fn get(outbound: &Outbound, url: &str) -> Result<Response<Bytes>, OutboundError> {
    let request = Request::get(url)
        .header(header::ACCEPT, "application/json")
        .body(Bytes::new())
        .map_err(|error| OutboundError::SetUp(error.to_string()))?;
    outbound.send(request).await
}

/// Reads a document, if it is what was asked for.
pub(super) fn read<T: DeserializeOwned>(answer: &Response<Bytes>) -> Option<T> {
    serde_json::from_slice(answer.body()).ok()
}
