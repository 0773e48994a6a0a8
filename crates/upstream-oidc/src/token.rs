//! The token endpoint, and what it answers.

use std::fmt;
use std::time::Duration;

use openidconnect::core::{
    CoreAuthDisplay, CoreAuthPrompt, CoreGenderClaim, CoreIdToken, CoreJsonWebKey,
    CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm, CoreRevocableToken,
    CoreRevocationErrorResponse, CoreTokenIntrospectionResponse, CoreTokenType,
};
use openidconnect::{
    AccessToken, EmptyAdditionalClaims, EndpointNotSet, EndpointSet, ErrorResponse, OAuth2TokenResponse,
    RefreshToken, RequestTokenError, Scope, TokenResponse,
};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use vestibule_protocol::Secret;
use vestibule_provider::ProviderError;

use crate::call::CallError;
use crate::oauth_error::OAuthError;

/// The crate's client, with answers that are read leniently.
pub(crate) type Client = openidconnect::Client<
    EmptyAdditionalClaims,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    TokenRefusal,
    TokenAnswer,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointSet,
    EndpointNotSet,
>;

/// How a token request fails.
pub(crate) type TokenError = RequestTokenError<CallError, TokenRefusal>;

/// A successful answer ([RFC 6749 §5.1](https://www.rfc-editor.org/rfc/rfc6749#section-5.1)). Lifetimes are not read: the
/// broker's own decide.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct TokenAnswer {
    access_token: AccessToken,
    #[serde(deserialize_with = "bearer")]
    token_type: CoreTokenType,
    #[serde(default)]
    refresh_token: Option<RefreshToken>,
    #[serde(default)]
    id_token: Option<RawIdToken>,
}

/// An ID token that nobody has looked at.
#[derive(Clone, Deserialize, Serialize)]
struct RawIdToken(String);

impl TokenAnswer {
    pub(crate) fn access_token(&self) -> Secret {
        Secret::new(self.access_token.secret().as_str())
    }

    pub(crate) fn refresh_token(&self) -> Option<Secret> {
        let token = self.refresh_token.as_ref()?.secret();
        (!token.is_empty()).then(|| Secret::new(token.as_str()))
    }

    pub(crate) fn id_token(&self) -> Option<Secret> {
        self.id_token.as_ref().map(|token| Secret::new(token.0.as_str()))
    }
}

impl fmt::Debug for RawIdToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RawIdToken(…)")
    }
}

/// [RFC 6749 §5.1](https://www.rfc-editor.org/rfc/rfc6749#section-5.1): the “value is case insensitive”.
fn bearer<'de, D: Deserializer<'de>>(deserializer: D) -> Result<CoreTokenType, D::Error> {
    let name = String::deserialize(deserializer)?;
    if name.eq_ignore_ascii_case("bearer") {
        return Ok(CoreTokenType::Bearer);
    }
    Err(serde::de::Error::custom("another token_type than Bearer"))
}

impl OAuth2TokenResponse for TokenAnswer {
    type TokenType = CoreTokenType;

    fn access_token(&self) -> &AccessToken {
        &self.access_token
    }

    fn token_type(&self) -> &CoreTokenType {
        &self.token_type
    }

    fn expires_in(&self) -> Option<Duration> {
        None
    }

    fn refresh_token(&self) -> Option<&RefreshToken> {
        self.refresh_token.as_ref()
    }

    fn scopes(&self) -> Option<&Vec<Scope>> {
        None
    }
}

impl
    TokenResponse<
        EmptyAdditionalClaims,
        CoreGenderClaim,
        CoreJweContentEncryptionAlgorithm,
        CoreJwsSigningAlgorithm,
    > for TokenAnswer
{
    /// The crate's ID token is never made: this crate verifies the text itself.
    fn id_token(&self) -> Option<&CoreIdToken> {
        None
    }
}

/// A refusal, read only from an answer that is one.
#[derive(Debug, Deserialize, Serialize)]
#[serde(untagged)]
pub(crate) enum TokenRefusal {
    /// In the form of OAuth ([RFC 6749 §5.2](https://www.rfc-editor.org/rfc/rfc6749#section-5.2)).
    OAuth {
        error: String,
        #[serde(default)]
        error_description: Option<Value>,
    },
    /// In a form of the provider's own.
    Own { error_code: String },
}

impl TokenRefusal {
    pub(crate) fn error(&self) -> OAuthError {
        match self {
            Self::OAuth {
                error,
                error_description,
            } => OAuthError::new(error, error_description.as_ref().and_then(Value::as_str)),
            Self::Own { error_code } => OAuthError::new(error_code, None),
        }
    }

    /// What it says about a whole login. A code of the provider's own has no meaning of OAuth's.
    fn at(&self, place: &str) -> ProviderError {
        match self {
            Self::OAuth { .. } => self.error().at(place),
            Self::Own { .. } => ProviderError::Rejected(format!("{place}: {}", self.error().text())),
        }
    }

    /// Whether it ends a login that is asked about again; `own_endings` are the provider's own words for that.
    fn ends_the_login(&self, own_endings: &[String]) -> bool {
        match self {
            Self::OAuth { .. } => self.error().ends_the_login(),
            Self::Own { error_code } => own_endings.contains(error_code),
        }
    }
}

impl fmt::Display for TokenRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.error().text())
    }
}

impl ErrorResponse for TokenRefusal {}

/// What a failed request says about a login. No body is ever quoted: it may hold tokens.
pub(crate) fn explain(error: TokenError) -> ProviderError {
    let place = "the provider's token endpoint";
    match error {
        RequestTokenError::ServerResponse(refusal) => refusal.at(place),
        RequestTokenError::Request(error) => error.into(),
        RequestTokenError::Parse(error, _) => ProviderError::Rejected(format!(
            "{place} answered with what is no token answer, at {}",
            error.path()
        )),
        RequestTokenError::Other(_) => ProviderError::Rejected(format!("{place} answered with no JSON")),
    }
}

/// How a refresh fails.
#[derive(Debug)]
pub(crate) enum Refreshing {
    /// The provider no longer vouches for the user.
    Ended(OAuthError),
    /// The provider could not be asked.
    Failed(ProviderError),
}

impl Refreshing {
    /// What a failed refresh says; `own_endings` are the provider's own words for the end of a login.
    pub(crate) fn of(error: TokenError, own_endings: &[String]) -> Self {
        match error {
            RequestTokenError::ServerResponse(refusal) if refusal.ends_the_login(own_endings) => {
                Self::Ended(refusal.error())
            }
            // A refusal that cannot be read says nothing about the user.
            error @ (RequestTokenError::Parse(..) | RequestTokenError::Other(_)) => {
                Self::Failed(ProviderError::Unavailable(explain(error).to_string()))
            }
            error => Self::Failed(explain(error)),
        }
    }
}
