//! Remembered consents.

use async_trait::async_trait;
use vestibule_broker::record::ConsentKey;
use vestibule_broker::store::{Consents, StoreError};
use vestibule_protocol::{ScopeSet, Timestamp};

use crate::embedded::Embedded;
use crate::table::{Record, Table};
use crate::trace::Trace;

pub(crate) type ConsentTable = Table<ConsentKey, ScopeSet>;

impl Record<ConsentKey> for ScopeSet {
    fn expires_at(&self) -> Option<Timestamp> {
        None
    }
}

fn grant(table: &mut ConsentTable, key: ConsentKey, scopes: &ScopeSet, trace: &mut Trace) {
    let remembered = table.find(&key, trace).cloned().unwrap_or_default();
    if !scopes.is_subset(&remembered) {
        table.put(key, remembered.union(scopes), trace);
    }
}

#[async_trait]
impl Consents for Embedded {
    async fn grant_consent(&self, key: ConsentKey, scopes: ScopeSet) -> Result<(), StoreError> {
        self.verb(|image, trace| grant(&mut image.consents, key, &scopes, trace))
            .await
    }

    async fn find_consent(&self, key: &ConsentKey) -> Result<ScopeSet, StoreError> {
        self.verb(|image, trace| image.consents.find(key, trace).cloned().unwrap_or_default())
            .await
    }

    async fn revoke_consent(&self, key: &ConsentKey) -> Result<(), StoreError> {
        self.verb(|image, trace| drop(image.consents.remove(key, trace)))
            .await
    }
}
