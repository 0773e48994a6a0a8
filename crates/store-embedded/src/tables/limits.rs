//! Rate-limit cells, in memory alone.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use async_trait::async_trait;
use vestibule_broker::store::{Limits, Quota, StoreError, Verdict};
use vestibule_protocol::Timestamp;

use crate::embedded::Embedded;

/// The cells that are not empty.
#[derive(Debug, Default)]
pub(crate) struct CellTable {
    /// When each cell has drained, in nanoseconds since the epoch.
    drained_at: HashMap<String, i128>,
    /// One entry for each cell, at or before the moment when it has drained.
    due: BTreeSet<(i128, String)>,
}

impl CellTable {
    fn check(&mut self, cell: &str, quota: Quota, now: Timestamp) -> Verdict {
        let now = nanos(now);
        let per = i128::try_from(quota.per.as_nanos()).unwrap_or(i128::MAX / 2);
        let level = self
            .drained_at
            .get(cell)
            .map_or(0, |drained_at| (drained_at - now).max(0));
        let room = per.saturating_mul(i128::from(quota.burst));
        let level_after = level.saturating_add(per);
        if level_after > room {
            let wait = u64::try_from(level_after - room).unwrap_or(u64::MAX);
            return Verdict::Wait(Duration::from_nanos(wait));
        }
        if let Some(drained_at) = self.drained_at.get_mut(cell) {
            *drained_at = now + level_after;
        } else {
            self.drained_at.insert(cell.to_owned(), now + level_after);
            self.due.insert((now + level_after, cell.to_owned()));
        }
        Verdict::Go
    }

    fn clear(&mut self, cell: &str) {
        if let Some(drained_at) = self.drained_at.get_mut(cell) {
            *drained_at = 0;
        }
    }

    /// Forgets cells that have drained, within the budget.
    pub(crate) fn sweep(&mut self, now: Timestamp, budget: &mut usize) {
        let now = nanos(now);
        while *budget > 0
            && self.due.first().is_some_and(|(due_at, _)| *due_at <= now)
            && let Some((_, cell)) = self.due.pop_first()
        {
            *budget -= 1;
            match self.drained_at.get(&cell) {
                Some(drained_at) if *drained_at > now => {
                    self.due.insert((*drained_at, cell));
                }
                Some(_) | None => {
                    self.drained_at.remove(&cell);
                }
            }
        }
    }
}

fn nanos(at: Timestamp) -> i128 {
    i128::from(at.as_millis()) * 1_000_000
}

#[async_trait]
impl Limits for Embedded {
    async fn check_limit(&self, cell: &str, quota: Quota, now: Timestamp) -> Result<Verdict, StoreError> {
        self.verb(|image, _| image.cells.check(cell, quota, now)).await
    }

    async fn clear_limit(&self, cell: &str) -> Result<(), StoreError> {
        self.verb(|image, _| image.cells.clear(cell)).await
    }
}
