//! Authorizations in progress: `A`, expiry, step, fields.

use async_trait::async_trait;
use vestibule_broker::Digest;
use vestibule_broker::record::Authorization;
use vestibule_broker::store::{Advance, Authorizations, StoreError, Taken};
use vestibule_protocol::Timestamp;

use crate::head::{HeadReader, HeadWriter, drop_at, milliseconds, value};
use crate::pack::{PackError, pack, unpack};
use crate::script::Script;
use crate::store::{Question, RedisStore};

const IN_THE_HEAD: &[&str] = &["step", "expires_at"];

fn write(authorization: &Authorization) -> Result<Vec<u8>, PackError> {
    let fields = pack(authorization, IN_THE_HEAD)?;
    Ok(HeadWriter::new(b'A')
        .time(authorization.expires_at)
        .number(authorization.step)
        .then(&fields)
        .into_bytes())
}

fn read(record: &[u8]) -> Result<Authorization, PackError> {
    let (kind, mut head) = HeadReader::new(record)?;
    if kind != b'A' {
        return Err(PackError::UnknownKind);
    }
    let (expires_at, step) = (head.time()?, head.number()?);
    unpack(
        head.rest(),
        vec![("expires_at", value(expires_at)), ("step", step.into())],
    )
}

#[async_trait]
impl Authorizations for RedisStore {
    async fn begin_authorization(
        &self,
        ticket: Digest,
        authorization: Authorization,
    ) -> Result<(), StoreError> {
        let question = Question::command("SET", &self.keys.authorization(ticket))
            .arg(write(&authorization)?)
            .arg("PXAT")
            .arg(drop_at(authorization.expires_at));
        self.decide(question).await
    }

    async fn find_authorization(
        &self,
        ticket: Digest,
        now: Timestamp,
    ) -> Result<Option<Authorization>, StoreError> {
        let question = Question::command("GET", &self.keys.authorization(ticket));
        let record: Option<Vec<u8>> = self.read(question).await?;
        let found = record.map(|record| read(&record)).transpose()?;
        Ok(found.filter(|authorization| now < authorization.expires_at))
    }

    async fn advance_authorization(
        &self,
        ticket: Digest,
        next: Authorization,
        now: Timestamp,
    ) -> Result<Advance, StoreError> {
        let question = Question::script(Script::AdvanceAuthorization, &[&self.keys.authorization(ticket)])
            .arg(milliseconds(now))
            .arg(next.step)
            .arg(drop_at(next.expires_at))
            .arg(write(&next)?);
        let moved: Option<u8> = self.decide(question).await?;
        Ok(match moved {
            None => Advance::Unknown,
            Some(0) => Advance::Stale,
            Some(_) => Advance::Advanced,
        })
    }

    async fn take_authorization(
        &self,
        ticket: Digest,
        step: u64,
        now: Timestamp,
    ) -> Result<Taken, StoreError> {
        let question = Question::script(Script::TakeAuthorization, &[&self.keys.authorization(ticket)])
            .arg(milliseconds(now))
            .arg(step);
        let taken: Option<Vec<u8>> = self.decide(question).await?;
        Ok(match taken.as_deref() {
            None => Taken::Unknown,
            Some([]) => Taken::Stale,
            Some(record) => Taken::Taken(Box::new(read(record)?)),
        })
    }
}
