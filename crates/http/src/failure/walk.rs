//! From a step that was not taken to a page.

use http::StatusCode;
use vestibule_broker::WalkError;
use vestibule_provider::ProviderError;

use super::{Fault, PageFailure, Problem};

const AGAIN: &str = "Nothing was given to the app by this page.";

impl From<WalkError> for PageFailure {
    fn from(error: WalkError) -> Self {
        let told = |status, code, title| {
            let what = error.to_string();
            Self::Told(Problem {
                status,
                code,
                title,
                remedy: AGAIN,
                ..Problem::malformed(what)
            })
        };
        match error {
            WalkError::Expired => told(StatusCode::GONE, "expired", "This page has expired"),
            WalkError::OtherBrowser => told(
                StatusCode::FORBIDDEN,
                "other_browser",
                "This is not the browser that began",
            ),
            WalkError::Stale => told(StatusCode::CONFLICT, "stale", "This page is out of date"),
            WalkError::OtherUser => told(
                StatusCode::CONFLICT,
                "other_user",
                "Somebody else is signed in by now",
            ),
            WalkError::ClientGone => told(
                StatusCode::BAD_REQUEST,
                "invalid_client",
                "This app is not known here",
            ),
            WalkError::UnknownProvider => told(
                StatusCode::BAD_REQUEST,
                "unknown_provider",
                "There is no such way to sign in",
            ),
            WalkError::NothingChosen => told(StatusCode::BAD_REQUEST, "nothing_chosen", "Nothing was ticked"),
            WalkError::TooManyTries { seconds } => Self::Told(Problem {
                status: StatusCode::TOO_MANY_REQUESTS,
                code: "too_many_tries",
                title: "Too many tries",
                remedy: AGAIN,
                retry_after: Some(seconds),
                ..Problem::malformed(error.to_string())
            }),
            WalkError::Provider(error) => error.into(),
            WalkError::Store(error) => Self::Faulted(Fault::from(error)),
            WalkError::Sealing(cause) => Self::Faulted(Fault::broken(cause)),
        }
    }
}

impl From<ProviderError> for PageFailure {
    fn from(error: ProviderError) -> Self {
        let cause = error.to_string();
        match error {
            ProviderError::Denied(_) => Self::Told(Problem {
                status: StatusCode::FORBIDDEN,
                code: "access_denied",
                title: "You were not signed in",
                remedy: "If that is a mistake, go back to the app that you came from and start again.",
                cause: Some(cause),
                ..Problem::malformed("The identity provider said no.")
            }),
            ProviderError::Rejected(_) => Self::Told(Problem {
                status: StatusCode::BAD_GATEWAY,
                code: "rejected",
                title: "You were not signed in",
                cause: Some(cause),
                ..Problem::malformed("What the identity provider sent back does not hold.")
            }),
            ProviderError::Unavailable(_) => Self::Faulted(Fault::unavailable(cause)),
            ProviderError::Misconfigured(_) => Self::Faulted(Fault::broken(cause)),
        }
    }
}
