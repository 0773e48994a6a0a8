//! The sealed key document.

use async_trait::async_trait;
use vestibule_keyring::SealedBox;

use crate::record::StoredKeys;
use crate::store::StoreError;

/// Keeps the broker's signing keys, sealed.
#[async_trait]
pub trait Keys: Send + Sync {
    /// Loads the document, if there is one.
    async fn load_keys(&self) -> Result<Option<StoredKeys>, StoreError>;

    /// Puts `document` in place if the version is still `expected` (`None`: if there is none yet); says whether it did.
    async fn swap_keys(&self, expected: Option<u64>, document: SealedBox) -> Result<bool, StoreError>;
}
