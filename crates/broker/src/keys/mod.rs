//! The signing keys at work: loaded once, moved on in time, published.

mod at_rest;
mod vault;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use arc_swap::{ArcSwap, Guard};
use bytes::Bytes;
use thiserror::Error;
use vestibule_keyring::{
    KeyDocument, KeyInfo, Keyring, KeyringError, OpenError, RotationPolicy, SealError, Sealer,
};
use vestibule_protocol::Timestamp;
use vestibule_telemetry::AuditEvent;

pub use self::at_rest::KeysAtRest;
use self::vault::{KeyVault, StoredDocument};
use crate::settings::Settings;
use crate::store::{Store, StoreError};
use crate::verified::VerifiedTokens;
use crate::{Broker, Digest};

/// How often a change is tried again when another replica was faster.
const ATTEMPTS: u32 = 8;
/// After how long without a look at the store a replica looks before it signs or publishes: it may have slept, and the keys
/// have moved on without it.
const STALE: Duration = Duration::from_secs(2 * 60);
/// How much longer than its tokens a key is kept: for clocks that differ, and for a replica that still signs with it
/// because it has not looked at the store since, which is never longer than [`STALE`].
const SLACK: Duration = Duration::from_secs(3 * 60);

/// The broker's signing keys.
pub(crate) struct SigningKeys {
    policy: RotationPolicy,
    /// How long caches may keep the published set.
    max_age: Duration,
    vault: KeyVault,
    current: ArcSwap<CurrentKeys>,
    /// The second of the last look at the store.
    looked_at: AtomicI64,
}

/// The keys as this replica knows them.
pub(crate) struct CurrentKeys {
    stored: StoredDocument,
    /// The keys, decoded.
    pub(crate) keyring: Keyring,
    /// Tokens that these keys verified; forgotten together with the keys.
    pub(crate) verified: VerifiedTokens,
    published: Arc<PublishedKeys>,
}

/// The key set as it is served.
#[derive(Debug)]
pub struct PublishedKeys {
    /// The JWKS, as JSON.
    pub body: Bytes,
    /// The entity tag, with its quotation marks.
    pub etag: String,
    /// How long caches may keep it.
    pub max_age: Duration,
}

/// What an operator's rotation leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyRotation {
    /// When the next key begins to sign: at once, or when every cache has had time to learn of it.
    pub activates_at: Timestamp,
}

impl SigningKeys {
    /// Loads the keys, or makes them if there are none yet.
    pub(crate) async fn open(
        store: Arc<dyn Store>,
        sealer: Arc<Sealer>,
        settings: &Settings,
        now: Timestamp,
    ) -> Result<Self, KeysError> {
        let policy = policy(settings);
        let max_age = settings.lifetimes.keys_cache;
        let vault = KeyVault::new(store, sealer);
        for _ in 0..ATTEMPTS {
            let changed = match vault.load().await? {
                None => Some((None, KeyDocument::create(&policy, now)?)),
                Some(stored) => match stored.document.advance(&policy, now)? {
                    Some(next) => Some((Some(stored.version), next)),
                    None if stored.resealing_due => Some((Some(stored.version), stored.document)),
                    None => {
                        let current = CurrentKeys::decode(stored, max_age)?;
                        return Ok(Self {
                            policy,
                            max_age,
                            vault,
                            current: ArcSwap::from_pointee(current),
                            looked_at: AtomicI64::new(now.as_secs()),
                        });
                    }
                },
            };
            if let Some((expected, document)) = changed {
                vault.swap(expected, &document).await?;
            }
        }
        Err(KeysError::Contended)
    }

    /// The keys to sign with now. A replica that has not looked at the store for two minutes catches up first.
    pub(crate) async fn ready(&self, now: Timestamp) -> Result<Guard<Arc<CurrentKeys>>, KeysError> {
        let looked_at = Timestamp::from_secs(self.looked_at.load(Ordering::Relaxed));
        if now.since(looked_at) > STALE {
            self.reload(now).await?;
        }
        Ok(self.current())
    }

    /// The keys as this replica knows them.
    pub(crate) fn current(&self) -> Guard<Arc<CurrentKeys>> {
        self.current.load()
    }

    /// Takes over what other replicas changed, and moves the keys on in time.
    async fn tick(&self, now: Timestamp) -> Result<(), KeysError> {
        for _ in 0..ATTEMPTS {
            self.reload(now).await?;
            let current = self.current.load_full();
            let Some(next) = current.stored.document.advance(&self.policy, now)? else {
                return Ok(());
            };
            self.vault.swap(Some(current.stored.version), &next).await?;
        }
        Err(KeysError::Contended)
    }

    async fn rotate(&self, now: Timestamp) -> Result<KeyRotation, KeysError> {
        for _ in 0..ATTEMPTS {
            self.reload(now).await?;
            let current = self.current.load_full();
            let rotation = current.stored.document.rotate(&self.policy, now)?;
            if self
                .vault
                .swap(Some(current.stored.version), &rotation.document)
                .await?
            {
                self.reload(now).await?;
                return Ok(KeyRotation {
                    activates_at: rotation.activates_at,
                });
            }
        }
        Err(KeysError::Contended)
    }

    /// Takes over the store's document, if it is another one than ours.
    async fn reload(&self, now: Timestamp) -> Result<(), KeysError> {
        let known = self.current.load().stored.version;
        let stored = self.vault.load_newer_than(known).await?;
        self.looked_at.store(now.as_secs(), Ordering::Relaxed);
        let Some(stored) = stored else {
            return Ok(());
        };
        let next = CurrentKeys::decode(stored, self.max_age)?;
        let kid = next.keyring.signer().key_id();
        if kid != self.current.load().keyring.signer().key_id() {
            AuditEvent::KeysRotated { kid }.record();
        }
        self.current.store(Arc::new(next));
        Ok(())
    }
}

impl CurrentKeys {
    fn decode(stored: StoredDocument, max_age: Duration) -> Result<Self, KeysError> {
        let keyring = Keyring::from_document(&stored.document)?;
        let body = serde_json::to_string(keyring.jwks()).map_err(KeysError::Encoding)?;
        let etag = format!("\"{}\"", Digest::of(&body));
        let published = Arc::new(PublishedKeys {
            body: body.into(),
            etag,
            max_age,
        });
        Ok(Self {
            stored,
            keyring,
            verified: VerifiedTokens::default(),
            published,
        })
    }
}

impl Broker {
    /// How often the program calls [`tick`](Self::tick).
    pub const TICK: Duration = Duration::from_secs(60);

    /// The key set as it is served: next, active and retiring keys. While the store is away it is the set that this replica
    /// knew last: verifiers are better off with it than with none.
    pub async fn published_keys(&self) -> Arc<PublishedKeys> {
        match self.keys.ready(self.now()).await {
            Ok(keys) => keys.published.clone(),
            Err(error) => {
                tracing::warn!(%error, "the key set is published as it was last known");
                self.keys.current().published.clone()
            }
        }
    }

    /// Does what time asks for: moves the signing keys on. The program calls it every [`TICK`](Self::TICK).
    ///
    /// # Errors
    /// [`KeysError`]; the keys then stay as they are, and the next call tries again.
    pub async fn tick(&self) -> Result<(), KeysError> {
        self.keys.tick(self.now()).await
    }

    /// Replaces the signing key, as soon as every cache has had time to learn of the next one.
    ///
    /// # Errors
    /// [`KeysError`] when the store does not answer.
    pub async fn rotate_keys(&self) -> Result<KeyRotation, KeysError> {
        self.keys.rotate(self.now()).await
    }

    /// The keys, for an operator: the active one first.
    pub fn describe_keys(&self) -> Vec<KeyInfo> {
        self.keys.current().keyring.describe()
    }
}

fn policy(settings: &Settings) -> RotationPolicy {
    let lifetimes = &settings.lifetimes;
    let longest = settings
        .resources
        .iter()
        .filter_map(|resource| resource.access_token_lifetime)
        .chain([lifetimes.access_token, lifetimes.id_token, lifetimes.status_list])
        .fold(Duration::ZERO, Duration::max);
    RotationPolicy {
        algorithm: settings.signing_algorithm,
        active_for: lifetimes.signing_key,
        publish_ahead: lifetimes.key_published_ahead,
        keep_retired_for: longest + SLACK,
        // A replica may publish the older set until it is stale, and a cache keep that one for its full time.
        cache_life: lifetimes.keys_cache + STALE,
    }
}

/// Why the signing keys cannot be had or changed.
#[derive(Debug, Error)]
pub enum KeysError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The stored keys do not open under the configured master secrets.
    #[error("the stored signing keys do not open: {0}")]
    Locked(#[from] OpenError),
    /// The keys could not be sealed.
    #[error("the signing keys cannot be sealed")]
    Sealing(#[from] SealError),
    /// The stored keys are not what this version writes.
    #[error("the stored signing keys cannot be read")]
    Encoding(#[source] serde_json::Error),
    /// A key could not be made or used.
    #[error(transparent)]
    Keyring(#[from] KeyringError),
    /// Other replicas kept changing the keys.
    #[error("the signing keys were changed by others again and again")]
    Contended,
}
