//! Registered clients.

use async_trait::async_trait;
use vestibule_protocol::{ClientId, Timestamp};

use crate::record::RegisteredClient;
use crate::store::{Page, PageRequest, StoreError};

/// Keeps the clients that registered themselves.
#[async_trait]
pub trait Clients: Send + Sync {
    /// Files the client unless its id is taken by one that has not expired at `now`; then that one's life is renewed to
    /// `client.expires_at` and it is handed back unchanged otherwise.
    async fn register_client(
        &self,
        client: RegisteredClient,
        now: Timestamp,
    ) -> Result<Registered, StoreError>;

    /// Finds a client that has not expired.
    async fn find_client(
        &self,
        id: &ClientId,
        now: Timestamp,
    ) -> Result<Option<RegisteredClient>, StoreError>;

    /// Renews a client's life to `expires_at`, if it is there; never shortens it.
    async fn touch_client(
        &self,
        id: &ClientId,
        expires_at: Timestamp,
        now: Timestamp,
    ) -> Result<(), StoreError>;

    /// Replaces a client's record, if it is there; says whether it was. Whether it is blocked stays as it was.
    async fn replace_client(&self, client: RegisteredClient, now: Timestamp) -> Result<bool, StoreError>;

    /// Shuts a client out, or lets it in again; says whether it is there.
    async fn block_client(&self, id: &ClientId, blocked: bool, now: Timestamp) -> Result<bool, StoreError>;

    /// Forgets a client; says whether it was there.
    async fn delete_client(&self, id: &ClientId, now: Timestamp) -> Result<bool, StoreError>;

    /// A page of the clients that have not expired, blocked or not; nothing if the page starts at a mark that this store does
    /// not make.
    async fn list_clients(
        &self,
        page: &PageRequest,
        now: Timestamp,
    ) -> Result<Option<Page<RegisteredClient>>, StoreError>;
}

/// What came of a registration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Registered {
    /// The client is new.
    New,
    /// The id was there already; this is its record.
    Existing(Box<RegisteredClient>),
}
