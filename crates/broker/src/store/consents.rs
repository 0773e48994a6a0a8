//! Remembered consents.

use async_trait::async_trait;
use vestibule_protocol::ScopeSet;

use crate::record::ConsentKey;
use crate::store::StoreError;

/// Keeps what users agreed to.
#[async_trait]
pub trait Consents: Send + Sync {
    /// Remembers the scopes, beside those remembered before.
    async fn grant_consent(&self, key: ConsentKey, scopes: ScopeSet) -> Result<(), StoreError>;

    /// Finds the scopes that are remembered; empty when there are none.
    async fn find_consent(&self, key: &ConsentKey) -> Result<ScopeSet, StoreError>;

    /// Forgets.
    async fn revoke_consent(&self, key: &ConsentKey) -> Result<(), StoreError>;
}
