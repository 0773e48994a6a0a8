//! What is good once: logout tokens, and credentials that carry no nonce.

use async_trait::async_trait;
use vestibule_protocol::Timestamp;

use crate::Digest;
use crate::store::StoreError;

/// Remembers what was used.
#[async_trait]
pub trait ReplayGuard: Send + Sync {
    /// Remembers the key until `until`, and says whether somebody did before. Of many who ask at once, one is the first.
    async fn remember(&self, key: Digest, until: Timestamp, now: Timestamp)
    -> Result<Remembered, StoreError>;

    /// Until when a key is remembered, if it is.
    async fn recall(&self, key: Digest, now: Timestamp) -> Result<Option<Timestamp>, StoreError>;
}

/// Whether a key was new.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remembered {
    /// Nobody used it before.
    First,
    /// Somebody did.
    Seen,
}
