//! Sessions, the tombstones of ended ones, and who has which.

use std::cmp::Ordering;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use vestibule_broker::record::Session;
use vestibule_broker::store::{
    Opened, Page, PageRequest, Rotated, RotationTerms, Sessions, SessionsOf, StoreError,
};
use vestibule_protocol::{ClientId, SessionId, Subject, Timestamp};

use super::index::Index;
use super::listing;
use crate::embedded::Embedded;
use crate::error::RowError;
use crate::table::{Record, Table};
use crate::trace::Trace;

pub(crate) const SESSIONS: &str = "sessions";
pub(crate) const ENDED: &str = "ended_sessions";

/// The sessions that were opened and those that must not be.
#[derive(Debug)]
pub(crate) struct SessionTables {
    open: Table<SessionId, Session>,
    ended: Table<SessionId, Ended>,
    by_user: Index<Subject, SessionId>,
    by_client: Index<ClientId, SessionId>,
}

/// The id of this session stays shut.
#[derive(Debug, Serialize, Deserialize)]
struct Ended {
    remember_until: Timestamp,
}

impl Record<SessionId> for Session {
    fn expires_at(&self) -> Option<Timestamp> {
        Some(self.ends_at())
    }

    fn belongs_under(&self, key: &SessionId) -> bool {
        self.id == *key
    }
}

impl Record<SessionId> for Ended {
    fn expires_at(&self) -> Option<Timestamp> {
        Some(self.remember_until)
    }
}

impl Default for SessionTables {
    fn default() -> Self {
        Self {
            open: Table::new(SESSIONS),
            ended: Table::new(ENDED),
            by_user: Index::default(),
            by_client: Index::default(),
        }
    }
}

impl SessionTables {
    /// Takes a session from the file.
    pub(crate) fn load(&mut self, key: &[u8], value: &[u8]) -> Result<(), RowError> {
        let session = self.open.load(key, value)?;
        self.by_user.add(&session.identity.subject, &session.id);
        self.by_client.add(&session.client_id, &session.id);
        Ok(())
    }

    /// How many sessions are kept.
    pub(crate) fn count(&self) -> usize {
        self.open.len()
    }

    /// Takes a tombstone from the file.
    pub(crate) fn load_ended(&mut self, key: &[u8], value: &[u8]) -> Result<(), RowError> {
        self.ended.load(key, value).map(drop)
    }

    /// Removes what has expired, within the budget.
    pub(crate) fn sweep(&mut self, now: Timestamp, budget: &mut usize, trace: &mut Trace) {
        let Self {
            open,
            ended,
            by_user,
            by_client,
        } = self;
        open.sweep(now, budget, trace, |id, session| {
            by_user.remove(&session.identity.subject, &id);
            by_client.remove(&session.client_id, &id);
        });
        ended.sweep(now, budget, trace, |_, _| ());
    }

    fn open(&mut self, session: Session, now: Timestamp, trace: &mut Trace) -> Opened {
        if self.ended.find_live(&session.id, now, trace).is_some() {
            return Opened::AlreadyEnded;
        }
        self.remove(&session.id, trace);
        self.by_user.add(&session.identity.subject, &session.id);
        self.by_client.add(&session.client_id, &session.id);
        self.open.put(session.id.clone(), session, trace);
        Opened::Open
    }

    fn rotate(
        &mut self,
        id: &SessionId,
        presented: u64,
        terms: RotationTerms,
        now: Timestamp,
        trace: &mut Trace,
    ) -> Rotated {
        let Some(session) = self.open.find_live(id, now, trace) else {
            return Rotated::Unknown;
        };
        if session.salt != terms.salt {
            return Rotated::Unknown;
        }
        if let Some(bound) = session.dpop_jkt
            && terms.proved != Some(bound)
        {
            return Rotated::OfAnotherKey(bound);
        }
        match presented.cmp(&session.generation) {
            Ordering::Greater => Rotated::Unknown,
            Ordering::Less
                if session.generation - presented == 1 && now < session.rotated_at + terms.grace =>
            {
                Rotated::Repeated(session.current())
            }
            Ordering::Less => Rotated::Reused,
            Ordering::Equal => {
                let rotated = self.open.update(id, trace, |session| {
                    session.generation += 1;
                    session.rotated_at = now;
                    session.idle_until = now + terms.idle;
                    session.recheck_at = terms.recheck_at.or(session.recheck_at);
                    session.dpop_jkt = session.dpop_jkt.or(terms.bind);
                });
                rotated.map_or(Rotated::Unknown, |session| Rotated::Rotated(session.current()))
            }
        }
    }

    fn end(
        &mut self,
        id: &SessionId,
        remember_until: Timestamp,
        now: Timestamp,
        trace: &mut Trace,
    ) -> Option<Session> {
        let remembered = self.ended.find(id, trace).map(|ended| ended.remember_until);
        if remembered.is_none_or(|remembered| remembered < remember_until) {
            self.ended.put(id.clone(), Ended { remember_until }, trace);
        }
        self.remove(id, trace).filter(|session| session.is_live(now))
    }

    fn remove(&mut self, id: &SessionId, trace: &mut Trace) -> Option<Session> {
        let session = self.open.remove(id, trace)?;
        self.by_user.remove(&session.identity.subject, id);
        self.by_client.remove(&session.client_id, id);
        Some(session)
    }

    fn live<'a>(
        &self,
        ids: impl Iterator<Item = &'a SessionId>,
        now: Timestamp,
        trace: &mut Trace,
    ) -> Vec<Session> {
        trace.saw(self.open.last_removal());
        ids.filter_map(|id| self.open.find_live(id, now, trace).cloned())
            .collect()
    }

    fn list(
        &self,
        of: &SessionsOf,
        request: &PageRequest,
        now: Timestamp,
        trace: &mut Trace,
    ) -> Option<Page<Session>> {
        trace.saw(self.open.last_removal());
        let mut find = |id: &SessionId| self.open.find_live(id, now, trace).cloned();
        match of {
            SessionsOf::Anybody => {
                let after = listing::start(request).ok()?;
                let places = self.open.in_order_of_expiry(after.as_ref());
                listing::page(places, request, |(_, id)| find(id))
            }
            SessionsOf::User(subject) => {
                let after = listing::start(request).ok()?;
                listing::page(self.by_user.of_after(subject, after.as_ref()), request, find)
            }
            SessionsOf::Client(client) => {
                let after = listing::start(request).ok()?;
                listing::page(self.by_client.of_after(client, after.as_ref()), request, find)
            }
        }
    }
}

#[async_trait]
impl Sessions for Embedded {
    async fn open_session(&self, session: Session, now: Timestamp) -> Result<Opened, StoreError> {
        self.verb(|image, trace| image.sessions.open(session, now, trace))
            .await
    }

    async fn find_session(&self, id: &SessionId, now: Timestamp) -> Result<Option<Session>, StoreError> {
        self.verb(|image, trace| image.sessions.open.find_live(id, now, trace).cloned())
            .await
    }

    async fn rotate_session(
        &self,
        id: &SessionId,
        presented: u64,
        terms: RotationTerms,
        now: Timestamp,
    ) -> Result<Rotated, StoreError> {
        self.verb(|image, trace| image.sessions.rotate(id, presented, terms, now, trace))
            .await
    }

    async fn end_session(
        &self,
        id: &SessionId,
        remember_until: Timestamp,
        now: Timestamp,
    ) -> Result<Option<Session>, StoreError> {
        self.verb(|image, trace| image.sessions.end(id, remember_until, now, trace))
            .await
    }

    async fn sessions_of_user(&self, subject: &Subject, now: Timestamp) -> Result<Vec<Session>, StoreError> {
        self.verb(|image, trace| {
            let sessions = &image.sessions;
            sessions.live(sessions.by_user.of(subject), now, trace)
        })
        .await
    }

    async fn sessions_of_client(
        &self,
        client: &ClientId,
        now: Timestamp,
    ) -> Result<Vec<Session>, StoreError> {
        self.verb(|image, trace| {
            let sessions = &image.sessions;
            sessions.live(sessions.by_client.of(client), now, trace)
        })
        .await
    }

    async fn list_sessions(
        &self,
        of: &SessionsOf,
        page: &PageRequest,
        now: Timestamp,
    ) -> Result<Option<Page<Session>>, StoreError> {
        self.verb(|image, trace| image.sessions.list(of, page, now, trace))
            .await
    }
}
