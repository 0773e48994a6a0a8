//! Registered clients.

use async_trait::async_trait;
use vestibule_broker::record::RegisteredClient;
use vestibule_broker::store::{Clients, Page, PageRequest, Registered, StoreError};
use vestibule_protocol::{ClientId, Timestamp};

use super::listing;
use crate::embedded::Embedded;
use crate::table::{Record, Table};
use crate::trace::Trace;

pub(crate) type ClientTable = Table<ClientId, RegisteredClient>;

impl Record<ClientId> for RegisteredClient {
    fn expires_at(&self) -> Option<Timestamp> {
        Some(self.expires_at)
    }

    fn belongs_under(&self, key: &ClientId) -> bool {
        self.id == *key
    }
}

fn register(
    table: &mut ClientTable,
    client: RegisteredClient,
    now: Timestamp,
    trace: &mut Trace,
) -> Registered {
    if let Some(existing) = touch(table, &client.id, client.expires_at, now, trace) {
        return Registered::Existing(Box::new(existing.clone()));
    }
    table.put(client.id.clone(), client, trace);
    Registered::New
}

fn touch<'a>(
    table: &'a mut ClientTable,
    id: &ClientId,
    expires_at: Timestamp,
    now: Timestamp,
    trace: &mut Trace,
) -> Option<&'a RegisteredClient> {
    if table.find_live(id, now, trace)?.expires_at < expires_at {
        table.update(id, trace, |client| client.expires_at = expires_at);
    }
    table.find(id, trace)
}

fn replace(table: &mut ClientTable, mut client: RegisteredClient, now: Timestamp, trace: &mut Trace) -> bool {
    let Some(existing) = table.find_live(&client.id, now, trace) else {
        return false;
    };
    // A client that manages its own record must not lift the operator's block with it.
    client.blocked = existing.blocked;
    if *existing != client {
        table.put(client.id.clone(), client, trace);
    }
    true
}

fn block(table: &mut ClientTable, id: &ClientId, blocked: bool, now: Timestamp, trace: &mut Trace) -> bool {
    let Some(existing) = table.find_live(id, now, trace) else {
        return false;
    };
    if existing.blocked != blocked {
        table.update(id, trace, |client| client.blocked = blocked);
    }
    true
}

fn delete(table: &mut ClientTable, id: &ClientId, now: Timestamp, trace: &mut Trace) -> bool {
    table.find_live(id, now, trace).is_some() && table.remove(id, trace).is_some()
}

fn list(
    table: &ClientTable,
    request: &PageRequest,
    now: Timestamp,
    trace: &mut Trace,
) -> Option<Page<RegisteredClient>> {
    let after = listing::start(request).ok()?;
    trace.saw(table.last_removal());
    listing::page(table.in_order_of_expiry(after.as_ref()), request, |(_, id)| {
        table.find_live(id, now, trace).cloned()
    })
}

#[async_trait]
impl Clients for Embedded {
    async fn register_client(
        &self,
        client: RegisteredClient,
        now: Timestamp,
    ) -> Result<Registered, StoreError> {
        self.verb(|image, trace| register(&mut image.clients, client, now, trace))
            .await
    }

    async fn find_client(
        &self,
        id: &ClientId,
        now: Timestamp,
    ) -> Result<Option<RegisteredClient>, StoreError> {
        self.verb(|image, trace| image.clients.find_live(id, now, trace).cloned())
            .await
    }

    async fn touch_client(
        &self,
        id: &ClientId,
        expires_at: Timestamp,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.verb(|image, trace| {
            touch(&mut image.clients, id, expires_at, now, trace);
        })
        .await
    }

    async fn replace_client(&self, client: RegisteredClient, now: Timestamp) -> Result<bool, StoreError> {
        self.verb(|image, trace| replace(&mut image.clients, client, now, trace))
            .await
    }

    async fn block_client(&self, id: &ClientId, blocked: bool, now: Timestamp) -> Result<bool, StoreError> {
        self.verb(|image, trace| block(&mut image.clients, id, blocked, now, trace))
            .await
    }

    async fn delete_client(&self, id: &ClientId, now: Timestamp) -> Result<bool, StoreError> {
        self.verb(|image, trace| delete(&mut image.clients, id, now, trace))
            .await
    }

    async fn list_clients(
        &self,
        page: &PageRequest,
        now: Timestamp,
    ) -> Result<Option<Page<RegisteredClient>>, StoreError> {
        self.verb(|image, trace| list(&image.clients, page, now, trace))
            .await
    }
}
