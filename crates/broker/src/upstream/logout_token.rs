//! Logouts that a provider tells of by itself
//! ([OpenID Connect Back-Channel Logout §2.5](https://openid.net/specs/openid-connect-backchannel-1_0.html#BCRequest)).

use std::time::Duration;

use thiserror::Error;
use vestibule_protocol::{DuplicateParameter, OAuthErrorCode, Params, ProviderId};
use vestibule_provider::{LogoutNotice, Once, ProviderError, Whose};

use super::end::Ending;
use crate::store::{Remembered, StoreError};
use crate::{Broker, Digest, EndpointError};

/// How much longer than it is good something is remembered: verifiers bear clocks that differ by a minute or so.
const SLACK: Duration = Duration::from_secs(5 * 60);

impl Broker {
    /// Takes a provider's logout token, and ends what it names: only what stands on logins at that very provider.
    ///
    /// # Errors
    /// [`LogoutTokenError`].
    pub async fn back_channel_logout(&self, provider: &str, params: &Params) -> Result<(), LogoutTokenError> {
        let provider = ProviderId::parse(provider)
            .ok()
            .and_then(|id| self.providers.find(&id))
            .filter(|provider| provider.capabilities().back_channel_logout)
            .ok_or(LogoutTokenError::UnknownProvider)?;
        let token = params.one("logout_token")?.ok_or(LogoutTokenError::Missing)?;
        let LogoutNotice { whose, once } = provider.read_logout_token(token, self.now()).await.inspect_err(
            |error| tracing::warn!(provider = %provider.id(), %error, "a logout token was refused"),
        )?;
        if let Whose::User(subject) = &whose
            && !subject.is_of(provider.id())
        {
            return Err(LogoutTokenError::ForeignUser);
        }
        let key = once_key(provider.id(), "logout", &once);
        if self.store.recall(key, self.now()).await?.is_some() {
            return Err(LogoutTokenError::Replayed);
        }
        let ending = Ending::Notice(provider.id().clone(), whose);
        self.ender().end_or_try_again(ending, self.now()).await?;
        // Only now does the token count as used: had the ending failed, the provider's next try would have to get through. Of two
        // that come at once both end the same things, which does no harm.
        self.remember(key, &once).await?;
        Ok(())
    }

    /// Remembers what is good once, and says whether it was used before.
    pub(crate) async fn is_used(
        &self,
        provider: &ProviderId,
        what: &str,
        once: &Once,
    ) -> Result<bool, StoreError> {
        let key = once_key(provider, what, once);
        Ok(self.remember(key, once).await? == Remembered::Seen)
    }

    async fn remember(&self, key: Digest, once: &Once) -> Result<Remembered, StoreError> {
        let now = self.now();
        let until = once.expires_at.max(now) + SLACK;
        self.store.remember(key, until, now).await
    }
}

fn once_key(provider: &ProviderId, what: &str, once: &Once) -> Digest {
    Digest::of(&format!("{what}:{provider}:{}", once.key))
}

/// Why a logout token ends nothing.
#[derive(Debug, Error)]
pub enum LogoutTokenError {
    /// There is no such provider, or it tells of no logouts.
    #[error("there is no identity provider of this name here that sends logout tokens: check the address")]
    UnknownProvider,
    /// A parameter stands twice.
    #[error(transparent)]
    Duplicate(#[from] DuplicateParameter),
    /// There is no token.
    #[error("logout_token is missing")]
    Missing,
    /// The token does not hold, or its keys cannot be had.
    #[error("the logout token was refused")]
    Refused(#[from] ProviderError),
    /// The token was used before.
    #[error("the logout token was used before")]
    Replayed,
    /// The token names a user whom another provider vouches for.
    #[error("the logout token names a user of another identity provider")]
    ForeignUser,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl EndpointError for LogoutTokenError {
    fn code(&self) -> OAuthErrorCode {
        match self {
            Self::Refused(ProviderError::Unavailable(_)) => OAuthErrorCode::TemporarilyUnavailable,
            Self::Refused(ProviderError::Misconfigured(_)) => OAuthErrorCode::ServerError,
            Self::UnknownProvider
            | Self::Duplicate(_)
            | Self::Missing
            | Self::Refused(ProviderError::Denied(_) | ProviderError::Rejected(_))
            | Self::Replayed
            | Self::ForeignUser => OAuthErrorCode::InvalidRequest,
            Self::Store(error) => error.code(),
        }
    }
}
