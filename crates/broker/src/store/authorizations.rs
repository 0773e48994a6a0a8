//! Authorizations in progress, filed under the digest of their ticket.

use async_trait::async_trait;
use vestibule_protocol::Timestamp;

use crate::Digest;
use crate::record::Authorization;
use crate::store::StoreError;

/// Keeps authorizations in progress.
#[async_trait]
pub trait Authorizations: Send + Sync {
    /// Files a new authorization.
    async fn begin_authorization(
        &self,
        ticket: Digest,
        authorization: Authorization,
    ) -> Result<(), StoreError>;

    /// Finds an authorization that has not expired.
    async fn find_authorization(
        &self,
        ticket: Digest,
        now: Timestamp,
    ) -> Result<Option<Authorization>, StoreError>;

    /// Replaces the authorization if it still stands at the step before `next.step`.
    async fn advance_authorization(
        &self,
        ticket: Digest,
        next: Authorization,
        now: Timestamp,
    ) -> Result<Advance, StoreError>;

    /// Removes the authorization and hands it over, if it still stands at `step`. Only one caller ever gets it.
    async fn take_authorization(
        &self,
        ticket: Digest,
        step: u64,
        now: Timestamp,
    ) -> Result<Taken, StoreError>;
}

/// What came of an advance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Advance {
    /// The authorization has moved on.
    Advanced,
    /// Somebody moved it before.
    Stale,
    /// There is no such authorization, or it has expired.
    Unknown,
}

/// What came of a take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Taken {
    /// Here it is, and nobody else gets it.
    Taken(Box<Authorization>),
    /// Somebody moved it before.
    Stale,
    /// There is no such authorization, or it has expired.
    Unknown,
}
