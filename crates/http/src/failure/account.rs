//! From an error of the account page to a page.

use http::StatusCode;
use vestibule_broker::AccountError;

use super::{Fault, PageFailure, Problem};

impl From<AccountError> for PageFailure {
    fn from(error: AccountError) -> Self {
        let what = error.to_string();
        let problem = Problem::malformed(what);
        match error {
            AccountError::NotLoggedIn => Self::Told(Problem {
                status: StatusCode::FORBIDDEN,
                code: "not_signed_in",
                title: "You are not signed in",
                remedy: "Connect an app and sign in; then open your account again in the same browser.",
                ..problem
            }),
            AccountError::ForeignForm => Self::Told(Problem {
                status: StatusCode::FORBIDDEN,
                code: "stale_form",
                title: "Nothing was done",
                remedy: "Open your account again and press the button there.",
                ..problem
            }),
            AccountError::Store(error) => Self::Faulted(Fault::from(error)),
        }
    }
}
