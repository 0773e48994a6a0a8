//! Logged-in browsers: `B`, expiry, fields.

use async_trait::async_trait;
use vestibule_broker::Digest;
use vestibule_broker::record::BrowserLogin;
use vestibule_broker::store::{BrowserLogins, StoreError};
use vestibule_protocol::Timestamp;

use crate::head::{HeadReader, HeadWriter, drop_at, value};
use crate::pack::{PackError, pack, unpack};
use crate::store::{Question, RedisStore};

fn write(login: &BrowserLogin) -> Result<Vec<u8>, PackError> {
    let fields = pack(login, &["expires_at"])?;
    Ok(HeadWriter::new(b'B')
        .time(login.expires_at)
        .then(&fields)
        .into_bytes())
}

fn read(record: &[u8]) -> Result<BrowserLogin, PackError> {
    let (kind, mut head) = HeadReader::new(record)?;
    if kind != b'B' {
        return Err(PackError::UnknownKind);
    }
    let expires_at = head.time()?;
    unpack(head.rest(), vec![("expires_at", value(expires_at))])
}

#[async_trait]
impl BrowserLogins for RedisStore {
    async fn put_browser_login(&self, cookie: Digest, login: BrowserLogin) -> Result<(), StoreError> {
        let question = Question::command("SET", &self.keys.browser_login(cookie))
            .arg(write(&login)?)
            .arg("PXAT")
            .arg(drop_at(login.expires_at));
        self.decide(question).await
    }

    async fn find_browser_login(
        &self,
        cookie: Digest,
        now: Timestamp,
    ) -> Result<Option<BrowserLogin>, StoreError> {
        let question = Question::command("GET", &self.keys.browser_login(cookie));
        let record: Option<Vec<u8>> = self.read(question).await?;
        let found = record.map(|record| read(&record)).transpose()?;
        Ok(found.filter(|login| now < login.expires_at))
    }

    async fn end_browser_login(&self, cookie: Digest) -> Result<(), StoreError> {
        let question = Question::command("DEL", &self.keys.browser_login(cookie));
        self.read(question).await
    }
}
