//! Token revocation ([RFC 7009](https://www.rfc-editor.org/rfc/rfc7009)).

use thiserror::Error;
use vestibule_keyring::RefreshTokens;
use vestibule_protocol::{ClientId, DuplicateParameter, OAuthErrorCode, Params, SessionId, Timestamp};
use vestibule_telemetry::EndCause;

use crate::store::StoreError;
use crate::{AuthenticateError, Broker, EndpointError};

impl Broker {
    /// Ends the session of an access or refresh token, and with it all its tokens.
    ///
    /// > Note: invalid tokens do not cause an error response since the client cannot handle such an error in a
    /// > reasonable way. ([RFC 7009 §2.2](https://www.rfc-editor.org/rfc/rfc7009#section-2.2))
    ///
    /// # Errors
    /// [`RevokeError`].
    pub async fn revoke(&self, authorization: Option<&str>, params: &Params) -> Result<(), RevokeError> {
        let now = self.now();
        let client = self.authenticate_client(authorization, params).await?.client;
        let token = params.one("token")?.ok_or(RevokeError::TokenMissing)?;
        let Some((sid, holder)) = self.find_holder(token, now).await? else {
            return Ok(());
        };
        // "The authorization server first validates the client credentials […] and then verifies whether the token was
        // issued to the client making the revocation request. If this validation fails, the request is refused".
        if holder != *client.id() {
            return Err(RevokeError::TokenOfAnotherClient);
        }
        self.end_session(&sid, EndCause::RevokedByClient).await?;
        Ok(())
    }

    /// The live session of a token, and the client that it was issued to. A refresh token of any generation will do:
    /// whoever holds one may end what it began.
    async fn find_holder(
        &self,
        token: &str,
        now: Timestamp,
    ) -> Result<Option<(SessionId, ClientId)>, StoreError> {
        if let Some(presented) = RefreshTokens::parse(token) {
            let session = self.store.find_session(presented.session(), now).await?;
            return Ok(session
                .filter(|session| self.refresh_tokens.verify(&presented, &session.salt))
                .map(|session| (session.id, session.client_id)));
        }
        let live = self.find_live_token(token, now).await?;
        Ok(live.map(|live| (live.session.id, live.session.client_id)))
    }
}

/// Why a revocation is refused.
#[derive(Debug, Error)]
pub enum RevokeError {
    /// The client is not let in.
    #[error(transparent)]
    Client(#[from] AuthenticateError),
    /// A parameter stands twice.
    #[error(transparent)]
    Duplicate(#[from] DuplicateParameter),
    /// There is no token.
    #[error("token is missing")]
    TokenMissing,
    /// The token was issued to somebody else; nothing was revoked.
    #[error("the token was issued to another client")]
    TokenOfAnotherClient,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl EndpointError for RevokeError {
    fn code(&self) -> OAuthErrorCode {
        match self {
            Self::Client(error) => error.code(),
            Self::Duplicate(_) | Self::TokenMissing => OAuthErrorCode::InvalidRequest,
            Self::TokenOfAnotherClient => OAuthErrorCode::InvalidGrant,
            Self::Store(error) => error.code(),
        }
    }

    fn of_client(&self) -> Option<&AuthenticateError> {
        if let Self::Client(error) = self {
            Some(error)
        } else {
            None
        }
    }
}
