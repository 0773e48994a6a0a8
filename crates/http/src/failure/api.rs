//! From an endpoint's error to its answer.

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode};
use vestibule_broker::EndpointError;
use vestibule_protocol::{ChallengeScheme, OAuthErrorCode, WwwAuthenticate};

use super::{Fault, Refusal, sentence};

/// What an endpoint for programs answers instead of what was asked for.
#[derive(Debug)]
pub(crate) enum ApiFailure {
    /// The request was wrong.
    Refused(Refusal),
    /// The server failed.
    Faulted(Fault),
}

impl<E: EndpointError> From<E> for ApiFailure {
    fn from(error: E) -> Self {
        if error.is_fault() {
            return Self::Faulted(Fault::caused_by(&error).of(error.code()));
        }
        if let Some(limited) = error.limited() {
            return Self::Refused(limited.into());
        }
        let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::BAD_REQUEST);
        let refusal = Refusal {
            dpop_nonce: error.dpop_nonce().map(Box::from),
            ..Refusal::new(status, error.code(), sentence(&error.to_string()))
        };
        Self::Refused(match challenge(&error, &refusal) {
            Some(challenge) => refusal.challenging(challenge),
            None => refusal,
        })
    }
}

fn challenge(error: &impl EndpointError, refusal: &Refusal) -> Option<HeaderValue> {
    if error.wants_basic() {
        return Some(HeaderValue::from_static(
            "Basic realm=\"vestibule\", charset=\"UTF-8\"",
        ));
    }
    let scheme = match (error.proof_algorithms(), refusal.code) {
        (Some(algs), _) => ChallengeScheme::Dpop { algs },
        (None, OAuthErrorCode::InvalidToken | OAuthErrorCode::InsufficientScope) => ChallengeScheme::Bearer,
        (None, _) => return None,
    };
    let challenge = WwwAuthenticate {
        scheme,
        error: Some(refusal.code),
        error_description: Some(refusal.description.clone()),
        ..WwwAuthenticate::default()
    };
    HeaderValue::try_from(challenge.to_string()).ok()
}

impl From<Refusal> for ApiFailure {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl IntoResponse for ApiFailure {
    fn into_response(self) -> Response {
        match self {
            Self::Refused(refusal) => refusal.into_response(),
            Self::Faulted(fault) => fault.into_response(),
        }
    }
}
