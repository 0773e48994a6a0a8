//! The keys that Google signs ID tokens with.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CACHE_CONTROL, DATE};
use http::{HeaderMap, Request, StatusCode};
use tokio::sync::Mutex;
use tokio::time::Instant;
use vestibule_jose::{Jwks, VerifyingKeys};
use vestibule_outbound::Outbound;
use vestibule_protocol::{KeyId, Timestamp};
use vestibule_provider::ProviderError;

/// How long keys are kept where the answer does not say, and the bounds within which its word is taken.
const USUAL: Duration = Duration::from_secs(60 * 60);
const SHORTEST: Duration = Duration::from_secs(5 * 60);
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// How soon keys are asked for again while there are some.
const COOLDOWN: Duration = Duration::from_secs(60);

/// How soon keys are asked for again while there are none.
const RETRY: Duration = Duration::from_secs(3);

/// The keys, fetched when they are needed and kept as long as the answer allows.
#[derive(Debug)]
pub(crate) struct Keys {
    outbound: Outbound,
    url: String,
    /// Locked while keys are fetched, so that whoever else needs them waits for the same answer.
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    keys: Option<Arc<VerifyingKeys>>,
    stale_at: Option<Instant>,
    asked_at: Option<Instant>,
    /// When a key was last missed.
    missed_at: Option<Instant>,
    failure: String,
}

/// One look at the keys.
#[derive(Debug)]
pub(crate) struct Fetched {
    pub(crate) keys: VerifyingKeys,
    pub(crate) count: usize,
    /// What Google's clock said.
    pub(crate) date: Option<Timestamp>,
    good_for: Duration,
}

impl Keys {
    pub(crate) fn new(outbound: Outbound, url: String) -> Self {
        Self {
            outbound,
            url,
            kept: Mutex::default(),
        }
    }

    /// The keys as far as they are known. Old ones stay while no new ones can be had.
    pub(crate) async fn current(&self) -> Result<Arc<VerifyingKeys>, ProviderError> {
        let mut kept = self.kept.lock().await;
        let now = Instant::now();
        if kept.stale_at.is_none_or(|at| now >= at) {
            let pause = if kept.keys.is_some() { COOLDOWN } else { RETRY };
            self.renew(&mut kept, now, pause).await;
        }
        kept.keys
            .clone()
            .ok_or_else(|| ProviderError::Unavailable(kept.failure.clone()))
    }

    /// The keys, with this one among them: asks again, at most once a minute, where it is not known.
    pub(crate) async fn with(&self, key: &KeyId) -> Result<Option<Arc<VerifyingKeys>>, ProviderError> {
        let mut kept = self.kept.lock().await;
        let now = Instant::now();
        let lacking = kept.keys.as_ref().is_none_or(|keys| !keys.contains(key));
        if lacking && kept.missed_at.is_none_or(|at| now >= at + COOLDOWN) {
            kept.missed_at = Some(now);
            self.renew(&mut kept, now, Duration::ZERO).await;
        }
        Ok(kept.keys.clone().filter(|keys| keys.contains(key)))
    }

    async fn renew(&self, kept: &mut Kept, now: Instant, pause: Duration) {
        if kept.asked_at.is_some_and(|at| now < at + pause) {
            return;
        }
        kept.asked_at = Some(now);
        match self.fetch().await {
            Ok(fetched) => {
                kept.keys = Some(Arc::new(fetched.keys));
                kept.stale_at = Some(now + fetched.good_for);
            }
            Err(cause) => {
                tracing::warn!(cause, "Firebase's keys cannot be fetched");
                kept.failure = cause;
            }
        }
    }

    /// Fetches the keys, whatever is kept.
    pub(crate) async fn fetch(&self) -> Result<Fetched, String> {
        let request = Request::get(&self.url)
            .body(Bytes::new())
            .map_err(|error| error.to_string())?;
        let answer = self
            .outbound
            .send(request)
            .await
            .map_err(|error| error.to_string())?;
        if answer.status() != StatusCode::OK {
            return Err(format!("the address of the keys answered {}", answer.status()));
        }
        let jwks: Jwks = serde_json::from_slice(answer.body())
            .map_err(|error| format!("the keys cannot be read: {error}"))?;
        let keys = VerifyingKeys::from_jwks(&jwks);
        if keys.is_empty() {
            return Err("there is no usable key among Firebase's keys".to_owned());
        }
        Ok(Fetched {
            keys,
            count: jwks.keys().len(),
            date: date(answer.headers()),
            good_for: good_for(answer.headers()),
        })
    }
}

fn good_for(headers: &HeaderMap) -> Duration {
    headers
        .get_all(CACHE_CONTROL)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .find_map(|directive| directive.trim().strip_prefix("max-age=")?.parse().ok())
        .map_or(USUAL, Duration::from_secs)
        .clamp(SHORTEST, LONGEST)
}

fn date(headers: &HeaderMap) -> Option<Timestamp> {
    let date = httpdate::parse_http_date(headers.get(DATE)?.to_str().ok()?).ok()?;
    let since = date.duration_since(std::time::UNIX_EPOCH).ok()?;
    Some(Timestamp::from_secs(0) + since)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn lasting(cache_control: &'static str) -> u64 {
        let mut headers = HeaderMap::new();
        headers.insert(CACHE_CONTROL, HeaderValue::from_static(cache_control));
        good_for(&headers).as_secs()
    }

    #[test]
    fn the_answer_says_how_long_keys_are_good_within_bounds() {
        assert_eq!(lasting("public, max-age=20011, must-revalidate"), 20011);
        assert_eq!(lasting("max-age=0"), SHORTEST.as_secs());
        assert_eq!(lasting("max-age=99999999"), LONGEST.as_secs());
        assert_eq!(lasting("no-cache"), USUAL.as_secs());
        assert_eq!(lasting("max-age=soon"), USUAL.as_secs());
    }
}
