//! Answers that no cache may keep.

use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderName, PRAGMA};
use http::{HeaderValue, StatusCode};
use serde::Serialize;

use crate::failure::Fault;

/// > The authorization server MUST include the HTTP "Cache-Control" response header field with a value of "no-store" in
/// > any response containing tokens, credentials, or other sensitive information, as well as the "Pragma" response header
/// > field with a value of "no-cache".
/// > ([RFC 6749 §5.1](https://www.rfc-editor.org/rfc/rfc6749#section-5.1))
pub(crate) const NO_STORE: [(HeaderName, HeaderValue); 2] = [
    (CACHE_CONTROL, HeaderValue::from_static("no-store")),
    (PRAGMA, HeaderValue::from_static("no-cache")),
];

/// The nonce for the next proof ([RFC 9449 §8](https://www.rfc-editor.org/rfc/rfc9449#section-8)).
pub(crate) const DPOP_NONCE: HeaderName = HeaderName::from_static("dpop-nonce");

const JSON: HeaderValue = HeaderValue::from_static("application/json");
/// Room for an access token with its refresh token, in bytes.
const USUAL: usize = 1536;

/// A JSON answer that may hold tokens, credentials or what they say.
#[derive(Debug)]
pub(crate) struct Sensitive<T>(pub(crate) StatusCode, pub(crate) T);

impl<T: Serialize> IntoResponse for Sensitive<T> {
    fn into_response(self) -> Response {
        let Self(status, answer) = self;
        let mut body = Vec::with_capacity(USUAL);
        match serde_json::to_writer(&mut body, &answer) {
            Ok(()) => (status, NO_STORE, [(CONTENT_TYPE, JSON)], body).into_response(),
            Err(error) => Fault::caused_by(&error).into_response(),
        }
    }
}
