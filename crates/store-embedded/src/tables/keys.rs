//! The sealed key document: a table of one row.

use async_trait::async_trait;
use vestibule_broker::record::StoredKeys;
use vestibule_broker::store::{Keys, StoreError};
use vestibule_keyring::SealedBox;
use vestibule_protocol::Timestamp;

use crate::embedded::Embedded;
use crate::table::{Record, Table};
use crate::trace::Trace;

pub(crate) type KeyTable = Table<(), StoredKeys>;

impl Record<()> for StoredKeys {
    fn expires_at(&self) -> Option<Timestamp> {
        None
    }
}

fn swap(table: &mut KeyTable, expected: Option<u64>, document: SealedBox, trace: &mut Trace) -> bool {
    let current = table.find(&(), trace).map(|keys| keys.version);
    if current != expected {
        return false;
    }
    let version = current.unwrap_or(0) + 1;
    table.put((), StoredKeys { version, document }, trace);
    true
}

#[async_trait]
impl Keys for Embedded {
    async fn load_keys(&self) -> Result<Option<StoredKeys>, StoreError> {
        self.verb(|image, trace| image.keys.find(&(), trace).cloned())
            .await
    }

    async fn swap_keys(&self, expected: Option<u64>, document: SealedBox) -> Result<bool, StoreError> {
        self.verb(|image, trace| swap(&mut image.keys, expected, document, trace))
            .await
    }
}
