//! How a client shows who it is.

mod basic;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{ClientId, DuplicateParameter, Params, Secret};

/// A client authentication method
/// ([RFC 7591 §2](https://www.rfc-editor.org/rfc/rfc7591#section-2), `token_endpoint_auth_method`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuthMethod {
    /// A public client: it has no secret.
    None,
    /// A secret in the `Authorization` header.
    ClientSecretBasic,
    /// A secret in the body.
    ClientSecretPost,
    /// A signed assertion ([RFC 7523 §2.2](https://www.rfc-editor.org/rfc/rfc7523#section-2.2)).
    PrivateKeyJwt,
}

impl AuthMethod {
    /// The method as it stands on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::ClientSecretBasic => "client_secret_basic",
            Self::ClientSecretPost => "client_secret_post",
            Self::PrivateKeyJwt => "private_key_jwt",
        }
    }
}

/// What a client presented.
#[derive(Debug, Clone)]
pub enum ClientCredentials {
    /// Its id alone.
    None {
        /// Who it says it is.
        client_id: ClientId,
    },
    /// Id and secret in the `Authorization` header.
    Basic {
        /// Who it says it is.
        client_id: ClientId,
        /// Its secret.
        secret: Secret,
    },
    /// Id and secret in the body.
    Post {
        /// Who it says it is.
        client_id: ClientId,
        /// Its secret.
        secret: Secret,
    },
    /// A signed assertion.
    Assertion {
        /// Who it says it is, if it says so beside the assertion.
        client_id: Option<ClientId>,
        /// The assertion.
        assertion: Secret,
    },
}

/// Why no credentials can be read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ClientAuthError {
    /// A parameter stands twice.
    #[error(transparent)]
    Duplicate(#[from] DuplicateParameter),
    /// There is neither an id nor an `Authorization` header.
    #[error("client_id is missing; send it in the body, or authenticate with the Authorization header")]
    Missing,
    /// The id has a form that no client's id has.
    #[error("client_id has a form that no client's id has")]
    BadClientId,
    /// Two methods at once.
    #[error("the request authenticates the client in more than one way; use one")]
    SeveralMethods,
    /// An assertion, and another method beside it.
    #[error("the request authenticates the client with something beside client_assertion; send that alone")]
    BesideAssertion,
    /// The `Authorization` header cannot be read.
    #[error("the Authorization header is not `Basic` with the form-encoded client id and secret in base64")]
    BadHeader,
    /// The header names another client than the body.
    #[error("client_id in the body and the client in the Authorization header differ")]
    Contradiction,
    /// The type of the assertion is unknown.
    #[error("client_assertion_type is not urn:ietf:params:oauth:client-assertion-type:jwt-bearer")]
    AssertionType,
}

impl ClientCredentials {
    /// Reads the credentials from the `Authorization` header and the parameters.
    ///
    /// > The client MUST NOT use more than one authentication method in each request.
    /// > ([RFC 6749 §2.3](https://www.rfc-editor.org/rfc/rfc6749#section-2.3))
    ///
    /// # Errors
    /// [`ClientAuthError`].
    pub fn parse(authorization: Option<&str>, params: &Params) -> Result<Self, ClientAuthError> {
        let named = match params.one("client_id")? {
            Some(id) => Some(ClientId::parse(id).map_err(|_| ClientAuthError::BadClientId)?),
            None => None,
        };
        let secret = params.one("client_secret")?;
        let assertion = params.one("client_assertion")?;
        match (authorization, secret, assertion) {
            (Some(header), None, None) => {
                let (client_id, secret) = basic::parse(header)?;
                if named.is_some_and(|named| named != client_id) {
                    return Err(ClientAuthError::Contradiction);
                }
                Ok(Self::Basic { client_id, secret })
            }
            (None, Some(secret), None) => {
                let client_id = named.ok_or(ClientAuthError::Missing)?;
                Ok(Self::Post {
                    client_id,
                    secret: Secret::new(secret),
                })
            }
            (None, None, Some(assertion)) => {
                if params.one("client_assertion_type")?
                    != Some("urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
                {
                    return Err(ClientAuthError::AssertionType);
                }
                Ok(Self::Assertion {
                    client_id: named,
                    assertion: Secret::new(assertion),
                })
            }
            (None, None, None) => named
                .map(|client_id| Self::None { client_id })
                .ok_or(ClientAuthError::Missing),
            (Some(_), Some(_), None) => Err(ClientAuthError::SeveralMethods),
            (_, _, Some(_)) => Err(ClientAuthError::BesideAssertion),
        }
    }
}
