//! Key sets of others, fetched when they are needed and kept for a while.

use std::sync::Arc;
use std::time::Duration;

use quick_cache::sync::Cache;
use tokio::sync::Mutex;
use url::Url;
use vestibule_jose::foreign::{Jws, KeySet, Signature};
use vestibule_protocol::Timestamp;

use crate::{Documents, FetchError};

/// How many key sets are kept.
const MOST: usize = 1024;
/// For how long a key set is taken as it was read, whatever its headers say.
const SHORTEST: Duration = Duration::from_secs(5 * 60);
const LONGEST: Duration = Duration::from_secs(60 * 60);
/// For how long, if they say nothing.
const USUAL: Duration = Duration::from_secs(15 * 60);
/// How much longer, while it cannot be read again.
const GRACE: Duration = Duration::from_secs(60 * 60);
/// How soon it is asked for again after a key was missing, or after a failure.
const COOLDOWN: Duration = Duration::from_secs(60);
const AFTER_FAILURE: Duration = Duration::from_secs(10);

/// The key sets, each with one lock, behind which it is fetched once for all who wait.
pub(crate) struct ForeignKeys(Cache<String, Arc<Mutex<Slot>>>);

#[derive(Default)]
struct Slot {
    known: Option<Known>,
    missed_at: Option<Timestamp>,
    failed: Option<(Timestamp, FetchError)>,
}

#[derive(Clone)]
struct Known {
    keys: Arc<KeySet>,
    fresh_until: Timestamp,
}

impl Default for ForeignKeys {
    fn default() -> Self {
        Self(Cache::new(MOST))
    }
}

impl ForeignKeys {
    /// What the keys at `place` say about a signature. Keys that do not know it are asked for again, once a minute at most.
    pub(crate) async fn verify(
        &self,
        documents: &dyn Documents,
        place: &Url,
        token: &Jws<'_>,
        now: Timestamp,
    ) -> Result<Signature, FetchError> {
        let Ok(slot) = self.0.get_or_insert_with(place.as_str(), || {
            Ok::<_, std::convert::Infallible>(Arc::default())
        });
        let mut slot = slot.lock().await;
        let keys = slot.current(documents, place, now).await?;
        let found = keys.judge(token);
        let may_be_new = match found {
            Signature::Good => false,
            Signature::UnknownKey => true,
            Signature::Bad => token.kid().is_none(),
        };
        if !may_be_new || !slot.may_ask_again(now) {
            return Ok(found);
        }
        slot.missed_at = Some(now);
        match slot.fetch(documents, place, now).await {
            Ok(newer) => Ok(newer.judge(token)),
            // The keys that are known did not know it either.
            Err(_) => Ok(found),
        }
    }
}

impl Slot {
    async fn current(
        &mut self,
        documents: &dyn Documents,
        place: &Url,
        now: Timestamp,
    ) -> Result<Arc<KeySet>, FetchError> {
        let known = self.known.clone();
        if let Some(known) = &known
            && now < known.fresh_until
        {
            return Ok(known.keys.clone());
        }
        let failed = match &self.failed {
            Some((at, error)) if now.since(*at) < AFTER_FAILURE => error.clone(),
            _ => match self.fetch(documents, place, now).await {
                Ok(keys) => return Ok(keys),
                Err(error) => error,
            },
        };
        match known {
            Some(known) if failed.is_passing() && now < known.fresh_until + GRACE => Ok(known.keys),
            _ => Err(failed),
        }
    }

    fn may_ask_again(&self, now: Timestamp) -> bool {
        self.missed_at.is_none_or(|at| now.since(at) >= COOLDOWN)
    }

    async fn fetch(
        &mut self,
        documents: &dyn Documents,
        place: &Url,
        now: Timestamp,
    ) -> Result<Arc<KeySet>, FetchError> {
        let accept = "application/jwk-set+json, application/json";
        let fetched = documents.fetch(place, accept).await.and_then(|document| {
            let host = place.host_str().unwrap_or_default();
            let keys = KeySet::parse(&document.body)
                .map_err(|error| FetchError::Forbidden(format!("the key set at {host} {error}")))?;
            Ok((keys, document.fresh_for))
        });
        match fetched {
            Ok((keys, fresh_for)) => {
                let keys = Arc::new(keys);
                self.known = Some(Known {
                    keys: keys.clone(),
                    fresh_until: now + fresh_for.unwrap_or(USUAL).clamp(SHORTEST, LONGEST),
                });
                self.failed = None;
                Ok(keys)
            }
            Err(error) => {
                tracing::warn!(host = place.host_str().unwrap_or_default(), %error, "a key set cannot be read");
                self.failed = Some((now, error.clone()));
                Err(error)
            }
        }
    }
}
