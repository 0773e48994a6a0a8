//! Rate-limit cells, by the generic cell rate algorithm.

use std::time::Duration;

use async_trait::async_trait;
use vestibule_protocol::Timestamp;

use crate::store::StoreError;

/// Keeps the cells that all replicas share.
#[async_trait]
pub trait Limits: Send + Sync {
    /// Counts one event against the cell, unless it is full.
    async fn check_limit(&self, cell: &str, quota: Quota, now: Timestamp) -> Result<Verdict, StoreError>;

    /// Empties the cell.
    async fn clear_limit(&self, cell: &str) -> Result<(), StoreError>;
}

/// How much a cell lets through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    /// How many events may come at once.
    pub burst: u32,
    /// How long until one more may come.
    pub per: Duration,
}

/// What a cell says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Go on.
    Go,
    /// The cell is full; come again after this long.
    Wait(Duration),
}
