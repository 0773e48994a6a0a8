//! Token Status Lists: a bit for each session.

use async_trait::async_trait;
use vestibule_protocol::{StatusRef, Timestamp};

use crate::store::StoreError;

/// Keeps the status bits.
#[async_trait]
pub trait StatusLists: Send + Sync {
    /// Allots a bit that nobody had before; the list is kept at least until `needed_until`.
    async fn allot_status(&self, needed_until: Timestamp) -> Result<StatusRef, StoreError>;

    /// Sets the bit for good; setting it again changes nothing.
    async fn set_status(&self, status: StatusRef) -> Result<(), StoreError>;

    /// Reads a list, if it exists.
    async fn read_status(&self, list: u64) -> Result<Option<StatusBits>, StoreError>;
}

/// A list as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusBits {
    /// Changes with every bit that is set.
    pub version: u64,
    /// The bits that are set.
    pub set: Vec<u32>,
    /// How many bits the list has.
    pub size: u32,
}
