//! Why a request has no client.

use thiserror::Error;
use vestibule_protocol::{ClientAuthError, OAuthErrorCode};

use super::assertion::AssertionRefusal;
use crate::client_documents::NoClient;
use crate::store::StoreError;
use crate::{DocumentRefusal, EndpointError, FetchError, LimitError, Limited};

/// Why a request has no client.
#[derive(Debug, Error)]
pub enum AuthenticateError {
    /// The credentials cannot be read.
    #[error("{cause}")]
    Malformed {
        /// Why.
        cause: ClientAuthError,
        /// Whether it tried the `Authorization` header.
        basic: bool,
    },
    /// The client is not let in.
    #[error("{cause}")]
    Refused {
        /// Why.
        cause: ClientRefusal,
        /// Whether it tried the `Authorization` header.
        basic: bool,
    },
    /// The assertion does not prove who sent it.
    #[error("client_assertion {0}")]
    Assertion(AssertionRefusal),
    /// The client's document is not taken.
    #[error("{cause}")]
    Document {
        /// Why.
        cause: Box<DocumentRefusal>,
        /// Whether it tried the `Authorization` header.
        basic: bool,
    },
    /// The client's keys cannot be had.
    #[error("the client's keys cannot be read from its jwks_uri: {0}")]
    Keys(FetchError),
    /// Too many wrong secrets have come for this client, from whomever.
    #[error(transparent)]
    TooManyGuesses(#[from] Limited),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why a client is not let in.
#[derive(Debug, Error, Clone, Copy, PartialEq, Eq)]
pub enum ClientRefusal {
    /// There is no such client.
    #[error("client_id is not known here. A registration that is not used runs out: register again")]
    Unknown,
    /// An operator has shut it out.
    #[error("this client was blocked by the operator")]
    Blocked,
    /// It has a secret and did not show it.
    #[error("this client has a secret: send it with client_secret_basic or client_secret_post")]
    SecretMissing,
    /// The secret is another one.
    #[error("the client secret is wrong")]
    SecretWrong,
    /// It has no secret and showed one.
    #[error(
        "this client has no secret: a public client sends client_id alone, one with a key a client_assertion"
    )]
    SecretUnexpected,
    /// It authenticates with a key and sent no assertion.
    #[error("this client authenticates with its key: send a client_assertion (private_key_jwt)")]
    AssertionMissing,
}

impl EndpointError for AuthenticateError {
    fn code(&self) -> OAuthErrorCode {
        match self {
            Self::Keys(error) if error.is_passing() => OAuthErrorCode::TemporarilyUnavailable,
            // With an assertion among them, several methods are no malformed request (RFC 7521 §4.2.1).
            Self::Malformed {
                cause:
                    ClientAuthError::BadHeader
                    | ClientAuthError::BadClientId
                    | ClientAuthError::BesideAssertion
                    | ClientAuthError::AssertionType,
                ..
            }
            | Self::Refused { .. }
            | Self::Assertion(_)
            | Self::Keys(_) => OAuthErrorCode::InvalidClient,
            Self::Malformed {
                cause:
                    ClientAuthError::Duplicate(_)
                    | ClientAuthError::Missing
                    | ClientAuthError::SeveralMethods
                    | ClientAuthError::Contradiction,
                ..
            } => OAuthErrorCode::InvalidRequest,
            Self::Document { cause, .. } => cause.code(),
            // Not `invalid_client`, on which clients throw away what they know of themselves.
            Self::TooManyGuesses(_) => OAuthErrorCode::TemporarilyUnavailable,
            Self::Store(error) => error.code(),
        }
    }

    fn reason(&self) -> &'static str {
        match self {
            Self::Malformed { .. } => "client_malformed",
            Self::Refused { cause, .. } => match cause {
                ClientRefusal::Unknown => "client_unknown",
                ClientRefusal::Blocked => "client_blocked",
                ClientRefusal::SecretMissing => "client_secret_missing",
                ClientRefusal::SecretWrong => "client_secret_wrong",
                ClientRefusal::SecretUnexpected => "client_secret_unexpected",
                ClientRefusal::AssertionMissing => "client_assertion_missing",
            },
            Self::Assertion(cause) => cause.word(),
            Self::Document { cause, .. } => cause.word(),
            Self::Keys(_) => "client_keys_unreadable",
            Self::TooManyGuesses(_) => "too_many_guesses",
            Self::Store(error) => error.reason(),
        }
    }

    fn limited(&self) -> Option<Limited> {
        match self {
            Self::TooManyGuesses(limited) | Self::Keys(FetchError::TooOften(limited)) => Some(*limited),
            Self::Document { cause, .. } => cause.limited(),
            Self::Malformed { .. }
            | Self::Refused { .. }
            | Self::Assertion(_)
            | Self::Keys(_)
            | Self::Store(_) => None,
        }
    }

    fn wants_basic(&self) -> bool {
        match self {
            Self::Malformed { basic, .. } | Self::Refused { basic, .. } | Self::Document { basic, .. } => {
                *basic && self.status() == 401
            }
            Self::TooManyGuesses(_) | Self::Assertion(_) | Self::Keys(_) | Self::Store(_) => false,
        }
    }
}

impl AuthenticateError {
    pub(super) fn of_document(error: NoClient, basic: bool) -> Self {
        match error {
            NoClient::Document(cause) => Self::Document { cause, basic },
            NoClient::Store(error) => Self::Store(error),
        }
    }
}

impl From<AssertionRefusal> for AuthenticateError {
    fn from(refusal: AssertionRefusal) -> Self {
        Self::Assertion(refusal)
    }
}

impl From<LimitError> for AuthenticateError {
    fn from(error: LimitError) -> Self {
        match error {
            LimitError::Limited(limited) => Self::TooManyGuesses(limited),
            LimitError::Store(error) => Self::Store(error),
        }
    }
}
