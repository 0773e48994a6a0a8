//! From an error of a logout to a page.

use vestibule_broker::LogoutError;

use super::{Fault, PageFailure, Problem};

impl From<LogoutError> for PageFailure {
    fn from(error: LogoutError) -> Self {
        match error {
            LogoutError::Duplicate(error) => error.into(),
            LogoutError::ForeignHint
            | LogoutError::NoClient
            | LogoutError::UnknownClient
            | LogoutError::NotRegistered => Self::Told(Problem {
                title: "You were not signed out",
                remedy: "The app that sent you here has made a mistake. To sign out, open /oauth/logout here yourself.",
                ..Problem::malformed(error.to_string())
            }),
            LogoutError::Account(error) => error.into(),
            LogoutError::Store(error) => Self::Faulted(Fault::from(error)),
        }
    }
}
