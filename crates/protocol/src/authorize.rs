//! The authorization request and its answer.

use serde::Serialize;

use crate::error::describable;
use crate::secret::exposed;
use crate::{DuplicateParameter, Issuer, OAuthErrorCode, Params, Secret};

/// The parameters of an authorization request ([RFC 6749 §4.1.1](https://www.rfc-editor.org/rfc/rfc6749#section-4.1.1)), read
/// but not judged: each is judged by a check of its own. What no check asks for is ignored, as §3.1 demands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RawAuthorizeRequest {
    /// `response_type`
    pub response_type: Option<String>,
    /// `response_mode` ([OAuth 2.0 Multiple Response Types §2.1](https://openid.net/specs/oauth-v2-multiple-response-types-1_0.html))
    pub response_mode: Option<String>,
    /// `scope`
    pub scope: Option<String>,
    /// `state`
    pub state: Option<String>,
    /// `code_challenge` ([RFC 7636 §4.3](https://www.rfc-editor.org/rfc/rfc7636#section-4.3))
    pub code_challenge: Option<String>,
    /// `code_challenge_method`
    pub code_challenge_method: Option<String>,
    /// `resource`, any number of times ([RFC 8707 §2](https://www.rfc-editor.org/rfc/rfc8707#section-2))
    pub resource: Vec<String>,
    /// `nonce` ([OpenID Connect Core §3.1.2.1](https://openid.net/specs/openid-connect-core-1_0.html#AuthRequest))
    pub nonce: Option<String>,
    /// `prompt`
    pub prompt: Option<String>,
    /// `max_age`
    pub max_age: Option<String>,
    /// `login_hint`
    pub login_hint: Option<String>,
    /// `idp_hint`: the identity provider that the client would like.
    pub idp_hint: Option<String>,
    /// `dpop_jkt` ([RFC 9449 §10](https://www.rfc-editor.org/rfc/rfc9449#section-10))
    pub dpop_jkt: Option<String>,
    /// `request` ([RFC 9101](https://www.rfc-editor.org/rfc/rfc9101))
    pub request: Option<String>,
    /// `request_uri`
    pub request_uri: Option<String>,
}

impl RawAuthorizeRequest {
    /// The parameters that an authorization request has; what else there is, is ignored.
    pub const NAMES: [&str; 17] = [
        "client_id",
        "redirect_uri",
        "response_type",
        "response_mode",
        "scope",
        "state",
        "code_challenge",
        "code_challenge_method",
        "resource",
        "nonce",
        "prompt",
        "max_age",
        "login_hint",
        "idp_hint",
        "dpop_jkt",
        "request",
        "request_uri",
    ];

    /// Reads the request.
    ///
    /// # Errors
    /// [`DuplicateParameter`] when any parameter but `resource` stands more than once.
    pub fn parse(params: &Params) -> Result<Self, DuplicateParameter> {
        let one = |name: &str| params.one(name).map(|value| value.map(str::to_owned));
        Ok(Self {
            response_type: one("response_type")?,
            response_mode: one("response_mode")?,
            scope: one("scope")?,
            state: one("state")?,
            code_challenge: one("code_challenge")?,
            code_challenge_method: one("code_challenge_method")?,
            resource: params.many("resource").into_iter().map(str::to_owned).collect(),
            nonce: one("nonce")?,
            prompt: one("prompt")?,
            max_age: one("max_age")?,
            login_hint: one("login_hint")?,
            idp_hint: one("idp_hint")?,
            dpop_jkt: one("dpop_jkt")?,
            request: one("request")?,
            request_uri: one("request_uri")?,
        })
    }
}

/// The answer to a pushed authorization request ([RFC 9126 §2.2](https://www.rfc-editor.org/rfc/rfc9126#section-2.2)).
#[derive(Debug, Serialize)]
pub struct PushedAuthorizationResponse {
    /// The name under which the browser brings the request.
    #[serde(serialize_with = "exposed")]
    pub request_uri: Secret,
    /// How long it is good for, in seconds.
    pub expires_in: u64,
}

/// What travels back on the redirect URI; `iss` always does ([RFC 9207 §2](https://www.rfc-editor.org/rfc/rfc9207#section-2)).
#[derive(Debug)]
pub enum AuthorizationResponse {
    /// [RFC 6749 §4.1.2](https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2)
    Code {
        /// The authorization code.
        code: Secret,
        /// The client's state, byte for byte.
        state: Option<String>,
        /// Who answers.
        iss: Issuer,
    },
    /// [RFC 6749 §4.1.2.1](https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2.1)
    Error {
        /// The code.
        error: OAuthErrorCode,
        /// A sentence for a developer.
        description: Option<String>,
        /// A page about the error.
        uri: Option<String>,
        /// The client's state, byte for byte.
        state: Option<String>,
        /// Who answers.
        iss: Issuer,
    },
}

impl AuthorizationResponse {
    /// The parameters, in the order in which they are sent.
    ///
    /// > state: REQUIRED if the "state" parameter was present in the client authorization request. The exact value received
    /// > from the client.
    pub fn params(&self) -> Vec<(&'static str, String)> {
        let mut params = Vec::new();
        let (state, iss) = match self {
            Self::Code { code, state, iss } => {
                params.push(("code", code.expose().to_owned()));
                (state, iss)
            }
            Self::Error {
                error,
                description,
                uri,
                state,
                iss,
            } => {
                params.push(("error", error.as_str().to_owned()));
                params.extend(
                    description
                        .iter()
                        .map(|text| ("error_description", describable(text))),
                );
                params.extend(uri.iter().map(|uri| ("error_uri", uri.clone())));
                (state, iss)
            }
        };
        params.extend(state.iter().map(|state| ("state", state.clone())));
        params.push(("iss", iss.as_str().to_owned()));
        params
    }
}
