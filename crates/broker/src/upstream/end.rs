//! Ending a login at a provider, and everything that stands on it.

use vestibule_protocol::{Subject, Timestamp};
use vestibule_telemetry::EndCause;

use crate::end_session::Ender;
use crate::record::UpstreamId;
use crate::store::StoreError;

impl Ender {
    /// Ends a login and every session on it. A browser's login on it counts for nothing from then on.
    pub(crate) async fn end_upstream(
        &self,
        id: &UpstreamId,
        now: Timestamp,
        cause: EndCause,
    ) -> Result<(), StoreError> {
        let Some(login) = self.store.end_upstream(id, now).await? else {
            return Ok(());
        };
        for session in self.store.sessions_of_user(&login.subject, now).await? {
            if session.upstream.as_ref() == Some(id) {
                self.end_session(&session.id, now, cause).await?;
            }
        }
        Ok(())
    }

    /// Ends every login and every session of a user.
    pub(crate) async fn end_user(
        &self,
        subject: &Subject,
        now: Timestamp,
        cause: EndCause,
    ) -> Result<(), StoreError> {
        for login in self.store.upstreams_of_user(subject, now).await? {
            self.store.end_upstream(&login.id, now).await?;
        }
        for session in self.store.sessions_of_user(subject, now).await? {
            self.end_session(&session.id, now, cause).await?;
        }
        Ok(())
    }
}
