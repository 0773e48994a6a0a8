//! Authorization codes: `I`, expiry, the session's id, fields; and their tombstones: `R`, expiry, the session's id.

use async_trait::async_trait;
use vestibule_broker::Digest;
use vestibule_broker::record::CodeGrant;
use vestibule_broker::store::{Codes, Redeemed, StoreError};
use vestibule_protocol::{SessionId, Timestamp};

use crate::head::{HeadReader, HeadWriter, drop_at, milliseconds, value};
use crate::pack::{PackError, pack, unpack};
use crate::script::Script;
use crate::store::{Question, RedisStore};

const IN_THE_HEAD: &[&str] = &["expires_at", "session"];

fn write(grant: &CodeGrant) -> Result<Vec<u8>, PackError> {
    let fields = pack(grant, IN_THE_HEAD)?;
    Ok(HeadWriter::new(b'I')
        .time(grant.expires_at)
        .short_text(grant.session.as_str())
        .then(&fields)
        .into_bytes())
}

fn read(record: &[u8]) -> Result<Redeemed, PackError> {
    let (kind, mut head) = HeadReader::new(record)?;
    let (expires_at, session) = (head.time()?, head.short_text()?);
    match kind {
        b'I' => {
            let in_the_head = vec![("expires_at", value(expires_at)), ("session", session.into())];
            Ok(Redeemed::Fresh(Box::new(unpack(head.rest(), in_the_head)?)))
        }
        b'R' => SessionId::parse(session)
            .map(Redeemed::Replayed)
            .map_err(|_| PackError::Damaged),
        _ => Err(PackError::UnknownKind),
    }
}

#[async_trait]
impl Codes for RedisStore {
    async fn issue_code(&self, code: Digest, grant: CodeGrant) -> Result<(), StoreError> {
        let question = Question::command("SET", &self.keys.code(code))
            .arg(write(&grant)?)
            .arg("PXAT")
            .arg(drop_at(grant.expires_at));
        self.decide(question).await
    }

    async fn redeem_code(
        &self,
        code: Digest,
        remember_until: Timestamp,
        now: Timestamp,
    ) -> Result<Redeemed, StoreError> {
        let question = Question::script(Script::RedeemCode, &[&self.keys.code(code)])
            .arg(milliseconds(now))
            .arg(milliseconds(remember_until))
            .arg(drop_at(remember_until));
        let found: Option<Vec<u8>> = self.decide(question).await?;
        Ok(match found {
            None => Redeemed::Unknown,
            Some(record) => read(&record)?,
        })
    }
}
