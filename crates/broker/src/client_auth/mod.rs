//! Who calls the token, introspection and revocation endpoints.

use std::sync::Arc;

use thiserror::Error;
use vestibule_protocol::{ClientAuthError, ClientCredentials, OAuthErrorCode, Params, Secret};

use crate::store::StoreError;
use crate::{Broker, Client, EndpointError, LimitError, Limited};

/// A client that has shown what it has to show.
#[derive(Debug)]
pub(crate) struct Caller {
    pub(crate) client: Arc<Client>,
    /// Whether it has shown a secret, so that nobody else can be it.
    pub(crate) proven: bool,
}

impl Broker {
    /// Authenticates the client of a request
    /// ([RFC 6749 §2.3](https://www.rfc-editor.org/rfc/rfc6749#section-2.3)): with a secret, in the header or in the
    /// body as it likes, or as a public client by its id alone.
    pub(crate) async fn authenticate_client(
        &self,
        authorization: Option<&str>,
        params: &Params,
    ) -> Result<Caller, AuthenticateError> {
        let basic = authorization.is_some();
        let credentials = ClientCredentials::parse(authorization, params)
            .map_err(|cause| AuthenticateError::Malformed { cause, basic })?;
        let refused = |cause| AuthenticateError::Refused { cause, basic };
        let (id, secret) = match credentials {
            ClientCredentials::None { client_id } => (client_id, None),
            ClientCredentials::Basic { client_id, secret }
            | ClientCredentials::Post { client_id, secret } => (client_id, Some(secret)),
            ClientCredentials::Assertion { .. } => return Err(refused(ClientRefusal::AssertionUnsupported)),
        };
        let client = self
            .find_client(&id)
            .await?
            .ok_or_else(|| refused(ClientRefusal::Unknown))?;
        let proven = self.try_secret(&client, secret.as_ref(), basic).await?;
        // Judged after the secret, so that only the client itself learns that it is blocked.
        if client.is_blocked() {
            return Err(refused(ClientRefusal::Blocked));
        }
        Ok(Caller { client, proven })
    }

    /// Judges the secret, unless too many wrong ones have come for this client.
    async fn try_secret(
        &self,
        client: &Client,
        secret: Option<&Secret>,
        basic: bool,
    ) -> Result<bool, AuthenticateError> {
        let counted = client.is_guessable() && secret.is_some();
        if counted {
            self.may_guess(client.id())?;
        }
        let judged = check_secret(client, secret);
        if counted && judged == Err(ClientRefusal::SecretWrong) {
            self.count_guess(client.id()).await?;
        }
        judged.map_err(|cause| AuthenticateError::Refused { cause, basic })
    }
}

/// Says whether the client has proven itself; an empty secret is none
/// ([RFC 6749 §2.3.1](https://www.rfc-editor.org/rfc/rfc6749#section-2.3.1): “The client MAY omit the parameter if the
/// client secret is an empty string”).
///
/// A client that registered as public and was given a secret all the same (Perplexity) may show it or leave it out.
fn check_secret(client: &Client, presented: Option<&Secret>) -> Result<bool, ClientRefusal> {
    let presented = presented.map(Secret::expose).filter(|secret| !secret.is_empty());
    match (presented, client.secret()) {
        (Some(presented), Some(secret)) if secret.matches(presented) => Ok(true),
        (Some(_), Some(_)) => Err(ClientRefusal::SecretWrong),
        (Some(_), None) => Err(ClientRefusal::SecretUnexpected),
        (None, _) if client.must_show_secret() => Err(ClientRefusal::SecretMissing),
        (None, _) => Ok(false),
    }
}

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
    #[error("this client is public and has no secret: send client_id alone")]
    SecretUnexpected,
    /// It sent an assertion.
    #[error("client assertions are not supported: use none, client_secret_basic or client_secret_post")]
    AssertionUnsupported,
}

impl EndpointError for AuthenticateError {
    fn code(&self) -> OAuthErrorCode {
        match self {
            Self::Malformed {
                cause: ClientAuthError::BadHeader | ClientAuthError::BadClientId,
                ..
            }
            | Self::Refused { .. } => OAuthErrorCode::InvalidClient,
            Self::Malformed {
                cause:
                    ClientAuthError::Duplicate(_)
                    | ClientAuthError::Missing
                    | ClientAuthError::SeveralMethods
                    | ClientAuthError::Contradiction
                    | ClientAuthError::AssertionType,
                ..
            } => OAuthErrorCode::InvalidRequest,
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
                ClientRefusal::AssertionUnsupported => "client_assertion_unsupported",
            },
            Self::TooManyGuesses(_) => "too_many_guesses",
            Self::Store(error) => error.reason(),
        }
    }

    fn limited(&self) -> Option<Limited> {
        match self {
            Self::TooManyGuesses(limited) => Some(*limited),
            Self::Malformed { .. } | Self::Refused { .. } | Self::Store(_) => None,
        }
    }

    fn wants_basic(&self) -> bool {
        match self {
            Self::Malformed { basic, .. } | Self::Refused { basic, .. } => *basic && self.status() == 401,
            Self::TooManyGuesses(_) | Self::Store(_) => false,
        }
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
