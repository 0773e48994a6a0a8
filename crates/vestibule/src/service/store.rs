//! The store, and what keeps it.

use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Context as _;
use vestibule_broker::store::{Store, StoreError};
use vestibule_broker::{Clock as _, SystemClock};
use vestibule_protocol::Timestamp;
use vestibule_store_embedded::{Embedded, WriteError};
use vestibule_store_redis::RedisStore;

use crate::config::StoreConfig;

/// The store that the configuration names, open.
#[derive(Clone)]
pub(super) enum OpenStore {
    /// One process's: it is swept, and has to be closed.
    Embedded(Arc<Embedded>),
    /// Shared by replicas: Redis drops what has expired, and the connection mends itself.
    Redis(Arc<RedisStore>, Arc<Count>),
}

/// How many sessions were counted last, if they could be.
#[derive(Default)]
pub(super) struct Count(Mutex<Option<u64>>);

impl Count {
    fn get(&self) -> Option<u64> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set(&self, counted: Option<u64>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = counted;
    }
}

impl OpenStore {
    /// Opens the store, and warns of what is dangerous about it.
    pub(super) async fn open(config: &StoreConfig) -> anyhow::Result<Self> {
        Ok(match config {
            StoreConfig::Memory => Self::Embedded(Arc::new(Embedded::in_memory())),
            StoreConfig::File(path) => {
                let store = Embedded::open(path);
                let store = store.with_context(|| format!("cannot open the store {}", path.display()))?;
                Self::Embedded(Arc::new(store))
            }
            StoreConfig::Redis(settings) => {
                let store = RedisStore::open((**settings).clone()).await?;
                let found = store.examine(SystemClock.now()).await?;
                for danger in found.dangers {
                    tracing::warn!("{}; {}", danger.what, danger.remedy);
                }
                tracing::info!(servers = found.servers.join(", "), "the store is in Redis");
                Self::Redis(Arc::new(store), Arc::default())
            }
        })
    }

    /// The store, as the broker uses it.
    pub(super) fn shared(&self) -> Arc<dyn Store> {
        match self {
            Self::Embedded(store) => store.clone(),
            Self::Redis(store, _) => store.clone(),
        }
    }

    /// What kind of store it is, for those who measure it.
    pub(super) fn backend(&self) -> &'static str {
        match self {
            Self::Embedded(_) => "embedded",
            Self::Redis(..) => "redis",
        }
    }

    /// How many sessions live, as it is known.
    pub(super) fn sessions(&self) -> Option<u64> {
        match self {
            Self::Embedded(store) => store.sessions()?.try_into().ok(),
            Self::Redis(_, count) => count.get(),
        }
    }

    /// Counts the sessions, where they have to be counted.
    pub(super) async fn count(&self, now: Timestamp) {
        let Self::Redis(store, count) = self else {
            return;
        };
        let counted = store.count_sessions(now).await;
        if let Err(error) = &counted {
            tracing::debug!(%error, "the sessions could not be counted");
        }
        count.set(counted.ok());
    }

    /// Ends when the store cannot write any more and has to be opened anew.
    pub(super) async fn failed(&self) -> WriteError {
        match self {
            Self::Embedded(store) => store.failed().await,
            Self::Redis(..) => std::future::pending().await,
        }
    }

    /// Drops what has expired.
    pub(super) async fn sweep(&self, now: Timestamp) -> Result<(), StoreError> {
        match self {
            Self::Embedded(store) => store.sweep(now).await,
            Self::Redis(..) => Ok(()),
        }
    }

    /// Writes down what is not yet.
    pub(super) async fn close(&self) -> anyhow::Result<()> {
        match self {
            Self::Embedded(store) => store
                .close()
                .await
                .context("the store could not be closed cleanly"),
            Self::Redis(..) => Ok(()),
        }
    }
}
