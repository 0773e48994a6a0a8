//! The key document at rest: sealed, and swapped only by one who has seen what stands there.

use std::sync::Arc;

use vestibule_keyring::{KeyDocument, Sealer};
use zeroize::Zeroizing;

use super::KeysError;
use crate::record::StoredKeys;
use crate::store::Store;

/// What the sealed box is bound to.
const CONTEXT: &str = "signing keys";

pub(super) struct KeyVault {
    store: Arc<dyn Store>,
    sealer: Arc<Sealer>,
}

/// The document, opened.
pub(super) struct StoredDocument {
    pub(super) version: u64,
    pub(super) document: KeyDocument,
    /// It is sealed under a previous master secret.
    pub(super) resealing_due: bool,
}

impl KeyVault {
    pub(super) fn new(store: Arc<dyn Store>, sealer: Arc<Sealer>) -> Self {
        Self { store, sealer }
    }

    pub(super) async fn load(&self) -> Result<Option<StoredDocument>, KeysError> {
        let stored = self.store.load_keys().await?;
        stored.map(|stored| self.open(&stored)).transpose()
    }

    /// Loads the document, unless it is the one that is known.
    pub(super) async fn load_newer_than(&self, version: u64) -> Result<Option<StoredDocument>, KeysError> {
        let stored = self
            .store
            .load_keys()
            .await?
            .filter(|stored| stored.version != version);
        stored.map(|stored| self.open(&stored)).transpose()
    }

    /// Puts a document in place of the expected version; says whether it was still there.
    pub(super) async fn swap(
        &self,
        expected: Option<u64>,
        document: &KeyDocument,
    ) -> Result<bool, KeysError> {
        let plain = Zeroizing::new(serde_json::to_vec(document).map_err(KeysError::Encoding)?);
        let sealed = self.sealer.seal(CONTEXT, &plain)?;
        Ok(self.store.swap_keys(expected, sealed).await?)
    }

    fn open(&self, stored: &StoredKeys) -> Result<StoredDocument, KeysError> {
        let plain = Zeroizing::new(self.sealer.open(CONTEXT, &stored.document)?);
        Ok(StoredDocument {
            version: stored.version,
            document: serde_json::from_slice(&plain).map_err(KeysError::Encoding)?,
            resealing_due: !self.sealer.is_current(&stored.document),
        })
    }
}
