//! The first use of what an attempt brought: the last that is seen of it here.

use std::time::Duration;

use quick_cache::sync::Cache;
use vestibule_protocol::{SessionId, Timestamp};
use vestibule_telemetry::note_session;

use crate::Broker;
use crate::record::Session;

/// How long after a session was opened its first use belongs to the attempt that opened it.
const WINDOW: Duration = Duration::from_secs(10 * 60);
/// How many sessions are remembered as used.
const MOST: usize = 4096;

/// The sessions whose first use was seen by this replica.
pub(crate) struct FirstUses(Cache<SessionId, ()>);

impl Default for FirstUses {
    fn default() -> Self {
        Self(Cache::new(MOST))
    }
}

impl Broker {
    /// Puts the first use of a young session under the attempt that opened it, and lets every other use point there.
    pub(crate) fn note_use(&self, session: &Session, now: Timestamp) {
        let Some(trace) = session.trace else { return };
        let seen = &self.first_uses.0;
        if now.since(session.opened_at) < WINDOW && seen.get(&session.id).is_none() {
            seen.insert(session.id.clone(), ());
            trace.join();
        } else {
            trace.link();
        }
        note_session(&session.id);
    }
}
