//! Ending a session, and with it every token that names it.

use std::sync::Arc;
use std::time::Duration;

use vestibule_protocol::{SessionId, Timestamp};
use vestibule_telemetry::{AuditEvent, EndCause};

use crate::record::Session;
use crate::store::{Store, StoreError};
use crate::upstream::Room;
use crate::{Broker, Clock};

/// Ends what has to end. It may outlive the request that asked for it.
#[derive(Clone)]
pub(crate) struct Ender {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) clock: Arc<dyn Clock>,
    /// How many endings may wait for the store.
    pub(crate) room: Room,
    /// How long an ended session's id stays shut.
    remembered: Duration,
}

impl Ender {
    /// Ends a session for good: first its status bit, so that no offline verifier is left behind if the store fails
    /// half way, then the session, then the audit line. Says whether it lived.
    ///
    /// The id stays ended, so that a session which is being opened meanwhile is refused.
    pub(crate) async fn end_session(
        &self,
        sid: &SessionId,
        now: Timestamp,
        cause: EndCause,
    ) -> Result<bool, StoreError> {
        let found = self.store.find_session(sid, now).await?;
        if let Some(session) = &found {
            self.store.set_status(session.status).await?;
        }
        let remember_until = now + self.remembered;
        let Some(session) = self.store.end_session(sid, remember_until, now).await? else {
            return Ok(false);
        };
        if found.is_none() {
            // It was opened between the two looks.
            self.store.set_status(session.status).await?;
        }
        let Session {
            identity, client_id, ..
        } = &session;
        AuditEvent::SessionEnded {
            actor: &identity.subject,
            client: client_id,
            sid,
            cause,
        }
        .record();
        Ok(true)
    }
}

impl Broker {
    /// Ends a session for good, and says whether it lived.
    ///
    /// # Errors
    /// [`StoreError`] when the store does not answer; ending it again is safe.
    pub async fn end_session(&self, sid: &SessionId, cause: EndCause) -> Result<bool, StoreError> {
        // Rare, so it does not lie in the future of every request that might come to it.
        Box::pin(self.ender().end_session(sid, self.now(), cause)).await
    }

    pub(crate) fn ender(&self) -> Ender {
        Ender {
            store: Arc::clone(&self.store),
            clock: Arc::clone(&self.clock),
            room: self.room.clone(),
            remembered: self.settings.lifetimes.code_tombstone,
        }
    }
}
