use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use arc_swap::ArcSwapOption;
use bytes::Bytes;
use http::{HeaderValue, StatusCode};
use thiserror::Error;
use tokio::sync::Mutex;
use tokio::time::Instant;
use vestibule_jose::{Jwks, VerifyingKeys};

use crate::fetch::{Fetch, FetchError, Found, get};
use crate::issuer_metadata::{IssuerMetadata, MetadataError};

/// How soon after one attempt the keys may be fetched again: neither tokens with invented key ids nor an issuer that is
/// away make the guard knock more often.
pub(crate) const COOLDOWN: Duration = Duration::from_secs(10);

/// The same while there are no keys at all, so that a server that starts before its issuer is soon of use.
const FIRST_KEYS_COOLDOWN: Duration = Duration::from_secs(1);

/// After how long the keys are fetched again though nothing is missing, so that a withdrawn key stops counting.
const REFRESH_AFTER: Duration = Duration::from_secs(300);

/// The issuer's public keys: fetched when first needed, refreshed while in use, and kept when the issuer is away.
pub(crate) struct Keys {
    place: KeysPlace,
    fetch: Arc<dyn Fetch>,
    known: ArcSwapOption<KnownKeys>,
    last_attempt: Mutex<Option<Instant>>,
    refreshing: AtomicBool,
}

/// Where the keys are.
pub(crate) enum KeysPlace {
    /// At the URL that the configuration names.
    At(String),
    /// Where the issuer's metadata says.
    Described(Arc<IssuerMetadata>),
}

/// One set of keys as it was fetched.
pub(crate) struct KnownKeys {
    keys: VerifyingKeys,
    /// Counts the different sets seen: what was verified under another generation is verified anew.
    generation: u64,
    document: Bytes,
    etag: Option<HeaderValue>,
    fetched_at: Instant,
}

impl KnownKeys {
    pub(crate) fn keys(&self) -> &VerifyingKeys {
        &self.keys
    }

    pub(crate) fn generation(&self) -> u64 {
        self.generation
    }
}

/// Why there are no keys to verify with.
#[derive(Debug, Error)]
pub enum KeysError {
    /// It is not known where they are.
    #[error("the issuer's keys cannot be located")]
    Metadata(#[source] MetadataError),
    /// They cannot be fetched.
    #[error("the issuer's keys cannot be fetched")]
    Fetch(#[source] FetchError),
    /// The answer is not a key set, or has no usable key in it.
    #[error("the issuer's key set holds no usable key")]
    Unusable,
    /// An attempt was made a moment ago.
    #[error("the issuer's keys were asked for a moment ago")]
    CoolingDown,
}

impl Keys {
    pub(crate) fn new(place: KeysPlace, fetch: Arc<dyn Fetch>) -> Self {
        Self {
            place,
            fetch,
            known: ArcSwapOption::empty(),
            last_attempt: Mutex::new(None),
            refreshing: AtomicBool::new(false),
        }
    }

    /// Returns the keys, fetching them the first time.
    pub(crate) async fn find(self: &Arc<Self>) -> Result<Arc<KnownKeys>, KeysError> {
        let Some(known) = self.known.load_full() else {
            return self.find_other_than(None).await;
        };
        if known.fetched_at.elapsed() >= REFRESH_AFTER {
            self.refresh_behind(&known);
        }
        Ok(known)
    }

    /// Returns other keys than `seen`, which lacked one: fetched now, or by somebody else meanwhile.
    pub(crate) async fn find_other_than(
        self: &Arc<Self>,
        seen: Option<Arc<KnownKeys>>,
    ) -> Result<Arc<KnownKeys>, KeysError> {
        let keys = Arc::clone(self);
        // A task of its own: a caller who hangs up must not take the attempt, and the cooldown after it, with them.
        tokio::spawn(async move { keys.fetch_once(seen).await })
            .await
            .unwrap_or(Err(KeysError::CoolingDown))
    }

    fn refresh_behind(self: &Arc<Self>, known: &Arc<KnownKeys>) {
        if self.refreshing.swap(true, Ordering::AcqRel) {
            return;
        }
        let keys = Arc::clone(self);
        let known = Arc::clone(known);
        tokio::spawn(async move {
            // A failure is in the log, and the known keys go on.
            let _ = keys.fetch_once(Some(known)).await;
            keys.refreshing.store(false, Ordering::Release);
        });
    }

    /// One flight at a time: whoever waited for the lock finds what the one before them fetched.
    async fn fetch_once(&self, seen: Option<Arc<KnownKeys>>) -> Result<Arc<KnownKeys>, KeysError> {
        let mut last_attempt = self.last_attempt.lock().await;
        let known = self.known.load_full();
        if let Some(known) = &known
            && seen.is_none_or(|seen| !Arc::ptr_eq(&seen, known))
        {
            return Ok(Arc::clone(known));
        }
        let cooldown = if known.is_some() {
            COOLDOWN
        } else {
            FIRST_KEYS_COOLDOWN
        };
        if last_attempt.is_some_and(|at| at.elapsed() < cooldown) {
            return Err(KeysError::CoolingDown);
        }
        *last_attempt = Some(Instant::now());
        let fetched = self.fetch_keys(known.as_deref()).await;
        match fetched {
            Ok(fetched) => {
                let fetched = Arc::new(fetched);
                self.known.store(Some(Arc::clone(&fetched)));
                Ok(fetched)
            }
            Err(error) => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "the issuer's keys stay as they were"
                );
                Err(error)
            }
        }
    }

    async fn fetch_keys(&self, known: Option<&KnownKeys>) -> Result<KnownKeys, KeysError> {
        let url = match &self.place {
            KeysPlace::At(url) => url.clone(),
            KeysPlace::Described(metadata) => metadata.jwks_uri().await.map_err(KeysError::Metadata)?,
        };
        let etag = known.and_then(|known| known.etag.as_ref());
        let found = get(self.fetch.as_ref(), &url, "application/json", etag).await;
        let (document, etag) = match (found, known) {
            (Ok(Found::Document { body, etag }), _) => (body, etag),
            (Ok(Found::Unchanged), Some(known)) => (known.document.clone(), known.etag.clone()),
            (Ok(Found::Unchanged), None) => return Err(KeysError::Unusable),
            (Err(error), _) => {
                if let (KeysPlace::Described(metadata), FetchError::Status(StatusCode::NOT_FOUND)) =
                    (&self.place, &error)
                {
                    metadata.forget();
                }
                return Err(KeysError::Fetch(error));
            }
        };
        let fetched_at = Instant::now();
        if let Some(known) = known.filter(|known| known.document == document) {
            return Ok(KnownKeys {
                keys: known.keys.clone(),
                generation: known.generation,
                document,
                etag,
                fetched_at,
            });
        }
        let jwks: Jwks = serde_json::from_slice(&document).map_err(|_| KeysError::Unusable)?;
        let keys = VerifyingKeys::from_jwks(&jwks);
        if keys.is_empty() {
            return Err(KeysError::Unusable);
        }
        Ok(KnownKeys {
            keys,
            generation: known.map_or(0, |known| known.generation + 1),
            document,
            etag,
            fetched_at,
        })
    }
}
