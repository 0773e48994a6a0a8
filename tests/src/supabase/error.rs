//! What the API answers instead of yes.

use axum::Json;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

/// The header by which a client says which form of errors it can read.
pub(super) const VERSION_HEADER: &str = "x-supabase-api-version";
const VERSION: &str = "2024-01-01";

/// An error; which form it takes depends on the request.
#[derive(Debug, Clone)]
pub(super) struct ApiError {
    status: u16,
    pub(super) code: String,
    pub(super) message: String,
}

impl ApiError {
    pub(super) fn new(status: u16, code: &str, message: &str) -> Self {
        Self {
            status,
            code: code.to_owned(),
            message: message.to_owned(),
        }
    }

    pub(super) fn validation(message: &str) -> Self {
        Self::new(400, "validation_failed", message)
    }

    /// The answer, in the form that the request asks for.
    pub(super) fn answer(&self, headers: &HeaderMap) -> Response {
        let status = StatusCode::from_u16(self.status).expect("a status is one");
        let current = headers
            .get(VERSION_HEADER)
            .is_some_and(|version| version == VERSION);
        if current {
            let body = json!({"code": self.code, "message": self.message});
            (status, [(VERSION_HEADER, VERSION)], Json(body)).into_response()
        } else {
            let body = json!({"code": self.status, "error_code": self.code, "msg": self.message});
            (status, Json(body)).into_response()
        }
    }
}

/// What a handler says.
pub(super) type Said = Result<Value, ApiError>;

/// Puts what a handler said into an answer.
pub(super) fn answer(said: Said, headers: &HeaderMap) -> Response {
    match said {
        Ok(Value::Null) => StatusCode::NO_CONTENT.into_response(),
        Ok(body) => Json(body).into_response(),
        Err(error) => error.answer(headers),
    }
}
