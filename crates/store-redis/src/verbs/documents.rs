//! Client metadata documents: `M`, expiry, the operator's word, fields.

use async_trait::async_trait;
use vestibule_broker::record::{ClientDocument, Standing};
use vestibule_broker::store::{ClientDocuments, Page, PageRequest, StoreError};
use vestibule_protocol::{ClientId, Timestamp};

use crate::head::{HeadReader, HeadWriter, SLACK, milliseconds, value};
use crate::pack::{PackError, pack, unpack};
use crate::script::Script;
use crate::store::{Question, RedisStore};

const IN_THE_HEAD: &[&str] = &["expires_at", "standing"];

fn write(document: &ClientDocument) -> Result<Vec<u8>, PackError> {
    let fields = pack(document, IN_THE_HEAD)?;
    Ok(HeadWriter::new(b'M')
        .time(document.expires_at)
        .byte(match document.standing {
            Standing::Usual => 0,
            Standing::Approved => 1,
            Standing::Blocked => 2,
        })
        .then(&fields)
        .into_bytes())
}

fn read(record: &[u8]) -> Result<ClientDocument, PackError> {
    let (kind, mut head) = HeadReader::new(record)?;
    if kind != b'M' {
        return Err(PackError::UnknownKind);
    }
    let expires_at = head.time()?;
    let standing = match head.byte()? {
        0 => Standing::Usual,
        1 => Standing::Approved,
        2 => Standing::Blocked,
        _ => return Err(PackError::UnknownKind),
    };
    let standing = serde_json::to_value(standing)?;
    unpack(
        head.rest(),
        vec![("expires_at", value(expires_at)), ("standing", standing)],
    )
}

#[async_trait]
impl ClientDocuments for RedisStore {
    async fn put_document(
        &self,
        document: ClientDocument,
        now: Timestamp,
    ) -> Result<ClientDocument, StoreError> {
        let question = Question::script(Script::PutDocument, &[&self.keys.document(&document.id)])
            .arg(milliseconds(now))
            .arg(milliseconds(document.expires_at))
            .arg(SLACK)
            .arg(write(&document)?);
        let record: Vec<u8> = self.decide(question).await?;
        Ok(read(&record)?)
    }

    async fn find_document(
        &self,
        id: &ClientId,
        now: Timestamp,
    ) -> Result<Option<ClientDocument>, StoreError> {
        let question = Question::command("GET", &self.keys.document(id));
        let record: Option<Vec<u8>> = self.read(question).await?;
        let found = record.map(|record| read(&record)).transpose()?;
        Ok(found.filter(|document| now < document.expires_at))
    }

    async fn judge_document(
        &self,
        id: &ClientId,
        standing: Standing,
        expires_at: Timestamp,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let unread = ClientDocument {
            id: id.clone(),
            read: None,
            standing,
            expires_at,
        };
        let question = Question::script(Script::JudgeDocument, &[&self.keys.document(id)])
            .arg(milliseconds(now))
            .arg(milliseconds(expires_at))
            .arg(SLACK)
            .arg(write(&unread)?);
        self.decide(question).await
    }

    async fn forget_document(&self, id: &ClientId, now: Timestamp) -> Result<bool, StoreError> {
        let question =
            Question::script(Script::ForgetDocument, &[&self.keys.document(id)]).arg(milliseconds(now));
        self.decide(question).await
    }

    async fn list_documents(
        &self,
        page: &PageRequest,
        now: Timestamp,
    ) -> Result<Option<Page<ClientDocument>>, StoreError> {
        let find = async |id: String| match ClientId::parse(&id) {
            Ok(id) => self.find_document(&id, now).await,
            Err(_) => Ok(None),
        };
        self.scan('m', page, find).await
    }
}
