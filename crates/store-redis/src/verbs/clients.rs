//! Registered clients: `C`, expiry, whether it is blocked, fields.

use async_trait::async_trait;
use vestibule_broker::record::RegisteredClient;
use vestibule_broker::store::{Clients, Page, PageRequest, Registered, StoreError};
use vestibule_protocol::{ClientId, Timestamp};

use crate::head::{HeadReader, HeadWriter, drop_at, milliseconds, value};
use crate::pack::{PackError, pack, unpack};
use crate::script::Script;
use crate::store::{Question, RedisStore};

const IN_THE_HEAD: &[&str] = &["expires_at", "blocked"];

fn write(client: &RegisteredClient) -> Result<Vec<u8>, PackError> {
    let fields = pack(client, IN_THE_HEAD)?;
    Ok(HeadWriter::new(b'C')
        .time(client.expires_at)
        .byte(client.blocked.into())
        .then(&fields)
        .into_bytes())
}

fn read(record: &[u8]) -> Result<RegisteredClient, PackError> {
    let (kind, mut head) = HeadReader::new(record)?;
    if kind != b'C' {
        return Err(PackError::UnknownKind);
    }
    let (expires_at, blocked) = (head.time()?, head.byte()? != 0);
    unpack(
        head.rest(),
        vec![("expires_at", value(expires_at)), ("blocked", blocked.into())],
    )
}

#[async_trait]
impl Clients for RedisStore {
    async fn register_client(
        &self,
        client: RegisteredClient,
        now: Timestamp,
    ) -> Result<Registered, StoreError> {
        let question = Question::script(Script::RegisterClient, &[&self.keys.client(&client.id)])
            .arg(milliseconds(now))
            .arg(milliseconds(client.expires_at))
            .arg(drop_at(client.expires_at))
            .arg(write(&client)?);
        let existing: Option<Vec<u8>> = self.decide(question).await?;
        Ok(match existing {
            None => Registered::New,
            Some(record) => Registered::Existing(Box::new(read(&record)?)),
        })
    }

    async fn find_client(
        &self,
        id: &ClientId,
        now: Timestamp,
    ) -> Result<Option<RegisteredClient>, StoreError> {
        let record: Option<Vec<u8>> = self.read(Question::command("GET", &self.keys.client(id))).await?;
        let found = record.map(|record| read(&record)).transpose()?;
        Ok(found.filter(|client| now < client.expires_at))
    }

    async fn touch_client(
        &self,
        id: &ClientId,
        expires_at: Timestamp,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let question = Question::script(Script::TouchClient, &[&self.keys.client(id)])
            .arg(milliseconds(now))
            .arg(milliseconds(expires_at))
            .arg(drop_at(expires_at));
        self.read(question).await
    }

    async fn replace_client(&self, client: RegisteredClient, now: Timestamp) -> Result<bool, StoreError> {
        let question = Question::script(Script::ReplaceClient, &[&self.keys.client(&client.id)])
            .arg(milliseconds(now))
            .arg(drop_at(client.expires_at))
            .arg(write(&client)?);
        self.decide(question).await
    }

    async fn block_client(&self, id: &ClientId, blocked: bool, now: Timestamp) -> Result<bool, StoreError> {
        let question = Question::script(Script::BlockClient, &[&self.keys.client(id)])
            .arg(milliseconds(now))
            .arg(&[u8::from(blocked)]);
        self.decide(question).await
    }

    async fn delete_client(&self, id: &ClientId, now: Timestamp) -> Result<bool, StoreError> {
        let question =
            Question::script(Script::DeleteClient, &[&self.keys.client(id)]).arg(milliseconds(now));
        self.decide(question).await
    }

    async fn list_clients(
        &self,
        page: &PageRequest,
        now: Timestamp,
    ) -> Result<Option<Page<RegisteredClient>>, StoreError> {
        let find = async |id: String| match ClientId::parse(&id) {
            Ok(id) => self.find_client(&id, now).await,
            Err(_) => Ok(None),
        };
        self.scan('c', page, find).await
    }
}
