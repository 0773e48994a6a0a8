//! What a page answers instead of what was asked for.

use axum::response::{IntoResponse, Response};

use super::{Fault, Problem};

/// Why a page is not shown.
#[derive(Debug)]
pub(crate) enum PageFailure {
    /// The person is told what to do.
    Told(Problem),
    /// The server failed.
    Faulted(Fault),
}

impl PageFailure {
    /// The failure with a way to try again, if what failed is worth another try.
    pub(crate) fn with_another_try(self, address: impl FnOnce() -> String) -> Self {
        match self {
            Self::Told(mut problem) => {
                if let Some(retry) = &mut problem.retry {
                    retry.at = Some(address());
                }
                Self::Told(problem)
            }
            Self::Faulted(fault) => Self::Faulted(fault),
        }
    }
}

impl<T: Into<Problem>> From<T> for PageFailure {
    fn from(problem: T) -> Self {
        Self::Told(problem.into())
    }
}

impl From<Fault> for PageFailure {
    fn from(fault: Fault) -> Self {
        Self::Faulted(fault)
    }
}

impl IntoResponse for PageFailure {
    fn into_response(self) -> Response {
        match self {
            Self::Told(problem) => problem.into_response(),
            Self::Faulted(fault) => fault.into_response(),
        }
    }
}
