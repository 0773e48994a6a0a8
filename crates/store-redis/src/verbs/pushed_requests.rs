//! Pushed authorization requests: `P`, expiry, fields.

use async_trait::async_trait;
use vestibule_broker::Digest;
use vestibule_broker::record::PushedRequest;
use vestibule_broker::store::{PushedRequests, StoreError};
use vestibule_protocol::Timestamp;

use crate::head::{HeadReader, HeadWriter, drop_at, value};
use crate::pack::{PackError, pack, unpack};
use crate::store::{Question, RedisStore};

const IN_THE_HEAD: &[&str] = &["expires_at"];

fn write(request: &PushedRequest) -> Result<Vec<u8>, PackError> {
    let fields = pack(request, IN_THE_HEAD)?;
    Ok(HeadWriter::new(b'P')
        .time(request.expires_at)
        .then(&fields)
        .into_bytes())
}

fn read(record: &[u8]) -> Result<PushedRequest, PackError> {
    let (kind, mut head) = HeadReader::new(record)?;
    if kind != b'P' {
        return Err(PackError::UnknownKind);
    }
    let expires_at = head.time()?;
    unpack(head.rest(), vec![("expires_at", value(expires_at))])
}

#[async_trait]
impl PushedRequests for RedisStore {
    async fn push_request(&self, key: Digest, request: PushedRequest) -> Result<(), StoreError> {
        let question = Question::command("SET", &self.keys.pushed_request(key))
            .arg(write(&request)?)
            .arg("PXAT")
            .arg(drop_at(request.expires_at));
        self.decide(question).await
    }

    async fn take_pushed_request(
        &self,
        key: Digest,
        now: Timestamp,
    ) -> Result<Option<PushedRequest>, StoreError> {
        let question = Question::command("GETDEL", &self.keys.pushed_request(key));
        let record: Option<Vec<u8>> = self.decide(question).await?;
        let taken = record.map(|record| read(&record)).transpose()?;
        Ok(taken.filter(|request| now < request.expires_at))
    }
}
