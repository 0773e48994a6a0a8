//! Rate-limit cells: when each has drained, in microseconds.

use std::time::Duration;

use async_trait::async_trait;
use vestibule_broker::store::{Limits, Quota, StoreError, Verdict};
use vestibule_protocol::Timestamp;

use crate::script::Script;
use crate::store::{Question, RedisStore};

/// The longest that a cell may take to drain, so that Lua's numbers hold every microsecond.
const LONGEST: u128 = 1 << 50;

#[async_trait]
impl Limits for RedisStore {
    async fn check_limit(&self, cell: &str, quota: Quota, now: Timestamp) -> Result<Verdict, StoreError> {
        let per = quota.per.as_nanos().div_ceil(1000).min(LONGEST);
        let room = per.saturating_mul(u128::from(quota.burst)).min(LONGEST);
        let question = Question::script(Script::CheckLimit, &[&self.keys.limit(cell)])
            .arg(now.as_millis().saturating_mul(1000))
            .arg(per.to_string())
            .arg(room.to_string());
        let wait: Option<u64> = self.decide(question).await?;
        Ok(wait.map_or(Verdict::Go, |wait| Verdict::Wait(Duration::from_micros(wait))))
    }

    async fn clear_limit(&self, cell: &str) -> Result<(), StoreError> {
        self.read(Question::command("DEL", &self.keys.limit(cell))).await
    }
}
