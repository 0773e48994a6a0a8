//! The law book, on a store in memory and on one in a file.

use std::sync::Arc;

use async_trait::async_trait;
use tempfile::TempDir;
use vestibule_broker::store::Store;
use vestibule_store_embedded::Embedded;
use vestibule_store_testkit::{Bench, DurableBench};

struct InMemory;

#[async_trait]
impl Bench for InMemory {
    async fn fresh(&self) -> Arc<dyn Store> {
        Arc::new(Embedded::in_memory())
    }
}

struct InAFile(TempDir);

impl InAFile {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn open(&self) -> Arc<dyn Store> {
        Arc::new(Embedded::open(&self.0.path().join("store.redb")).unwrap())
    }
}

#[async_trait]
impl Bench for InAFile {
    async fn fresh(&self) -> Arc<dyn Store> {
        self.open()
    }
}

#[async_trait]
impl DurableBench for InAFile {
    async fn reopen(&self, store: Arc<dyn Store>) -> Arc<dyn Store> {
        drop(store);
        self.open()
    }
}

mod in_memory {
    use super::InMemory;

    vestibule_store_testkit::laws!(InMemory);
}

mod in_a_file {
    use super::InAFile;

    vestibule_store_testkit::laws!(InAFile::new());
    vestibule_store_testkit::durable_laws!(InAFile::new());
}
