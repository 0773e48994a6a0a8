//! Access tokens of our own that came back.

use std::sync::Arc;
use std::time::Duration;

use quick_cache::sync::Cache;
use vestibule_jose::{AccessTokenClaims, Expected, TokenType, verify};
use vestibule_protocol::{Issuer, Timestamp};

use crate::record::Session;
use crate::store::StoreError;
use crate::{Broker, Digest};

/// How many tokens are remembered.
const MOST: usize = 4096;

/// Tokens whose signature was verified, by their digest. Whether they have expired is judged each time.
pub(crate) struct VerifiedTokens(Cache<Digest, Arc<AccessTokenClaims>>);

impl Default for VerifiedTokens {
    fn default() -> Self {
        Self(Cache::new(MOST))
    }
}

/// An access token that is good, and the live session that it belongs to.
pub(crate) struct LiveToken {
    pub(crate) claims: Arc<AccessTokenClaims>,
    pub(crate) session: Session,
}

/// What our own access tokens have to be. Our own clock signed them, so there is no leeway beyond what replicas' clocks
/// may differ by, and none at all at the end.
pub(crate) fn expected_access_token(issuer: Issuer) -> Expected {
    Expected::new(issuer, TokenType::AccessToken).with_leeway(Duration::from_secs(60))
}

impl Broker {
    /// Verifies an access token of ours; `None` for whatever is not one, or no longer.
    pub(crate) fn verify_access_token(&self, token: &str, now: Timestamp) -> Option<Arc<AccessTokenClaims>> {
        let keys = self.keys.current();
        let digest = Digest::of(token);
        let claims = keys.verified.0.get(&digest).or_else(|| {
            let keyring = keys.keyring.verifying_keys();
            let claims = verify(token, keyring, &self.mint.expected, now)
                .ok()
                .map(Arc::new)?;
            keys.verified.0.insert(digest, Arc::clone(&claims));
            Some(claims)
        })?;
        (now < claims.exp).then_some(claims)
    }

    /// Verifies an access token and finds its session; `None` when either is no longer.
    pub(crate) async fn find_live_token(
        &self,
        token: &str,
        now: Timestamp,
    ) -> Result<Option<LiveToken>, StoreError> {
        let Some(claims) = self.verify_access_token(token, now) else {
            return Ok(None);
        };
        let session = self.store.find_session(&claims.sid, now).await?;
        Ok(session.map(|session| {
            self.note_use(&session, now);
            LiveToken { claims, session }
        }))
    }
}
