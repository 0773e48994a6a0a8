//! The token request and its answer.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{CodeVerifier, DuplicateParameter, Params, ScopeSet, Secret};

/// A grant type of the profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum GrantType {
    /// [RFC 6749 §4.1](https://www.rfc-editor.org/rfc/rfc6749#section-4.1)
    #[serde(rename = "authorization_code")]
    AuthorizationCode,
    /// [RFC 6749 §6](https://www.rfc-editor.org/rfc/rfc6749#section-6)
    #[serde(rename = "refresh_token")]
    RefreshToken,
    /// [RFC 6749 §4.4](https://www.rfc-editor.org/rfc/rfc6749#section-4.4)
    #[serde(rename = "client_credentials")]
    ClientCredentials,
    /// [RFC 7523 §2.1](https://www.rfc-editor.org/rfc/rfc7523#section-2.1)
    #[serde(rename = "urn:ietf:params:oauth:grant-type:jwt-bearer")]
    JwtBearer,
    /// [RFC 8628 §3.4](https://www.rfc-editor.org/rfc/rfc8628#section-3.4)
    #[serde(rename = "urn:ietf:params:oauth:grant-type:device_code")]
    DeviceCode,
    /// [RFC 8693 §2.1](https://www.rfc-editor.org/rfc/rfc8693#section-2.1)
    #[serde(rename = "urn:ietf:params:oauth:grant-type:token-exchange")]
    TokenExchange,
}

impl GrantType {
    /// Every grant type.
    pub const ALL: [Self; 6] = [
        Self::AuthorizationCode,
        Self::RefreshToken,
        Self::ClientCredentials,
        Self::JwtBearer,
        Self::DeviceCode,
        Self::TokenExchange,
    ];

    /// The grant type as it stands on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AuthorizationCode => "authorization_code",
            Self::RefreshToken => "refresh_token",
            Self::ClientCredentials => "client_credentials",
            Self::JwtBearer => "urn:ietf:params:oauth:grant-type:jwt-bearer",
            Self::DeviceCode => "urn:ietf:params:oauth:grant-type:device_code",
            Self::TokenExchange => "urn:ietf:params:oauth:grant-type:token-exchange",
        }
    }

    /// The grant type of this name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|grant| grant.as_str() == text)
    }
}

/// The one kind of token that is exchanged and that comes of an exchange
/// ([RFC 8693 §3](https://www.rfc-editor.org/rfc/rfc8693#section-3)).
pub const ACCESS_TOKEN_TYPE: &str = "urn:ietf:params:oauth:token-type:access_token";
const JWT_TYPE: &str = "urn:ietf:params:oauth:token-type:jwt";

/// A token request: what each grant needs, and nothing else.
#[derive(Debug, Clone)]
pub enum TokenRequest {
    /// [RFC 6749 §4.1.3](https://www.rfc-editor.org/rfc/rfc6749#section-4.1.3)
    AuthorizationCode {
        /// The code.
        code: Secret,
        /// The redirect URI, as it was sent to the authorization endpoint.
        redirect_uri: Option<String>,
        /// The PKCE verifier.
        code_verifier: Option<CodeVerifier>,
        /// The resources to narrow the token to.
        resource: Vec<String>,
    },
    /// [RFC 6749 §6](https://www.rfc-editor.org/rfc/rfc6749#section-6)
    RefreshToken {
        /// The refresh token.
        refresh_token: Secret,
        /// The scopes to narrow the token to.
        scope: Option<ScopeSet>,
        /// The resources to narrow the token to.
        resource: Vec<String>,
    },
    /// [RFC 6749 §4.4.2](https://www.rfc-editor.org/rfc/rfc6749#section-4.4.2)
    ClientCredentials {
        /// What may be done with the token.
        scope: Option<ScopeSet>,
        /// Where it is to be used.
        resource: Vec<String>,
    },
    /// [RFC 8628 §3.4](https://www.rfc-editor.org/rfc/rfc8628#section-3.4)
    DeviceCode {
        /// The device code.
        device_code: Secret,
        /// The resources to narrow the token to.
        resource: Vec<String>,
    },
    /// [RFC 7523 §2.1](https://www.rfc-editor.org/rfc/rfc7523#section-2.1)
    JwtBearer {
        /// The assertion.
        assertion: Secret,
        /// What may be done with the token.
        scope: Option<ScopeSet>,
        /// Where it is to be used.
        resource: Vec<String>,
    },
    /// [RFC 8693 §2.1](https://www.rfc-editor.org/rfc/rfc8693#section-2.1)
    TokenExchange {
        /// The access token that is shown.
        subject_token: Secret,
        /// What may be done with the new one.
        scope: Option<ScopeSet>,
        /// Where the new one is to be used, by `resource` and by `audience`.
        target: Vec<String>,
    },
}

/// Why a token request cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TokenRequestError {
    /// A parameter stands twice.
    #[error(transparent)]
    Duplicate(#[from] DuplicateParameter),
    /// A parameter is missing.
    #[error("{0} is missing")]
    Missing(&'static str),
    /// The grant type is not served.
    #[error("grant_type={0} is not served here; the metadata of this server lists those that are")]
    UnsupportedGrantType(String),
    /// The verifier cannot be one.
    #[error("code_verifier is not valid: it has 43 to 128 characters of A-Z, a-z, 0-9, -, ., _ and ~")]
    BadVerifier,
    /// Only access tokens are exchanged.
    #[error("{0} is not served here; urn:ietf:params:oauth:token-type:access_token is")]
    TokenType(&'static str),
    /// Who acts is the client.
    #[error("actor_token is not served here: the client that authenticates is the actor")]
    ActorToken,
    /// The scope is no list of scopes.
    #[error("scope is not a list of scope names with single spaces between them")]
    BadScope,
}

impl TokenRequest {
    /// Reads the request.
    ///
    /// # Errors
    /// [`TokenRequestError`].
    pub fn parse(params: &Params) -> Result<Self, TokenRequestError> {
        let grant = params
            .one("grant_type")?
            .ok_or(TokenRequestError::Missing("grant_type"))?;
        let resource = params.many("resource").into_iter().map(str::to_owned).collect();
        let required = |name: &'static str| -> Result<Secret, TokenRequestError> {
            params
                .one(name)?
                .map(Secret::new)
                .ok_or(TokenRequestError::Missing(name))
        };
        let scope = || -> Result<Option<ScopeSet>, TokenRequestError> {
            let text = params.one("scope")?;
            text.map(|text| ScopeSet::parse(text).map_err(|_| TokenRequestError::BadScope))
                .transpose()
        };
        match GrantType::parse(grant) {
            Some(GrantType::AuthorizationCode) => Ok(Self::AuthorizationCode {
                code: required("code")?,
                redirect_uri: params.one("redirect_uri")?.map(str::to_owned),
                code_verifier: params
                    .one("code_verifier")?
                    .map(|text| CodeVerifier::parse(text).map_err(|_| TokenRequestError::BadVerifier))
                    .transpose()?,
                resource,
            }),
            Some(GrantType::RefreshToken) => Ok(Self::RefreshToken {
                refresh_token: required("refresh_token")?,
                scope: scope()?,
                resource,
            }),
            Some(GrantType::DeviceCode) => Ok(Self::DeviceCode {
                device_code: required("device_code")?,
                resource,
            }),
            Some(GrantType::JwtBearer) => Ok(Self::JwtBearer {
                assertion: required("assertion")?,
                scope: scope()?,
                resource,
            }),
            Some(GrantType::TokenExchange) => {
                check_token_types(params)?;
                let audience = params.many("audience").into_iter().map(str::to_owned);
                Ok(Self::TokenExchange {
                    subject_token: required("subject_token")?,
                    scope: scope()?,
                    target: resource.into_iter().chain(audience).collect(),
                })
            }
            Some(GrantType::ClientCredentials) => Ok(Self::ClientCredentials {
                scope: scope()?,
                resource,
            }),
            None => Err(TokenRequestError::UnsupportedGrantType(
                grant.chars().take(80).collect(),
            )),
        }
    }

    /// The grant that is asked for.
    pub fn grant_type(&self) -> GrantType {
        match self {
            Self::AuthorizationCode { .. } => GrantType::AuthorizationCode,
            Self::RefreshToken { .. } => GrantType::RefreshToken,
            Self::ClientCredentials { .. } => GrantType::ClientCredentials,
            Self::DeviceCode { .. } => GrantType::DeviceCode,
            Self::JwtBearer { .. } => GrantType::JwtBearer,
            Self::TokenExchange { .. } => GrantType::TokenExchange,
        }
    }
}

/// Access tokens of ours are exchanged for such, and nothing else; who acts is the client, and shows no token of its own.
fn check_token_types(params: &Params) -> Result<(), TokenRequestError> {
    let served = |kind: &str| kind == ACCESS_TOKEN_TYPE || kind == JWT_TYPE;
    let shown = params
        .one("subject_token_type")?
        .ok_or(TokenRequestError::Missing("subject_token_type"))?;
    if !served(shown) {
        return Err(TokenRequestError::TokenType("subject_token_type"));
    }
    if params
        .one("requested_token_type")?
        .is_some_and(|kind| !served(kind))
    {
        return Err(TokenRequestError::TokenType("requested_token_type"));
    }
    if params.one("actor_token")?.is_some() || params.one("actor_token_type")?.is_some() {
        return Err(TokenRequestError::ActorToken);
    }
    Ok(())
}

/// A successful answer ([RFC 6749 §5.1](https://www.rfc-editor.org/rfc/rfc6749#section-5.1)). It holds tokens, so it is
/// never printed.
#[derive(Serialize)]
pub struct TokenResponse {
    /// The access token.
    pub access_token: String,
    /// How to use it: `Bearer`, or `DPoP` if it is bound to a key.
    pub token_type: &'static str,
    /// How long it lives, in seconds.
    pub expires_in: u64,
    /// What kind of token it is, where it was exchanged for another one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issued_token_type: Option<&'static str>,
    /// The refresh token, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<String>,
    /// The scopes granted; always said, since they can be fewer than asked for.
    pub scope: ScopeSet,
    /// The ID token, if `openid` was granted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id_token: Option<String>,
    /// The nonce for the next DPoP proof, which travels in the header `DPoP-Nonce`
    /// ([RFC 9449 §8.2](https://www.rfc-editor.org/rfc/rfc9449#section-8.2)).
    #[serde(skip)]
    pub dpop_nonce: Option<String>,
}

impl std::fmt::Debug for TokenResponse {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TokenResponse")
            .field("scope", &self.scope)
            .finish_non_exhaustive()
    }
}
