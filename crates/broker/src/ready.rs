//! Whether the broker can do its work.

use crate::Broker;
use crate::store::StoreError;

impl Broker {
    /// Asks the store for something small, so that an operator learns whether it answers.
    ///
    /// # Errors
    /// [`StoreError`] when it does not.
    pub async fn check_store(&self) -> Result<(), StoreError> {
        self.store.load_keys().await.map(drop)
    }
}
