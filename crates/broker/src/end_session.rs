//! Ending a session, and with it every token that names it.

use vestibule_protocol::SessionId;
use vestibule_telemetry::{AuditEvent, EndCause};

use crate::Broker;
use crate::record::Session;
use crate::store::StoreError;

impl Broker {
    /// Ends a session for good: first its status bit, so that no offline verifier is left behind if the store fails
    /// half way, then the session, then the audit line. Says whether it lived.
    ///
    /// The id stays ended, so that a session which is being opened meanwhile is refused.
    ///
    /// # Errors
    /// [`StoreError`] when the store does not answer; ending it again is safe.
    pub async fn end_session(&self, sid: &SessionId, cause: EndCause) -> Result<bool, StoreError> {
        let now = self.now();
        let found = self.store.find_session(sid, now).await?;
        if let Some(session) = &found {
            self.store.set_status(session.status).await?;
        }
        let remember_until = now + self.settings.lifetimes.code_tombstone;
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
