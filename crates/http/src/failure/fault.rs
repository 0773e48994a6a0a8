//! What is nobody's fault outside: the cause goes to the log, a constant sentence to the caller.

use std::error::Error;

use axum::response::{IntoResponse, Response};
use http::StatusCode;
use vestibule_broker::store::StoreError;
use vestibule_protocol::OAuthErrorCode;

/// In how many seconds to try again after an outage.
pub(crate) const SOON: u64 = 5;

/// A failure of the server itself.
///
/// As a response it carries itself along, and [`explain`](crate::explain) writes the body: it alone knows the request's
/// name and whether a person or a program reads it.
#[derive(Debug, Clone)]
pub(crate) struct Fault {
    pub(crate) kind: FaultKind,
    pub(crate) cause: String,
}

/// Whether trying again helps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FaultKind {
    /// Something is broken.
    Broken,
    /// Something is away for a while.
    Unavailable,
}

impl Fault {
    pub(crate) fn broken(cause: impl Into<String>) -> Self {
        Self {
            kind: FaultKind::Broken,
            cause: cause.into(),
        }
    }

    pub(crate) fn unavailable(cause: impl Into<String>) -> Self {
        Self {
            kind: FaultKind::Unavailable,
            cause: cause.into(),
        }
    }

    /// A fault with the whole chain of its causes.
    pub(crate) fn caused_by(error: &dyn Error) -> Self {
        Self::broken(chain(error))
    }

    /// The fault under the code that an endpoint gave it.
    pub(crate) fn of(self, code: OAuthErrorCode) -> Self {
        let kind = match code {
            OAuthErrorCode::TemporarilyUnavailable => FaultKind::Unavailable,
            _ => FaultKind::Broken,
        };
        Self { kind, ..self }
    }

    pub(crate) fn status(&self) -> StatusCode {
        match self.kind {
            FaultKind::Broken => StatusCode::INTERNAL_SERVER_ERROR,
            FaultKind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    pub(crate) fn code(&self) -> OAuthErrorCode {
        match self.kind {
            FaultKind::Broken => OAuthErrorCode::ServerError,
            FaultKind::Unavailable => OAuthErrorCode::TemporarilyUnavailable,
        }
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        let kind = match error {
            StoreError::Unavailable(_) => FaultKind::Unavailable,
            StoreError::Corrupt(_) => FaultKind::Broken,
        };
        Self {
            kind,
            cause: chain(&error),
        }
    }
}

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let cause_text = cause.to_string();
        if !text.ends_with(&cause_text) {
            text.push_str(": ");
            text.push_str(&cause_text);
        }
        next = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("the outer thing failed")]
    struct Outer(#[source] std::fmt::Error);

    #[test]
    fn the_cause_names_the_whole_chain() {
        assert_eq!(
            chain(&Outer(std::fmt::Error)),
            format!("the outer thing failed: {}", std::fmt::Error)
        );
    }

    #[test]
    fn a_cause_that_is_told_already_is_not_told_twice() {
        let error = StoreError::Unavailable("the disk is full".into());
        assert_eq!(chain(&error), "the store is unavailable: the disk is full");
    }
}
