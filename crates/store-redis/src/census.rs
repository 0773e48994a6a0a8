//! How many sessions there are, at a cost that does not grow with them.
//!
//! Redis knows how many keys it has and not of which kind. A server with few is looked through; of one with many, keys are drawn at
//! random, and what part of them are living sessions is taken for the part of all.

use futures_util::future::try_join_all;
use redis::{Cmd, FromRedisValue};
use vestibule_broker::store::StoreError;
use vestibule_protocol::Timestamp;

use crate::error::Trouble;
use crate::head::HeadReader;
use crate::link::{Failure, Server};
use crate::pack::PackError;
use crate::store::RedisStore;

/// How many keys are drawn, and up to how many all are looked at. Where a third are sessions, the number is right to three
/// in a hundred, two times of three.
const SAMPLE: usize = 2000;

/// How many questions are asked at once.
const AT_ONCE: usize = 250;

/// How much of a session's record says whether it lives: its letter and two times.
const HEAD: usize = 13;

impl RedisStore {
    /// About how many sessions live at `now`.
    ///
    /// # Errors
    /// [`StoreError`] when a server does not answer.
    pub async fn count_sessions(&self, now: Timestamp) -> Result<u64, StoreError> {
        let mut all = 0;
        for server in self.link.servers().await? {
            all += self.count_at(&server, now).await?;
        }
        Ok(all)
    }

    async fn count_at(&self, server: &Server, now: Timestamp) -> Result<u64, StoreError> {
        let prefix = self.keys.kind('s');
        let keys: u64 = ask(server, &redis::cmd("DBSIZE")).await?;
        if keys <= SAMPLE as u64 {
            let mut names = Vec::new();
            let mut cursor = 0;
            loop {
                let mut scan = redis::cmd("SCAN");
                scan.arg(cursor).arg("COUNT").arg(AT_ONCE);
                let (next, some): (u64, Vec<Vec<u8>>) = ask(server, &scan).await?;
                names.extend(some);
                cursor = next;
                // Keys that come while it is looked through do not lead it on for ever.
                if cursor == 0 || names.len() > 2 * SAMPLE {
                    break;
                }
            }
            names.sort_unstable();
            names.dedup();
            return living(server, &prefix, &names, now).await;
        }
        let mut names = Vec::with_capacity(SAMPLE);
        while names.len() < SAMPLE {
            let draw = redis::cmd("RANDOMKEY");
            let drawn = try_join_all((0..AT_ONCE).map(|_| ask::<Option<Vec<u8>>>(server, &draw)));
            names.extend(drawn.await?.into_iter().map(Option::unwrap_or_default));
        }
        let living = living(server, &prefix, &names, now).await?;
        Ok(keys.saturating_mul(living) / names.len() as u64)
    }
}

/// How many of the keys are living sessions.
async fn living(server: &Server, prefix: &str, names: &[Vec<u8>], now: Timestamp) -> Result<u64, StoreError> {
    let sessions: Vec<_> = names
        .iter()
        .filter(|name| name.starts_with(prefix.as_bytes()))
        .collect();
    let mut living = 0;
    for some in sessions.chunks(AT_ONCE) {
        let heads = some.iter().map(|name| async move {
            let mut question = redis::cmd("GETRANGE");
            question.arg(name.as_slice()).arg(0).arg(HEAD - 1);
            ask::<Vec<u8>>(server, &question).await
        });
        let heads = try_join_all(heads).await?;
        living += heads.iter().filter(|head| lives(head, now)).count() as u64;
    }
    Ok(living)
}

/// Whether this is the head of a session that has not expired, and no tombstone.
fn lives(head: &[u8], now: Timestamp) -> bool {
    let Ok((b'S' | b'B', mut head)) = HeadReader::new(head) else {
        return false;
    };
    let (idle_until, dies_at) = (head.time(), head.time());
    matches!((idle_until, dies_at), (Ok(idle_until), Ok(dies_at)) if now < idle_until && now < dies_at)
}

async fn ask<T: FromRedisValue>(server: &Server, question: &Cmd) -> Result<T, StoreError> {
    let answered = server.send(question).await.map_err(|failure| match failure {
        Failure::Trouble(trouble) => StoreError::from(trouble),
        _ => Trouble::Closed.into(),
    })?;
    redis::from_redis_value(answered).map_err(|_| PackError::Reply.into())
}
