//! What was used and is good once.

use async_trait::async_trait;
use vestibule_broker::Digest;
use vestibule_broker::store::{Remembered, ReplayGuard, StoreError};
use vestibule_protocol::Timestamp;

use crate::embedded::Embedded;
use crate::table::{Record, Table};
use crate::trace::Trace;

/// Until when each key is remembered.
pub(crate) type ReplayTable = Table<Digest, Timestamp>;

impl Record<Digest> for Timestamp {
    fn expires_at(&self) -> Option<Timestamp> {
        Some(*self)
    }
}

fn remember(
    table: &mut ReplayTable,
    key: Digest,
    until: Timestamp,
    now: Timestamp,
    trace: &mut Trace,
) -> Remembered {
    let known = table.find_live(&key, now, trace).copied();
    if known.is_none_or(|known| known < until) {
        table.put(key, until, trace);
    }
    match known {
        Some(_) => Remembered::Seen,
        None => Remembered::First,
    }
}

#[async_trait]
impl ReplayGuard for Embedded {
    async fn remember(
        &self,
        key: Digest,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<Remembered, StoreError> {
        self.verb(|image, trace| remember(&mut image.replays, key, until, now, trace))
            .await
    }

    async fn recall(&self, key: Digest, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        self.verb(|image, trace| image.replays.find_live(&key, now, trace).copied())
            .await
    }
}
