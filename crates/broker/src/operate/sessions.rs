//! Sessions, as an operator looks after them.

use vestibule_protocol::{ClientId, ResourceUri, SessionId, Subject};
use vestibule_telemetry::{AdminAction, AdminTarget, EndCause, Operator};

use super::record;
use crate::Broker;
use crate::record::Session;
use crate::store::{Cursor, Page, PageRequest, SessionsOf, StoreError};

/// Which sessions are meant: those for which everything holds that is said here.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SessionFilter {
    /// Of this user.
    pub user: Option<Subject>,
    /// Through this client.
    pub client: Option<ClientId>,
    /// For this resource, among others perhaps.
    pub resource: Option<ResourceUri>,
}

impl SessionFilter {
    /// Whether it says nothing, and means every session.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The shortest listing that holds them all.
    fn listing(&self) -> SessionsOf {
        match (&self.user, &self.client) {
            (Some(user), _) => SessionsOf::User(user.clone()),
            (None, Some(client)) => SessionsOf::Client(client.clone()),
            (None, None) => SessionsOf::Anybody,
        }
    }

    fn means(&self, session: &Session) -> bool {
        let has = |resource: &ResourceUri| session.resources.iter().any(|own| own.same_resource(resource));
        self.user
            .as_ref()
            .is_none_or(|user| session.identity.subject == *user)
            && self
                .client
                .as_ref()
                .is_none_or(|client| session.client_id == *client)
            && self.resource.as_ref().is_none_or(has)
    }

    fn target(&self) -> AdminTarget<'_> {
        AdminTarget {
            subject: self.user.as_ref(),
            client: self.client.as_ref(),
            resource: self.resource.as_ref(),
            sid: None,
        }
    }
}

/// What one step of ending many sessions came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndedSessions {
    /// How many were ended.
    pub count: usize,
    /// Where to go on; absent when all have ended that lived when the first step was taken.
    pub next: Option<Cursor>,
}

impl Broker {
    /// A page of the live sessions that the filter means; nothing if it starts at a mark that the store does not make.
    ///
    /// # Errors
    /// [`StoreError`] when the store does not answer.
    pub async fn list_sessions(
        &self,
        by: &Operator,
        filter: &SessionFilter,
        page: &PageRequest,
    ) -> Result<Option<Page<Session>>, StoreError> {
        if page.after.is_none() {
            record(by, AdminAction::ListSessions, filter.target());
        }
        self.meant(filter, page).await
    }

    /// Looks at a live session.
    ///
    /// # Errors
    /// [`StoreError`] when the store does not answer.
    pub async fn show_session(&self, by: &Operator, sid: &SessionId) -> Result<Option<Session>, StoreError> {
        record(by, AdminAction::ShowSession, target(sid));
        self.store.find_session(sid, self.now()).await
    }

    /// Ends one session for good, and says whether it lived.
    ///
    /// # Errors
    /// [`StoreError`] when the store does not answer; ending it again is safe.
    pub async fn end_session_as(&self, by: &Operator, sid: &SessionId) -> Result<bool, StoreError> {
        record(by, AdminAction::EndSessions, target(sid));
        self.end_session(sid, EndCause::EndedByOperator).await
    }

    /// Ends the sessions of one page of those that the filter means; nothing if it starts at a mark that the store does not
    /// make.
    ///
    /// # Errors
    /// [`StoreError`] when the store does not answer; ending them again is safe.
    pub async fn end_sessions(
        &self,
        by: &Operator,
        filter: &SessionFilter,
        page: &PageRequest,
    ) -> Result<Option<EndedSessions>, StoreError> {
        if page.after.is_none() {
            record(by, AdminAction::EndSessions, filter.target());
        }
        let Some(page) = self.meant(filter, page).await? else {
            return Ok(None);
        };
        let mut count = 0;
        for session in &page.records {
            count += usize::from(self.end_session(&session.id, EndCause::EndedByOperator).await?);
        }
        Ok(Some(EndedSessions {
            count,
            next: page.next,
        }))
    }

    async fn meant(
        &self,
        filter: &SessionFilter,
        page: &PageRequest,
    ) -> Result<Option<Page<Session>>, StoreError> {
        let page = self
            .store
            .list_sessions(&filter.listing(), page, self.now())
            .await?;
        Ok(page.map(|mut page| {
            page.records.retain(|session| filter.means(session));
            page
        }))
    }
}

fn target(sid: &SessionId) -> AdminTarget<'_> {
    AdminTarget {
        sid: Some(sid),
        ..AdminTarget::default()
    }
}
