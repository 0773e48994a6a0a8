//! Sessions as this replica saw them last.
//!
//! Most of a session never changes. With what is remembered of it a refresh can be judged without reading it again; the rotation, which
//! is one script, decides whether the session lives, is the same one, and stands at the generation and the key that are shown.

use std::sync::Arc;

use quick_cache::sync::Cache;
use vestibule_broker::record::Session;
use vestibule_protocol::{SessionId, Timestamp};

/// How many are remembered: about ten megabytes.
const REMEMBERED: usize = 8192;

/// What is remembered.
pub(crate) struct SeenSessions(Cache<SessionId, Arc<Session>>);

impl Default for SeenSessions {
    fn default() -> Self {
        Self(Cache::new(REMEMBERED))
    }
}

impl SeenSessions {
    /// The session as it was, if it lived at `now` even then.
    pub(crate) fn recall(&self, id: &SessionId, now: Timestamp) -> Option<Session> {
        let session = self.0.get(id)?;
        session.is_live(now).then(|| Session::clone(&session))
    }

    /// Remembers a session as it is.
    pub(crate) fn note(&self, session: &Session) {
        self.0.insert(session.id.clone(), Arc::new(session.clone()));
    }

    /// Remembers a session as it is, or that it is no more, if it is remembered at all.
    pub(crate) fn renew(&self, id: &SessionId, session: Option<&Session>) {
        match session {
            Some(session) if self.0.peek(id).is_some() => self.note(session),
            Some(_) => {}
            None => self.forget(id),
        }
    }

    /// Forgets a session.
    pub(crate) fn forget(&self, id: &SessionId) {
        self.0.remove(id);
    }
}
