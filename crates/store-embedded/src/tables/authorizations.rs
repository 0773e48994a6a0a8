//! Authorizations in progress.

use async_trait::async_trait;
use vestibule_broker::Digest;
use vestibule_broker::record::Authorization;
use vestibule_broker::store::{Advance, Authorizations, StoreError, Taken};
use vestibule_protocol::Timestamp;

use crate::embedded::Embedded;
use crate::table::{Record, Table};
use crate::trace::Trace;

pub(crate) type AuthorizationTable = Table<Digest, Authorization>;

impl Record<Digest> for Authorization {
    fn expires_at(&self) -> Option<Timestamp> {
        Some(self.expires_at)
    }
}

fn advance(
    table: &mut AuthorizationTable,
    ticket: Digest,
    next: Authorization,
    now: Timestamp,
    trace: &mut Trace,
) -> Advance {
    match table.find_live(&ticket, now, trace) {
        None => Advance::Unknown,
        Some(current) if current.step.checked_add(1) != Some(next.step) => Advance::Stale,
        Some(_) => {
            table.put(ticket, next, trace);
            Advance::Advanced
        }
    }
}

fn take(
    table: &mut AuthorizationTable,
    ticket: Digest,
    step: u64,
    now: Timestamp,
    trace: &mut Trace,
) -> Taken {
    match table.find_live(&ticket, now, trace) {
        None => Taken::Unknown,
        Some(current) if current.step != step => Taken::Stale,
        Some(_) => table
            .remove(&ticket, trace)
            .map_or(Taken::Unknown, |current| Taken::Taken(Box::new(current))),
    }
}

#[async_trait]
impl Authorizations for Embedded {
    async fn begin_authorization(
        &self,
        ticket: Digest,
        authorization: Authorization,
    ) -> Result<(), StoreError> {
        self.verb(|image, trace| image.authorizations.put(ticket, authorization, trace))
            .await
    }

    async fn find_authorization(
        &self,
        ticket: Digest,
        now: Timestamp,
    ) -> Result<Option<Authorization>, StoreError> {
        self.verb(|image, trace| image.authorizations.find_live(&ticket, now, trace).cloned())
            .await
    }

    async fn advance_authorization(
        &self,
        ticket: Digest,
        next: Authorization,
        now: Timestamp,
    ) -> Result<Advance, StoreError> {
        self.verb(|image, trace| advance(&mut image.authorizations, ticket, next, now, trace))
            .await
    }

    async fn take_authorization(
        &self,
        ticket: Digest,
        step: u64,
        now: Timestamp,
    ) -> Result<Taken, StoreError> {
        self.verb(|image, trace| take(&mut image.authorizations, ticket, step, now, trace))
            .await
    }
}
