mod challenge;
mod description;

use axum::body::Body;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, Response, StatusCode};
use serde_json::json;
use vestibule_jose::dpop::ProofError;
use vestibule_protocol::{ErrorBody, OAuthErrorCode, ScopeSet};

pub(crate) use self::challenge::{ChallengeContext, Schemes};
use crate::dpop::DPOP_NONCE;
use crate::token_error::TokenError;

/// After how many seconds a caller may ask again when the token could not be judged.
const RETRY_AFTER_SECONDS: HeaderValue = HeaderValue::from_static("5");

/// Why a request does not reach the handler.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// It has no token.
    NoToken,
    /// It has more than one `Authorization` header.
    SeveralTokens,
    /// What it presents as a token cannot be one.
    UnreadableToken,
    /// Its token is no good, or cannot be judged.
    Token(TokenError),
    /// It does not prove to have the key that its token is bound to.
    Proof(ProofFault),
    /// Its proof needs a nonce: this one.
    NonceNeeded(String),
    /// Whether its proof has been used cannot be known.
    ProofsUnknown,
    /// Its token lacks scopes that the call needs.
    InsufficientScope {
        /// What the call needs.
        needed: ScopeSet,
        /// What the token has.
        granted: ScopeSet,
    },
    /// It names an MCP session that is not the caller's.
    UnknownMcpSession,
    /// It comes from a web page that may not call.
    ForeignOrigin,
    /// Its body is larger than the guard reads.
    BodyTooLarge {
        /// The limit, in bytes.
        limit: usize,
    },
    /// Its body is compressed, so that the guard cannot judge it.
    EncodedBody,
    /// Its body did not arrive in full.
    BodyCutShort,
    /// Its body is no JSON-RPC that can be judged.
    BadJsonRpc(serde_json::Error),
}

/// What is wrong with a proof.
#[derive(Debug)]
pub(crate) enum ProofFault {
    /// There is none.
    Missing,
    /// It does not hold.
    Wrong(ProofError),
    /// It was used before.
    Spent,
}

impl From<TokenError> for Refusal {
    fn from(error: TokenError) -> Self {
        Self::Token(error)
    }
}

impl From<ProofFault> for Refusal {
    fn from(fault: ProofFault) -> Self {
        Self::Proof(fault)
    }
}

impl Refusal {
    /// Turns the refusal into the answer that the RFCs ask for.
    pub(crate) fn answer(&self, context: &ChallengeContext<'_>) -> Response<Body> {
        let status = self.status();
        let mut response = match self {
            Self::UnknownMcpSession => json_rpc_error(-32001, "Session not found"),
            Self::BadJsonRpc(error) if error.is_data() => {
                json_rpc_error(-32600, &format!("Invalid request: {error}"))
            }
            Self::BadJsonRpc(error) => json_rpc_error(-32700, &format!("Parse error: {error}")),
            other => other.oauth_error(),
        };
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(RETRY_AFTER, RETRY_AFTER_SECONDS);
        }
        for challenge in self.challenges(context) {
            if let Ok(challenge) = HeaderValue::try_from(challenge.to_string()) {
                headers.append(WWW_AUTHENTICATE, challenge);
            }
        }
        if let Self::NonceNeeded(nonce) = self
            && let Ok(nonce) = HeaderValue::try_from(nonce)
        {
            headers.insert(DPOP_NONCE, nonce);
        }
        response
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::NoToken | Self::UnreadableToken | Self::Proof(_) | Self::NonceNeeded(_) => {
                StatusCode::UNAUTHORIZED
            }
            Self::ProofsUnknown => StatusCode::SERVICE_UNAVAILABLE,
            Self::SeveralTokens | Self::BodyCutShort | Self::BadJsonRpc(_) => StatusCode::BAD_REQUEST,
            Self::InsufficientScope { .. } | Self::ForeignOrigin => StatusCode::FORBIDDEN,
            Self::UnknownMcpSession => StatusCode::NOT_FOUND,
            Self::BodyTooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::EncodedBody => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Token(error) => match error {
                TokenError::Unverified(_)
                | TokenError::Revoked
                | TokenError::Inactive
                | TokenError::BoundToKey
                | TokenError::BoundToAnotherKey
                | TokenError::BearerAlone
                | TokenError::NotBound
                | TokenError::BadStatus => StatusCode::UNAUTHORIZED,
                // Not 401: the token may be perfectly good, and a client would throw it away.
                TokenError::NoKeys(_) | TokenError::NoStatus(_) | TokenError::NoIntrospection(_) => {
                    StatusCode::SERVICE_UNAVAILABLE
                }
            },
        }
    }

    fn code(&self) -> OAuthErrorCode {
        match self {
            Self::SeveralTokens
            | Self::UnknownMcpSession
            | Self::BodyTooLarge { .. }
            | Self::EncodedBody
            | Self::BodyCutShort
            | Self::BadJsonRpc(_) => OAuthErrorCode::InvalidRequest,
            Self::InsufficientScope { .. } => OAuthErrorCode::InsufficientScope,
            Self::ForeignOrigin => OAuthErrorCode::AccessDenied,
            Self::NoToken | Self::UnreadableToken => OAuthErrorCode::InvalidToken,
            Self::Proof(_) => OAuthErrorCode::InvalidDpopProof,
            Self::NonceNeeded(_) => OAuthErrorCode::UseDpopNonce,
            Self::ProofsUnknown => OAuthErrorCode::TemporarilyUnavailable,
            Self::Token(error) => match error {
                TokenError::Unverified(_)
                | TokenError::Revoked
                | TokenError::Inactive
                | TokenError::BoundToKey
                | TokenError::BoundToAnotherKey
                | TokenError::BearerAlone
                | TokenError::NotBound
                | TokenError::BadStatus => OAuthErrorCode::InvalidToken,
                TokenError::NoKeys(_) | TokenError::NoStatus(_) | TokenError::NoIntrospection(_) => {
                    OAuthErrorCode::TemporarilyUnavailable
                }
            },
        }
    }

    fn oauth_error(&self) -> Response<Body> {
        json_response(&ErrorBody {
            error: self.code(),
            error_description: Some(self.description()),
            error_uri: None,
        })
    }
}

fn json_rpc_error(code: i32, message: &str) -> Response<Body> {
    json_response(&json!({
        "jsonrpc": "2.0",
        "id": null,
        "error": { "code": code, "message": message },
    }))
}

fn json_response(body: &impl serde::Serialize) -> Response<Body> {
    // Neither kind of body can fail to serialise; an empty one would still carry the status.
    let body = serde_json::to_vec(body).unwrap_or_default();
    let mut response = Response::new(Body::from(body));
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
