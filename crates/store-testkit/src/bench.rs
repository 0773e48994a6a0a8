//! Where a law is tried.

use std::sync::Arc;

use async_trait::async_trait;
use vestibule_broker::store::Store;

/// Makes the store that a law is tried on. Every law gets a bench of its own.
#[async_trait]
pub trait Bench: Send + Sync {
    /// A store with nothing in it.
    async fn fresh(&self) -> Arc<dyn Store>;
}

/// A bench whose store can be opened again.
#[async_trait]
pub trait DurableBench: Bench {
    /// Lets go of the store and opens it again, as a restart of the program does.
    async fn reopen(&self, store: Arc<dyn Store>) -> Arc<dyn Store>;
}
