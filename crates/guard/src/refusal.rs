use axum::body::Body;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, Response, StatusCode};
use serde_json::json;
use vestibule_jose::VerifyError;
use vestibule_protocol::{ChallengeScheme, ErrorBody, OAuthErrorCode, ScopeSet, WwwAuthenticate};

use crate::scope_rules::without_offline_access;
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

/// What a challenge says beside the error.
pub(crate) struct ChallengeContext<'a> {
    /// Where the protected-resource metadata is.
    pub(crate) resource_metadata: &'a str,
    /// What a caller without a token is told to ask for.
    pub(crate) initial_scopes: &'a ScopeSet,
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
        if let Some(challenge) = self.challenge(context) {
            headers.insert(WWW_AUTHENTICATE, challenge);
        }
        response
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::NoToken | Self::UnreadableToken => StatusCode::UNAUTHORIZED,
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
            Self::Token(error) => match error {
                TokenError::Unverified(_)
                | TokenError::Revoked
                | TokenError::Inactive
                | TokenError::BoundToKey
                | TokenError::BadStatus => OAuthErrorCode::InvalidToken,
                TokenError::NoKeys(_) | TokenError::NoStatus(_) | TokenError::NoIntrospection(_) => {
                    OAuthErrorCode::TemporarilyUnavailable
                }
            },
        }
    }

    /// Says to a developer what to change, and to a stranger nothing about the token.
    fn description(&self) -> String {
        match self {
            Self::NoToken => {
                "Send an access token in the Authorization header; the challenge says where to get one."
                    .into()
            }
            Self::SeveralTokens => "Send exactly one Authorization header.".into(),
            Self::UnreadableToken => "What follows Bearer is not an access token.".into(),
            Self::Token(error) => describe_token_error(error),
            Self::InsufficientScope { needed, .. } => {
                format!("This call needs the scopes: {needed}.")
            }
            Self::UnknownMcpSession => "Session not found".into(),
            Self::ForeignOrigin => "Web pages of this origin may not call here.".into(),
            Self::BodyTooLarge { limit } => format!("The body may have at most {limit} bytes."),
            Self::EncodedBody => "Send the body without Content-Encoding.".into(),
            Self::BodyCutShort => "The body did not arrive in full.".into(),
            Self::BadJsonRpc(error) => error.to_string(),
        }
    }

    fn oauth_error(&self) -> Response<Body> {
        json_response(&ErrorBody {
            error: self.code(),
            error_description: Some(self.description()),
            error_uri: None,
        })
    }

    fn challenge(&self, context: &ChallengeContext<'_>) -> Option<HeaderValue> {
        let scope = match self {
            Self::InsufficientScope { needed, granted } => Some(step_up(needed, granted)),
            _ if self.status() == StatusCode::UNAUTHORIZED => Some(context.initial_scopes.clone()),
            Self::SeveralTokens => None,
            _ => return None,
        };
        // RFC 6750 §3.1: "If the request lacks any authentication information [...], the resource server SHOULD NOT include an
        // error code or other error information."
        let says_why = !matches!(self, Self::NoToken);
        let challenge = WwwAuthenticate {
            scheme: ChallengeScheme::Bearer,
            realm: None,
            error: says_why.then(|| self.code()),
            error_description: says_why.then(|| self.description()),
            scope,
            resource_metadata: Some(context.resource_metadata.to_owned()),
        };
        HeaderValue::from_str(&challenge.to_string()).ok()
    }
}

/// What a client asks for so that it can make this call and all those that it could make before: the scopes of a challenge
/// replace the former ones in clients that do not join them.
fn step_up(needed: &ScopeSet, granted: &ScopeSet) -> ScopeSet {
    without_offline_access(needed.union(granted))
}

fn describe_token_error(error: &TokenError) -> String {
    match error {
        TokenError::Unverified(VerifyError::WrongAudience) => {
            "The access token is for another server; ask for one with this server's resource.".into()
        }
        TokenError::Unverified(VerifyError::Expired) => "The access token has expired; refresh it.".into(),
        TokenError::Unverified(VerifyError::WrongType) => {
            "This is not an access token; an ID token or a refresh token does not open this door.".into()
        }
        TokenError::Unverified(error) => format!("The access token is refused: {error}."),
        TokenError::Revoked => "The session of the access token has ended; log in again.".into(),
        TokenError::Inactive => "The access token is not active.".into(),
        TokenError::BoundToKey => "The access token is bound to a key; send a DPoP proof of it.".into(),
        TokenError::BadStatus => "The access token refers to no known status.".into(),
        TokenError::NoKeys(_) | TokenError::NoStatus(_) | TokenError::NoIntrospection(_) => {
            "The access token cannot be judged at the moment; try again shortly.".into()
        }
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
