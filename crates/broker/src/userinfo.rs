//! UserInfo ([OpenID Connect Core §5.3](https://openid.net/specs/openid-connect-core-1_0.html#UserInfo)).

use thiserror::Error;
use vestibule_protocol::{OAuthErrorCode, Scope, UserInfo};

use crate::person::PersonClaims;
use crate::store::StoreError;
use crate::{Broker, EndpointError};

impl Broker {
    /// Tells the bearer of an access token with `openid` about its user.
    ///
    /// # Errors
    /// [`UserInfoError`].
    pub async fn userinfo(&self, bearer: &str) -> Result<UserInfo, UserInfoError> {
        let live = self
            .find_live_token(bearer, self.now())
            .await?
            .ok_or(UserInfoError::InvalidToken)?;
        let scopes = &live.claims.scope;
        if !scopes.contains(Scope::OPENID) {
            return Err(UserInfoError::OpenIdNotGranted);
        }
        let person = PersonClaims::of(&live.session.identity, scopes);
        Ok(UserInfo {
            sub: live.session.identity.subject,
            name: person.name,
            preferred_username: person.preferred_username,
            picture: person.picture,
            email: person.email,
            email_verified: person.email_verified,
        })
    }
}

/// Why a bearer is told nothing
/// ([RFC 6750 §3.1](https://www.rfc-editor.org/rfc/rfc6750#section-3.1)).
#[derive(Debug, Error)]
pub enum UserInfoError {
    /// The token is not one of ours, has expired or was revoked.
    #[error("the access token is not valid, has expired or was revoked")]
    InvalidToken,
    /// The token lacks `openid`.
    #[error("the access token lacks the scope openid: ask for it at the authorization endpoint")]
    OpenIdNotGranted,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl EndpointError for UserInfoError {
    fn code(&self) -> OAuthErrorCode {
        match self {
            Self::InvalidToken => OAuthErrorCode::InvalidToken,
            Self::OpenIdNotGranted => OAuthErrorCode::InsufficientScope,
            Self::Store(error) => error.code(),
        }
    }
}
