//! What the errors of all endpoints that programs call have in common.

use std::error::Error;

use vestibule_protocol::OAuthErrorCode;
use vestibule_telemetry::Outcome;

use crate::store::StoreError;
use crate::{AuthenticateError, Broker, Limited};

/// An error of an endpoint. Its `Display` is the `error_description`, unless it is the server's own fault.
pub trait EndpointError: Error {
    /// The error code of the answer.
    fn code(&self) -> OAuthErrorCode;

    /// The cause in a word that never changes, for whoever counts.
    fn reason(&self) -> &'static str {
        self.code().as_str()
    }

    /// The HTTP status of the answer.
    fn status(&self) -> u16 {
        match self.limited() {
            Some(_) => 429,
            None => status_of(self.code()),
        }
    }

    /// Why the client of the request is not let in, if that is what went wrong.
    fn of_client(&self) -> Option<&AuthenticateError> {
        None
    }

    /// Which limit the caller ran into, if it came too often
    /// ([RFC 6585 §4](https://www.rfc-editor.org/rfc/rfc6585#section-4)).
    fn limited(&self) -> Option<Limited> {
        self.of_client().and_then(EndpointError::limited)
    }

    /// Whether the client tried HTTP Basic in vain.
    ///
    /// > If the client attempted to authenticate via the "Authorization" request header field, the authorization server
    /// > MUST respond with an HTTP 401 (Unauthorized) status code and include the "WWW-Authenticate" response header field
    /// > matching the authentication scheme used by the client.
    /// > ([RFC 6749 §5.2](https://www.rfc-editor.org/rfc/rfc6749#section-5.2))
    fn wants_basic(&self) -> bool {
        self.of_client().is_some_and(EndpointError::wants_basic)
    }

    /// The nonce with which the very request is welcome, for the header `DPoP-Nonce`
    /// ([RFC 9449 §8](https://www.rfc-editor.org/rfc/rfc9449#section-8)).
    fn dpop_nonce(&self) -> Option<&str> {
        None
    }

    /// What a proof may be signed with, if a token with a proof is what was wanted: the challenge is one for such
    /// ([RFC 9449 §7.1](https://www.rfc-editor.org/rfc/rfc9449#section-7.1)).
    fn proof_algorithms(&self) -> Option<String> {
        None
    }

    /// Whether it is the server's own fault: the cause goes to the log and a constant sentence to the caller.
    fn is_fault(&self) -> bool {
        self.status() >= 500
    }
}

/// What came of a request, for whoever counts.
pub(crate) fn outcome<T, E: EndpointError>(answer: &Result<T, E>) -> Outcome {
    match answer {
        Ok(_) => Outcome::Ok,
        Err(error) if error.is_fault() => Outcome::Failed(error.reason()),
        Err(error) => Outcome::Refused(error.reason()),
    }
}

impl EndpointError for StoreError {
    fn code(&self) -> OAuthErrorCode {
        match self {
            Self::Unavailable(_) => OAuthErrorCode::TemporarilyUnavailable,
            Self::Corrupt(_) => OAuthErrorCode::ServerError,
        }
    }

    fn reason(&self) -> &'static str {
        match self {
            Self::Unavailable(_) => "store_unavailable",
            Self::Corrupt(_) => "record_corrupt",
        }
    }
}

impl Broker {
    /// The page about an error, `error_uri`, if the operator has one.
    pub fn error_uri(&self, code: OAuthErrorCode) -> Option<String> {
        self.settings
            .error_page
            .as_ref()
            .map(|page| format!("{page}#{code}"))
    }
}

pub(crate) fn status_of(code: OAuthErrorCode) -> u16 {
    match code {
        OAuthErrorCode::InvalidClient | OAuthErrorCode::InvalidToken => 401,
        OAuthErrorCode::AccessDenied | OAuthErrorCode::InsufficientScope => 403,
        OAuthErrorCode::ServerError => 500,
        OAuthErrorCode::TemporarilyUnavailable => 503,
        OAuthErrorCode::InvalidRequest
        | OAuthErrorCode::InvalidGrant
        | OAuthErrorCode::UnauthorizedClient
        | OAuthErrorCode::UnsupportedGrantType
        | OAuthErrorCode::InvalidScope
        | OAuthErrorCode::InvalidTarget
        | OAuthErrorCode::UnsupportedResponseType
        | OAuthErrorCode::LoginRequired
        | OAuthErrorCode::ConsentRequired
        | OAuthErrorCode::InteractionRequired
        | OAuthErrorCode::RequestNotSupported
        | OAuthErrorCode::RequestUriNotSupported
        | OAuthErrorCode::InvalidRedirectUri
        | OAuthErrorCode::InvalidClientMetadata
        | OAuthErrorCode::UnsupportedTokenType
        | OAuthErrorCode::AuthorizationPending
        | OAuthErrorCode::SlowDown
        | OAuthErrorCode::ExpiredToken
        | OAuthErrorCode::InvalidDpopProof
        | OAuthErrorCode::UseDpopNonce => 400,
    }
}
