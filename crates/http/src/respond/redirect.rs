//! Sending a browser on.

use axum::response::{IntoResponse, Response};
use http::header::{LOCATION, REFERRER_POLICY};
use http::{HeaderValue, StatusCode};

use super::NO_STORE;
use crate::failure::Fault;

/// Sends the browser to `location` with a GET, whatever it was that it sent
/// ([RFC 9700 §4.12](https://www.rfc-editor.org/rfc/rfc9700#section-4.12): a 307 would repeat the password there).
pub(crate) fn see_other(location: &str) -> Response {
    match HeaderValue::from_str(location) {
        Ok(location) => (
            StatusCode::SEE_OTHER,
            NO_STORE,
            [
                (LOCATION, location),
                (REFERRER_POLICY, HeaderValue::from_static("same-origin")),
            ],
        )
            .into_response(),
        Err(error) => Fault::caused_by(&error).into_response(),
    }
}
