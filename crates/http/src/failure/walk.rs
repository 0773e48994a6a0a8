//! From a step that was not taken to a page.

use http::StatusCode;
use vestibule_broker::WalkError;
use vestibule_provider::ProviderError;

use super::{Fault, PageFailure, Problem, Retry, SOON};

const CONNECTED: &str = "If your app is connected already, you can close this page.";
const BACK: &str = "Your browser's back button leads to the page before.";
const NOTHING_GIVEN: &str = "Nothing was given to the app from here.";

impl From<WalkError> for PageFailure {
    fn from(error: WalkError) -> Self {
        let told = |status, code, title, remedy| {
            let what = error.to_string();
            Self::Told(Problem {
                status,
                code,
                title,
                remedy,
                ..Problem::malformed(what)
            })
        };
        match error {
            WalkError::Expired => told(StatusCode::GONE, "expired", "This page is over", CONNECTED),
            WalkError::OtherBrowser => told(
                StatusCode::FORBIDDEN,
                "other_browser",
                "Another browser began this",
                NOTHING_GIVEN,
            ),
            WalkError::Stale => told(StatusCode::CONFLICT, "stale", "Another tab was faster", CONNECTED),
            WalkError::OtherUser => told(
                StatusCode::CONFLICT,
                "other_user",
                "Somebody else is signed in by now",
                NOTHING_GIVEN,
            ),
            WalkError::ClientGone => told(
                StatusCode::BAD_REQUEST,
                "invalid_client",
                "This app is not known here",
                NOTHING_GIVEN,
            ),
            WalkError::UnknownProvider => told(
                StatusCode::BAD_REQUEST,
                "unknown_provider",
                "There is no such way to sign in",
                NOTHING_GIVEN,
            ),
            WalkError::ProviderNotAdmitted => told(
                StatusCode::FORBIDDEN,
                "provider_not_admitted",
                "This way of signing in is not for this app",
                BACK,
            ),
            WalkError::UserCode => told(
                StatusCode::BAD_REQUEST,
                "user_code",
                "No device shows this code",
                BACK,
            ),
            WalkError::NothingChosen => told(
                StatusCode::BAD_REQUEST,
                "nothing_chosen",
                "Nothing was ticked",
                BACK,
            ),
            WalkError::TooManyTries(limited) => Self::Told(Problem {
                status: StatusCode::TOO_MANY_REQUESTS,
                code: "too_many_tries",
                title: "Too many tries",
                remedy: BACK,
                retry: Some(Box::new(Retry::after_limit(limited))),
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
                remedy: "Nothing was given to the app. Go back to it and start again; if it stays so, tell the operator the \
                         reference below.",
                ..Problem::malformed("What the identity provider sent back does not hold.")
            }),
            ProviderError::Unavailable(_) => Self::Told(Problem {
                status: StatusCode::SERVICE_UNAVAILABLE,
                code: "provider_unavailable",
                title: "The identity provider does not answer",
                remedy: "Try again in a moment. If it stays so, tell the operator the reference below.",
                cause: Some(cause),
                retry: Some(Box::new(Retry::after(SOON))),
                ..Problem::malformed("You could not be signed in just now. It is not your doing.")
            }),
            ProviderError::Misconfigured(_) => Self::Told(Problem {
                status: StatusCode::INTERNAL_SERVER_ERROR,
                code: "provider_misconfigured",
                title: "Signing in is not set up right",
                remedy: "Trying again will not help. Tell the operator the reference below.",
                cause: Some(cause),
                ..Problem::malformed(
                    "This service and the identity provider do not agree. It is not your doing.",
                )
            }),
        }
    }
}
