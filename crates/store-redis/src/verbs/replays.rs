//! What was used and is good once: until when it is remembered.

use async_trait::async_trait;
use vestibule_broker::Digest;
use vestibule_broker::store::{Remembered, ReplayGuard, StoreError};
use vestibule_protocol::Timestamp;

use crate::head::{drop_at, milliseconds};
use crate::script::Script;
use crate::store::{Question, RedisStore};

#[async_trait]
impl ReplayGuard for RedisStore {
    async fn remember(
        &self,
        key: Digest,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<Remembered, StoreError> {
        let question = Question::script(Script::Remember, &[&self.keys.replay(key)])
            .arg(milliseconds(now))
            .arg(milliseconds(until))
            .arg(drop_at(until));
        let seen: bool = self.decide(question).await?;
        Ok(if seen { Remembered::Seen } else { Remembered::First })
    }

    async fn recall(&self, key: Digest, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        let until: Option<i64> = self
            .read(Question::command("GET", &self.keys.replay(key)))
            .await?;
        Ok(until.map(Timestamp::from_millis).filter(|until| now < *until))
    }
}
