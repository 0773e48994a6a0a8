use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use arc_swap::ArcSwapOption;
use http::HeaderValue;
use thiserror::Error;
use tokio::sync::Mutex;
use tokio::time::Instant;
use vestibule_jose::{
    Expected, Status, StatusClaim, StatusList, StatusListClaims, StatusListError, TokenType, VerifyError,
    verify,
};
use vestibule_protocol::{Issuer, Timestamp};

use crate::cache::BoundedCache;
use crate::clock::Clock;
use crate::fetch::{Fetch, FetchError, Found, get};
use crate::issuer_metadata::is_on_origin_of;
use crate::keys::{Keys, KeysError};

/// The most status lists that are followed at a time.
const MAX_LISTS: usize = 64;

/// How soon after a failed attempt a list that is not known at all is asked for again.
const COOLDOWN: Duration = Duration::from_secs(1);

/// For how many polls without a use a list is still followed.
const IDLE_POLLS: u32 = 6;

/// The media type of a list as a JWT.
const ACCEPT: &str = "application/statuslist+jwt";

/// How the guard follows the issuer's Token Status Lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StatusPolicy {
    poll_every: Duration,
    max_staleness: Option<Duration>,
}

impl Default for StatusPolicy {
    /// Asks every 10 seconds, and trusts the last list to its own end when the issuer does not answer.
    fn default() -> Self {
        Self {
            poll_every: Duration::from_secs(10),
            max_staleness: None,
        }
    }
}

impl StatusPolicy {
    /// Asks for a list this often while tokens of it are in use: within this time a revocation is felt.
    #[must_use]
    pub fn poll_every(mut self, interval: Duration) -> Self {
        self.poll_every = interval.max(Duration::from_secs(1));
        self
    }

    pub(crate) fn interval(self) -> Duration {
        self.poll_every
    }

    /// Refuses to judge by a list that could not be confirmed for this long, even if it has not expired.
    #[must_use]
    pub fn max_staleness(mut self, age: Duration) -> Self {
        self.max_staleness = Some(age);
        self
    }
}

/// The lists that tokens in use refer to.
pub(crate) struct StatusLists {
    source: Arc<ListSource>,
    lists: BoundedCache<String, Arc<List>>,
}

/// What it takes to fetch and verify a list.
struct ListSource {
    issuer: Issuer,
    fetch: Arc<dyn Fetch>,
    keys: Arc<Keys>,
    clock: Arc<dyn Clock>,
    policy: StatusPolicy,
}

struct List {
    source: Arc<ListSource>,
    uri: String,
    known: ArcSwapOption<KnownList>,
    /// Held by whoever is fetching.
    last_attempt: Mutex<Option<Attempt>>,
    last_used: AtomicI64,
    followed: AtomicBool,
}

struct KnownList {
    statuses: StatusList,
    expires_at: Timestamp,
    /// When the issuer last said that this is the list, in milliseconds.
    confirmed_at: AtomicI64,
    etag: Option<HeaderValue>,
}

#[derive(Clone, Copy)]
struct Attempt {
    at: Instant,
    succeeded: bool,
}

/// The place of one token in one list.
#[derive(Clone)]
pub(crate) struct StatusHandle {
    list: Arc<List>,
    index: u32,
}

/// Why a token's status is not known.
#[derive(Debug, Error)]
pub enum StatusError {
    /// The list cannot be fetched.
    #[error("the status list cannot be fetched")]
    Fetch(#[source] FetchError),
    /// The keys to verify it are missing.
    #[error("the status list cannot be verified without the issuer's keys")]
    Keys(#[source] KeysError),
    /// The list is not a valid one of this issuer.
    #[error("the status list is refused")]
    Refused(#[source] VerifyError),
    /// The list's content cannot be read.
    #[error("the status list cannot be decoded")]
    Undecodable(#[source] StatusListError),
    /// An attempt failed a moment ago.
    #[error("the status list was asked for a moment ago")]
    CoolingDown,
    /// The last known list is too old to judge by.
    #[error("the last known status list is too old")]
    Stale,
}

impl StatusLists {
    pub(crate) fn new(
        issuer: Issuer,
        fetch: Arc<dyn Fetch>,
        keys: Arc<Keys>,
        clock: Arc<dyn Clock>,
        policy: StatusPolicy,
    ) -> Self {
        Self {
            source: Arc::new(ListSource {
                issuer,
                fetch,
                keys,
                clock,
                policy,
            }),
            lists: BoundedCache::new(MAX_LISTS),
        }
    }

    /// Returns the place that a verified token's `status` claim names, if that is on the issuer's own origin: the token
    /// is the issuer's, still it sends the guard nowhere but home.
    pub(crate) fn handle(&self, claim: &StatusClaim) -> Option<StatusHandle> {
        let reference = &claim.status_list;
        let list = match self.lists.get(&reference.uri) {
            Some(list) => list,
            None => self.begin(&reference.uri)?,
        };
        Some(StatusHandle {
            list,
            index: reference.idx,
        })
    }

    fn begin(&self, uri: &str) -> Option<Arc<List>> {
        if !is_on_origin_of(&self.source.issuer, uri) {
            return None;
        }
        let list = List {
            source: Arc::clone(&self.source),
            uri: uri.to_owned(),
            known: ArcSwapOption::empty(),
            last_attempt: Mutex::new(None),
            last_used: AtomicI64::new(0),
            followed: AtomicBool::new(false),
        };
        Some(self.lists.get_or_put(uri.to_owned(), Arc::new(list)))
    }
}

impl StatusHandle {
    /// Returns the token's status by the list as it is now; a list that is too short has none for it.
    pub(crate) async fn read(&self, now: Timestamp) -> Result<Option<Status>, StatusError> {
        Ok(self.list.find(now).await?.statuses.get(self.index))
    }
}

impl List {
    async fn find(self: &Arc<Self>, now: Timestamp) -> Result<Arc<KnownList>, StatusError> {
        self.last_used.store(now.as_millis(), Ordering::Relaxed);
        if !self.followed.load(Ordering::Acquire) {
            // Nobody has kept the list current: this caller waits for it, and from here on it is followed.
            let fetched = self.fetch_in_task().await;
            self.follow();
            if self.known.load().is_none() {
                fetched?;
            }
        }
        if let Some(known) = self.known.load_full() {
            return self.usable(known, now);
        }
        self.fetch_in_task().await?;
        self.known.load_full().ok_or(StatusError::CoolingDown)
    }

    fn usable(&self, known: Arc<KnownList>, now: Timestamp) -> Result<Arc<KnownList>, StatusError> {
        let max_staleness = self.source.policy.max_staleness;
        let confirmed_at = Timestamp::from_millis(known.confirmed_at.load(Ordering::Relaxed));
        let too_old = max_staleness.is_some_and(|age| now.since(confirmed_at) > age);
        if too_old || now >= known.expires_at {
            return Err(StatusError::Stale);
        }
        Ok(known)
    }

    /// Fetches in a task of its own, so that a caller who hangs up leaves nothing half done.
    async fn fetch_in_task(self: &Arc<Self>) -> Result<(), StatusError> {
        let list = Arc::clone(self);
        tokio::spawn(async move { list.fetch_once(Instant::now()).await })
            .await
            .unwrap_or(Err(StatusError::CoolingDown))
    }

    /// One flight at a time: whoever waited for the lock takes the outcome of the one before them.
    async fn fetch_once(&self, asked_at: Instant) -> Result<(), StatusError> {
        let mut last_attempt = self.last_attempt.lock().await;
        if let Some(attempt) = *last_attempt {
            if attempt.succeeded && attempt.at >= asked_at {
                return Ok(());
            }
            if !attempt.succeeded && attempt.at.elapsed() < COOLDOWN {
                return Err(StatusError::CoolingDown);
            }
        }
        let at = Instant::now();
        let outcome = self.fetch().await;
        *last_attempt = Some(Attempt {
            at,
            succeeded: outcome.is_ok(),
        });
        if let Err(error) = &outcome {
            let error: &dyn std::error::Error = error;
            tracing::warn!(error, list = self.uri, "the status list stays as it was");
        }
        outcome
    }

    async fn fetch(&self) -> Result<(), StatusError> {
        let asked_at = self.source.clock.now();
        // "Not modified" would not prolong the life of a list that is about to end.
        let next_look = asked_at + self.source.policy.poll_every;
        let known = self
            .known
            .load_full()
            .filter(|known| next_look < known.expires_at);
        let etag = known.as_ref().and_then(|known| known.etag.as_ref());
        match get(self.source.fetch.as_ref(), &self.uri, ACCEPT, etag).await {
            Ok(Found::Unchanged) => {
                if let Some(known) = known {
                    known.confirmed_at.store(asked_at.as_millis(), Ordering::Relaxed);
                }
                Ok(())
            }
            Ok(Found::Document { body, etag }) => {
                let claims = self.source.verify(&self.uri, &body, asked_at).await?;
                let statuses = claims.status_list.decode().map_err(StatusError::Undecodable)?;
                self.known.store(Some(Arc::new(KnownList {
                    statuses,
                    expires_at: claims.exp,
                    confirmed_at: AtomicI64::new(asked_at.as_millis()),
                    etag,
                })));
                Ok(())
            }
            Err(error) => Err(StatusError::Fetch(error)),
        }
    }

    /// Keeps the list current from now on, until it is no longer used.
    fn follow(self: &Arc<Self>) {
        if !self.followed.swap(true, Ordering::AcqRel) {
            tokio::spawn(poll(Arc::downgrade(self), self.source.policy.poll_every));
        }
    }

    fn is_idle(&self) -> bool {
        let last_used = Timestamp::from_millis(self.last_used.load(Ordering::Relaxed));
        let idle_for = self.source.clock.now().since(last_used);
        idle_for > self.source.policy.poll_every.saturating_mul(IDLE_POLLS)
    }
}

async fn poll(list: Weak<List>, every: Duration) {
    loop {
        tokio::time::sleep(every).await;
        let Some(list) = list.upgrade() else {
            return;
        };
        if list.is_idle() {
            list.followed.store(false, Ordering::Release);
            return;
        }
        // A failure is in the log, and the known list goes on.
        let _ = list.fetch_once(Instant::now()).await;
    }
}

impl ListSource {
    async fn verify(&self, uri: &str, token: &[u8], now: Timestamp) -> Result<StatusListClaims, StatusError> {
        let token = std::str::from_utf8(token)
            .map_err(|_| StatusError::Refused(VerifyError::Malformed))?
            .trim();
        // "The sub claim [...] MUST be equal to that of the uri claim contained in the status_list claim of the Referenced
        // Token" (draft-ietf-oauth-status-list).
        let expected = Expected::new(self.issuer.clone(), TokenType::StatusList).about(uri);
        let keys = self.keys.find().await.map_err(StatusError::Keys)?;
        match verify(token, keys.keys(), &expected, now) {
            Err(VerifyError::UnknownKey(_)) => {
                let newer = self
                    .keys
                    .find_other_than(Some(keys))
                    .await
                    .map_err(StatusError::Keys)?;
                verify(token, newer.keys(), &expected, now).map_err(StatusError::Refused)
            }
            other => other.map_err(StatusError::Refused),
        }
    }
}
