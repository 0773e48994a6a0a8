//! What a person is told when something went wrong.

use axum::response::{IntoResponse, Response};
use http::StatusCode;
use vestibule_broker::Limited;
use vestibule_protocol::{DuplicateParameter, OAuthErrorCode, ParamsError};

use super::{Fault, FaultKind, SOON, sentence};

/// An error page: what happened and what to do.
///
/// As a response it carries itself along, and [`explain`](crate::explain) writes the page.
#[derive(Debug, Clone)]
pub(crate) struct Problem {
    pub(crate) status: StatusCode,
    pub(crate) code: &'static str,
    pub(crate) title: &'static str,
    pub(crate) what: String,
    pub(crate) remedy: &'static str,
    /// What the log is told beside.
    pub(crate) cause: Option<String>,
    /// Whether it is worth trying again.
    pub(crate) retry: Option<Box<Retry>>,
}

/// Another try.
#[derive(Debug, Clone)]
pub(crate) struct Retry {
    /// In how many seconds it is worth the while.
    pub(crate) after: u64,
    /// The page of ours from which the person can try.
    pub(crate) at: Option<String>,
    /// The limit that the person ran into.
    pub(crate) limited: Option<Limited>,
}

impl Retry {
    /// Another try in so many seconds.
    pub(crate) fn after(seconds: u64) -> Self {
        Self {
            after: seconds,
            at: None,
            limited: None,
        }
    }

    /// Another try, when a limit lets it through.
    pub(crate) fn after_limit(limited: Limited) -> Self {
        Self {
            limited: Some(limited),
            ..Self::after(limited.seconds())
        }
    }
}

impl Problem {
    /// The request is malformed, whoever made it.
    pub(crate) fn malformed(what: impl Into<String>) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            code: OAuthErrorCode::InvalidRequest.as_str(),
            title: "This request cannot be understood",
            what: what.into(),
            remedy: "Go back to the app that you came from and start again.",
            cause: None,
            retry: None,
        }
    }

    /// There is no page here.
    pub(crate) fn not_found() -> Self {
        Self {
            status: StatusCode::NOT_FOUND,
            code: "not_found",
            title: "There is no page here",
            what: "The address may be misspelt, or what was here has gone.".to_owned(),
            remedy: "Go back to the app that you came from and start again.",
            cause: None,
            retry: None,
        }
    }

    /// The page cannot be asked in this way.
    pub(crate) fn method_not_allowed() -> Self {
        Self {
            status: StatusCode::METHOD_NOT_ALLOWED,
            code: "method_not_allowed",
            ..Self::malformed("This address is not asked in this way.")
        }
    }
}

impl From<&Fault> for Problem {
    fn from(fault: &Fault) -> Self {
        let (title, what, retry_after) = match fault.kind {
            FaultKind::Broken => ("Something went wrong here", "It is not your doing.", None),
            FaultKind::Unavailable => (
                "This service cannot answer just now",
                "Something that it needs is away.",
                Some(SOON),
            ),
        };
        Self {
            status: fault.status(),
            code: fault.code().as_str(),
            title,
            what: what.to_owned(),
            remedy: "Try again in a moment. If it stays so, tell the operator the reference below.",
            cause: None,
            retry: retry_after.map(|seconds| Box::new(Retry::after(seconds))),
        }
    }
}

impl From<ParamsError> for Problem {
    fn from(error: ParamsError) -> Self {
        Self::malformed(sentence(&error.to_string()))
    }
}

impl From<DuplicateParameter> for Problem {
    fn from(error: DuplicateParameter) -> Self {
        Self::malformed(sentence(&error.to_string()))
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}
