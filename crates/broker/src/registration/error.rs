//! How registering a client, or managing its registration, fails.

use thiserror::Error;
use vestibule_protocol::{OAuthErrorCode, RegistrationError};

use crate::store::StoreError;
use crate::{EndpointError, LimitError, Limited};

/// Why a client was not registered.
#[derive(Debug, Error)]
pub enum RegisterError {
    /// The operator keeps registration closed.
    #[error("dynamic registration is closed here: ask the operator for a client id")]
    Closed,
    /// There is no initial access token.
    #[error(
        "registration needs an initial access token in the Authorization header: ask the operator for one"
    )]
    InitialTokenMissing,
    /// The initial access token is another one.
    #[error("the initial access token is wrong")]
    InitialTokenWrong,
    /// An operator has shut out the client of these metadata.
    #[error("this client was blocked by the operator")]
    Blocked,
    /// The metadata are not acceptable.
    #[error(transparent)]
    Metadata(#[from] RegistrationError),
    /// A random id was taken.
    #[error("the new client id is taken")]
    IdTaken,
    /// Too many clients come from the same address.
    #[error(transparent)]
    TooMany(#[from] Limited),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl EndpointError for RegisterError {
    fn code(&self) -> OAuthErrorCode {
        match self {
            Self::Closed | Self::Blocked => OAuthErrorCode::AccessDenied,
            Self::InitialTokenMissing | Self::InitialTokenWrong => OAuthErrorCode::InvalidToken,
            Self::Metadata(error) => error.code(),
            Self::IdTaken => OAuthErrorCode::ServerError,
            Self::TooMany(_) => OAuthErrorCode::TemporarilyUnavailable,
            Self::Store(error) => error.code(),
        }
    }

    fn limited(&self) -> Option<Limited> {
        if let Self::TooMany(limited) = self {
            Some(*limited)
        } else {
            None
        }
    }
}

impl From<LimitError> for RegisterError {
    fn from(error: LimitError) -> Self {
        match error {
            LimitError::Limited(limited) => Self::TooMany(limited),
            LimitError::Store(error) => Self::Store(error),
        }
    }
}

/// Why a registration was not shown, changed or withdrawn.
#[derive(Debug, Error)]
pub enum ManageError {
    /// There is no such registration, or the token is not its own: nobody is told which.
    #[error("there is no such registration, or the registration access token is not its own")]
    Unauthorized,
    /// An operator has shut the client out.
    #[error("this client was blocked by the operator")]
    Blocked,
    /// The body names another client.
    #[error("client_id in the body is not the one of this registration")]
    IdMismatch,
    /// The body holds another secret.
    #[error("client_secret in the body is not the one of this registration: leave it out")]
    SecretMismatch,
    /// The update makes a public client of a confidential one, or the other way round.
    #[error("token_endpoint_auth_method cannot change between none and a secret: register anew")]
    MethodChanged,
    /// The metadata are not acceptable.
    #[error(transparent)]
    Metadata(#[from] RegistrationError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl EndpointError for ManageError {
    fn code(&self) -> OAuthErrorCode {
        match self {
            Self::Unauthorized => OAuthErrorCode::InvalidToken,
            Self::Blocked => OAuthErrorCode::AccessDenied,
            Self::IdMismatch | Self::SecretMismatch | Self::MethodChanged => {
                OAuthErrorCode::InvalidClientMetadata
            }
            Self::Metadata(error) => error.code(),
            Self::Store(error) => error.code(),
        }
    }
}
