use std::sync::Arc;

use vestibule_jose::{AccessTokenClaims, Expected, Status, TokenType, VerifyError, verify};
use vestibule_protocol::{ResourceUri, Timestamp};

use crate::cache::BoundedCache;
use crate::digest::TokenDigest;
use crate::keys::{Keys, KnownKeys};
use crate::principal::Principal;
use crate::status::StatusLists;
use crate::token_error::TokenError;
use crate::verification::{Accepts, Verified};

/// Verifies access tokens by the issuer's published keys and status lists, without asking the issuer about any one of them.
pub(crate) struct Offline {
    resource: ResourceUri,
    expected: Expected,
    keys: Arc<Keys>,
    statuses: StatusLists,
    seen: BoundedCache<TokenDigest, Seen>,
}

/// What need not be verified twice, while the keys are the same. Time and status are judged anew at each use.
#[derive(Clone)]
struct Seen {
    verified: Verified,
    generation: u64,
}

impl Offline {
    pub(crate) fn new(accepts: Accepts, keys: Arc<Keys>, statuses: StatusLists, capacity: usize) -> Self {
        Self {
            expected: Expected::new(accepts.issuer, TokenType::AccessToken)
                .for_audience(accepts.resource.as_str())
                .with_leeway(accepts.leeway),
            resource: accepts.resource,
            keys,
            statuses,
            seen: BoundedCache::new(capacity),
        }
    }

    pub(crate) async fn verify(&self, token: &str, now: Timestamp) -> Result<Verified, TokenError> {
        let keys = self.keys.find().await.map_err(TokenError::NoKeys)?;
        let digest = TokenDigest::of(token);
        let seen = self.seen.get(&digest);
        if let Some(seen) = seen.filter(|seen| seen.generation == keys.generation()) {
            self.check_expiry(&seen.verified, now)?;
            check_status(&seen.verified, now).await?;
            return Ok(seen.verified);
        }
        let seen = self.verify_unseen(token, keys, now).await?;
        check_status(&seen.verified, now).await?;
        let verified = seen.verified.clone();
        self.seen.put(digest, seen);
        Ok(verified)
    }

    async fn verify_unseen(
        &self,
        token: &str,
        keys: Arc<KnownKeys>,
        now: Timestamp,
    ) -> Result<Seen, TokenError> {
        let (claims, generation) = match self.verify_by(&keys, token, now) {
            Err(VerifyError::UnknownKey(key_id)) => {
                // Whatever keeps newer keys away is in the log; by the keys at hand the token is nobody's.
                let Ok(newer) = self.keys.find_other_than(Some(keys)).await else {
                    return Err(VerifyError::UnknownKey(key_id).into());
                };
                (self.verify_by(&newer, token, now)?, newer.generation())
            }
            other => (other?, keys.generation()),
        };
        let status = match &claims.status {
            Some(claim) => Some(self.statuses.handle(claim).ok_or(TokenError::BadStatus)?),
            None => None,
        };
        Ok(Seen {
            verified: Verified {
                principal: Principal::new(claims, self.resource.clone()),
                status,
            },
            generation,
        })
    }

    fn verify_by(
        &self,
        keys: &KnownKeys,
        token: &str,
        now: Timestamp,
    ) -> Result<AccessTokenClaims, VerifyError> {
        verify(token, keys.keys(), &self.expected, now)
    }

    fn check_expiry(&self, verified: &Verified, now: Timestamp) -> Result<(), VerifyError> {
        let expires_at = verified.principal.expires_at();
        if now >= expires_at + self.expected.leeway {
            return Err(VerifyError::Expired);
        }
        Ok(())
    }
}

async fn check_status(verified: &Verified, now: Timestamp) -> Result<(), TokenError> {
    let Some(status) = &verified.status else {
        return Ok(());
    };
    match status.read(now).await.map_err(TokenError::NoStatus)? {
        Some(Status::Valid) => Ok(()),
        Some(Status::Invalid) => Err(TokenError::Revoked),
        None => Err(TokenError::BadStatus),
    }
}
