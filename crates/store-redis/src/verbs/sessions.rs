//! Sessions: `S`, the times and the generation that a rotation changes, fields; `B` for those that are bound to a key, which stands
//! before the fields; and the tombstones of ended ones: `E`, expiry.

use async_trait::async_trait;
use futures_util::future::{join, try_join_all};
use redis::Value;
use vestibule_broker::record::{Generation, Session};
use vestibule_broker::store::{
    Opened, Page, PageRequest, Rotated, RotationTerms, Sessions, SessionsOf, StoreError,
};
use vestibule_protocol::{ClientId, KeyThumbprint, SessionId, Subject, Timestamp};

use crate::head::{HeadReader, HeadWriter, SLACK, drop_at, milliseconds, value};
use crate::index::{AT_A_TIME, Index};
use crate::link::Repeat;
use crate::pack::{PackError, pack, unpack};
use crate::script::Script;
use crate::store::{Question, RedisStore};

/// The id is the key.
const ELSEWHERE: &[&str] = &[
    "id",
    "idle_until",
    "dies_at",
    "rotated_at",
    "recheck_at",
    "generation",
    "dpop_jkt",
];

fn write(session: &Session) -> Result<Vec<u8>, PackError> {
    let fields = pack(session, ELSEWHERE)?;
    let (kind, key) = match &session.dpop_jkt {
        None => (b'S', [].as_slice()),
        Some(key) => (b'B', key.as_bytes().as_slice()),
    };
    Ok(HeadWriter::new(kind)
        .time(session.idle_until)
        .time(session.dies_at)
        .time(session.rotated_at)
        .maybe_time(session.recheck_at)
        .number(session.generation)
        .then(key)
        .then(&fields)
        .into_bytes())
}

/// Reads a session; nothing from a tombstone.
fn read(id: &SessionId, record: &[u8]) -> Result<Option<Session>, PackError> {
    let (kind, mut head) = HeadReader::new(record)?;
    match kind {
        b'S' | b'B' => {}
        b'E' => return Ok(None),
        _ => return Err(PackError::UnknownKind),
    }
    let (mut generation, dies_at) = read_generation(&mut head)?;
    if kind == b'B' {
        generation.dpop_jkt = Some(read_key(&mut head)?);
    }
    let mut elsewhere = vec![
        ("idle_until", value(generation.idle_until)),
        ("dies_at", value(dies_at)),
        ("rotated_at", value(generation.began_at)),
        (
            "recheck_at",
            generation.recheck_at.map_or(serde_json::Value::Null, value),
        ),
        ("generation", generation.number.into()),
        ("id", id.as_str().into()),
    ];
    if let Some(key) = generation.dpop_jkt {
        elsewhere.push(("dpop_jkt", key.to_string().into()));
    }
    unpack(head.rest(), elsewhere).map(Some)
}

/// Reads what a rotation changes, and when the session dies, which stands among it.
fn read_generation(head: &mut HeadReader<'_>) -> Result<(Generation, Timestamp), PackError> {
    let idle_until = head.time()?;
    let dies_at = head.time()?;
    let generation = Generation {
        idle_until,
        began_at: head.time()?,
        recheck_at: head.maybe_time()?,
        number: head.number()?,
        dpop_jkt: None,
    };
    Ok((generation, dies_at))
}

fn read_key(head: &mut HeadReader<'_>) -> Result<KeyThumbprint, PackError> {
    Ok(KeyThumbprint::of_hash(*head.digest()?.as_bytes()))
}

/// A key, or nothing.
fn key_bytes(key: Option<&KeyThumbprint>) -> &[u8] {
    key.map_or(&[], |key| key.as_bytes())
}

/// Reads what a rotation answers with: the generation, and behind it the key to which the session is bound, if it is.
fn read_answer(answer: &[u8]) -> Result<Generation, PackError> {
    let mut head = HeadReader::bare(answer);
    let (mut generation, _) = read_generation(&mut head)?;
    if !head.is_empty() {
        generation.dpop_jkt = Some(read_key(&mut head)?);
    }
    Ok(generation)
}

impl RedisStore {
    async fn live_sessions(
        &self,
        index: Index,
        owner: &str,
        now: Timestamp,
        theirs: impl Fn(&Session) -> bool,
    ) -> Result<Vec<Session>, StoreError> {
        let ids = self.members(index, owner).await?;
        let ids: Vec<SessionId> = ids.iter().filter_map(|id| SessionId::parse(id).ok()).collect();
        let mut sessions = Vec::new();
        for some in ids.chunks(AT_A_TIME) {
            let found = try_join_all(some.iter().map(|id| self.find_session(id, now))).await?;
            sessions.extend(found.into_iter().flatten().filter(&theirs));
        }
        Ok(sessions)
    }
}

#[async_trait]
impl Sessions for RedisStore {
    async fn open_session(&self, session: Session, now: Timestamp) -> Result<Opened, StoreError> {
        let open = Question::script(Script::OpenSession, &[&self.keys.session(&session.id)])
            .arg(milliseconds(now))
            .arg(drop_at(session.ends_at()))
            .arg(write(&session)?);
        let (id, dies_at) = (session.id.as_str(), session.dies_at);
        let (user, client) = (session.identity.subject.as_str(), session.client_id.as_str());
        let [opened, ..] = self
            .together([
                (open, Repeat::Never),
                (self.entry(Index::SessionsOfUser, user, id, dies_at), Repeat::Once),
                (
                    self.entry(Index::SessionsOfClient, client, id, dies_at),
                    Repeat::Once,
                ),
            ])
            .await?;
        match opened {
            Value::Int(0) => Ok(Opened::AlreadyEnded),
            Value::Int(_) => Ok(Opened::Open),
            _ => Err(PackError::Reply.into()),
        }
    }

    async fn find_session(&self, id: &SessionId, now: Timestamp) -> Result<Option<Session>, StoreError> {
        let record: Option<Vec<u8>> = self
            .read(Question::command("GET", &self.keys.session(id)))
            .await?;
        let found = record.map(|record| read(id, &record)).transpose()?.flatten();
        let found = found.filter(|session| session.is_live(now));
        self.seen.renew(id, found.as_ref());
        Ok(found)
    }

    async fn recall_session(&self, id: &SessionId, now: Timestamp) -> Result<Option<Session>, StoreError> {
        if let Some(session) = self.seen.recall(id, now) {
            return Ok(Some(session));
        }
        let found = self.find_session(id, now).await?;
        if let Some(session) = &found {
            self.seen.note(session);
        }
        Ok(found)
    }

    async fn rotate_session(
        &self,
        id: &SessionId,
        presented: u64,
        terms: RotationTerms,
        now: Timestamp,
    ) -> Result<Rotated, StoreError> {
        let recheck_at = terms.recheck_at.map(|time| milliseconds(time).to_string());
        let key = self.keys.session(id);
        // Whoever lost an answer because Redis went away could not ask again before it was back.
        let grace = self.link.grace(key.as_bytes(), terms.grace).await;
        let question = Question::script(Script::RotateSession, &[&key])
            .arg(milliseconds(now))
            .arg(presented)
            .arg(grace.as_millis().to_string())
            .arg(milliseconds(now + terms.idle))
            .arg(recheck_at.unwrap_or_default())
            .arg(SLACK)
            .arg(key_bytes(terms.bind.as_ref()))
            .arg(key_bytes(terms.proved.as_ref()))
            .arg(pack(&terms.salt, &[])?);
        let rotated: Option<(String, Vec<u8>)> = self.decide(question).await?;
        let Some((outcome, head)) = rotated else {
            self.seen.forget(id);
            return Ok(Rotated::Unknown);
        };
        match outcome.as_str() {
            "rotated" => Ok(Rotated::Rotated(read_answer(&head)?)),
            "repeated" => Ok(Rotated::Repeated(read_answer(&head)?)),
            "reused" => Ok(Rotated::Reused),
            "bound" => {
                self.seen.forget(id);
                Ok(Rotated::OfAnotherKey(read_key(&mut HeadReader::bare(&head))?))
            }
            _ => Err(PackError::Reply.into()),
        }
    }

    async fn end_session(
        &self,
        id: &SessionId,
        remember_until: Timestamp,
        now: Timestamp,
    ) -> Result<Option<Session>, StoreError> {
        let question = Question::script(Script::EndSession, &[&self.keys.session(id)])
            .arg(milliseconds(now))
            .arg(milliseconds(remember_until))
            .arg(SLACK);
        self.seen.forget(id);
        let record: Option<Vec<u8>> = self.decide(question).await?;
        let Some(session) = record.map(|record| read(id, &record)).transpose()?.flatten() else {
            return Ok(None);
        };
        // The session has ended; its entries go by themselves if they cannot be dropped now.
        let (user, client) = (session.identity.subject.as_str(), session.client_id.as_str());
        let dropped = join(
            self.drop_from(Index::SessionsOfUser, user, id.as_str()),
            self.drop_from(Index::SessionsOfClient, client, id.as_str()),
        );
        if let (Err(error), _) | (_, Err(error)) = dropped.await {
            tracing::debug!(%error, "the entries of an ended session stay in their indices for now");
        }
        Ok(Some(session))
    }

    async fn sessions_of_user(&self, subject: &Subject, now: Timestamp) -> Result<Vec<Session>, StoreError> {
        let theirs = |session: &Session| session.identity.subject == *subject;
        self.live_sessions(Index::SessionsOfUser, subject.as_str(), now, theirs)
            .await
    }

    async fn sessions_of_client(
        &self,
        client: &ClientId,
        now: Timestamp,
    ) -> Result<Vec<Session>, StoreError> {
        let theirs = |session: &Session| session.client_id == *client;
        self.live_sessions(Index::SessionsOfClient, client.as_str(), now, theirs)
            .await
    }

    async fn list_sessions(
        &self,
        of: &SessionsOf,
        page: &PageRequest,
        now: Timestamp,
    ) -> Result<Option<Page<Session>>, StoreError> {
        let theirs = |session: &Session| match of {
            SessionsOf::Anybody => true,
            SessionsOf::User(subject) => session.identity.subject == *subject,
            SessionsOf::Client(client) => session.client_id == *client,
        };
        let find = async |id: String| match SessionId::parse(&id) {
            Ok(id) => Ok(self.find_session(&id, now).await?.filter(theirs)),
            Err(_) => Ok(None),
        };
        let members = match of {
            SessionsOf::Anybody => return self.scan('s', page, find).await,
            SessionsOf::User(subject) => self.members(Index::SessionsOfUser, subject.as_str()).await?,
            SessionsOf::Client(client) => self.members(Index::SessionsOfClient, client.as_str()).await?,
        };
        self.leaf(members, page, find).await
    }
}
