//! A request's body, bounded.

use std::error::Error;

use axum::body::{Body, to_bytes};
use bytes::Bytes;
use http_body_util::LengthLimitError;

/// The largest body, in bytes: registrations with a key set are the longest honest ones.
const LARGEST: usize = 64 * 1024;

/// Why there is no body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BodyError {
    TooLarge,
    CutShort,
}

impl BodyError {
    pub(super) fn sentence(self) -> &'static str {
        match self {
            Self::TooLarge => "The body is larger than 64 KiB.",
            Self::CutShort => "The body was cut short.",
        }
    }

    pub(super) fn status(self) -> http::StatusCode {
        match self {
            Self::TooLarge => http::StatusCode::PAYLOAD_TOO_LARGE,
            Self::CutShort => http::StatusCode::BAD_REQUEST,
        }
    }
}

pub(super) async fn read(body: Body) -> Result<Bytes, BodyError> {
    to_bytes(body, LARGEST).await.map_err(|error| {
        if error.source().is_some_and(<dyn Error>::is::<LengthLimitError>) {
            BodyError::TooLarge
        } else {
            BodyError::CutShort
        }
    })
}
