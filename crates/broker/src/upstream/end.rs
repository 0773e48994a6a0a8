//! Ending a login at a provider, and everything that stands on it.

use vestibule_protocol::{ProviderId, Subject, Timestamp};
use vestibule_provider::Whose;
use vestibule_telemetry::EndCause;

use super::farewell;
use crate::end_session::Ender;
use crate::record::{Called, UpstreamId};
use crate::store::StoreError;

/// Something that has to end.
#[derive(Debug, Clone)]
pub(crate) enum Ending {
    /// A login at a provider.
    Login(UpstreamId, EndCause),
    /// What a provider says has logged out.
    Notice(ProviderId, Whose),
}

impl Ender {
    /// Ends what has to end. Once it succeeds nothing is left; whoever is interrupted begins again.
    pub(super) async fn end(&self, ending: &Ending, now: Timestamp) -> Result<(), StoreError> {
        match ending {
            Ending::Login(id, cause) => self.end_upstream(id, now, *cause).await,
            Ending::Notice(provider, whose) => self.end_as_told(provider, whose, now).await,
        }
    }

    /// Ends a login and every session on it, also those that an earlier try has left. A browser's login on it counts for nothing
    /// from then on.
    pub(crate) async fn end_upstream(
        &self,
        id: &UpstreamId,
        now: Timestamp,
        cause: EndCause,
    ) -> Result<(), StoreError> {
        let Some(login) = self.store.find_upstream(id, now).await? else {
            return Ok(());
        };
        self.store.end_upstream(id, now).await?;
        for session in self.store.sessions_of_user(&login.subject, now).await? {
            if session.upstream.as_ref() == Some(id) {
                self.end_session(&session.id, now, cause).await?;
            }
        }
        Ok(())
    }

    /// Ends what a provider's notice names. The mark is left first: a login that is just coming in looks for it after it was filed,
    /// so one of the two sees the other.
    async fn end_as_told(
        &self,
        provider: &ProviderId,
        whose: &Whose,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        farewell::leave_mark(self.store.as_ref(), provider, whose, now).await?;
        let called = match whose {
            Whose::Login { sid } => Called::Sid(sid.clone()),
            Whose::Called { sub } => Called::Sub(sub.clone()),
            Whose::User(subject) => return self.end_user(subject, now).await,
        };
        for login in self.store.upstreams_called(provider, &called, now).await? {
            self.end_upstream(&login.id, now, EndCause::LoggedOutAtProvider)
                .await?;
        }
        Ok(())
    }

    /// Ends every login and every session of a user.
    async fn end_user(&self, subject: &Subject, now: Timestamp) -> Result<(), StoreError> {
        for login in self.store.upstreams_of_user(subject, now).await? {
            self.store.end_upstream(&login.id, now).await?;
        }
        for session in self.store.sessions_of_user(subject, now).await? {
            self.end_session(&session.id, now, EndCause::LoggedOutAtProvider)
                .await?;
        }
        Ok(())
    }
}
