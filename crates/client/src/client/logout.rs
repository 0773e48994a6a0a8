use thiserror::Error;

use super::Client;
use crate::{Interaction, McpUrl, StoreError, TokenError, token::TokenEndpoint};

/// How a logout ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Logout {
    /// The authorization server has revoked the login.
    Revoked,
    /// The authorization server takes no revocations, or none of this login's; the tokens are forgotten here, and die of age
    /// there.
    Forgotten,
    /// There was no login.
    WasNotLoggedIn,
}

/// Why a logout did not reach its end.
#[derive(Debug, Error)]
pub enum LogoutError {
    /// The login could not be read or forgotten.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The login is forgotten here, and the authorization server does not know.
    #[error("the tokens are forgotten on this computer, but the authorization server could not be told: {0}")]
    NotRevoked(#[source] TokenError),
}

impl<I: Interaction> Client<I> {
    /// Revokes the login at `server` and forgets it.
    ///
    /// # Errors
    /// The login is forgotten here even when the authorization server could not be told.
    pub async fn logout(&self, server: &McpUrl) -> Result<Logout, LogoutError> {
        if self.store.find(server)?.is_none() {
            return Ok(Logout::WasNotLoggedIn);
        }
        let lock = self.store.lock(server, self.limits.lock).await?;
        let Some(entry) = self.store.find(server)? else {
            return Ok(Logout::WasNotLoggedIn);
        };
        self.store.forget(server, &lock)?;
        let account = &entry.account;
        // Whoever has no name there cannot show whose token it is.
        let (Some(url), Some(_)) = (&account.revocation_endpoint, &account.client) else {
            return Ok(Logout::Forgotten);
        };
        let endpoint = TokenEndpoint {
            url,
            ..self.token_endpoint(account, None)
        };
        let revoked = endpoint.revoke(&entry.tokens).await;
        revoked.map_err(LogoutError::NotRevoked)?;
        Ok(Logout::Revoked)
    }
}
