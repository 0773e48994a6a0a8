//! Clients, as an operator looks after them.

use vestibule_protocol::ClientId;
use vestibule_telemetry::{AdminAction, AdminTarget, AuditEvent, Operator};

use super::record;
use crate::record::RegisteredClient;
use crate::store::{Page, PageRequest, StoreError};
use crate::{Broker, Client};

/// What is known of one client.
#[derive(Debug, Clone)]
pub enum ClientDetails {
    /// The operator wrote it down.
    Configured(Client),
    /// It registered itself.
    Registered(Box<RegisteredClient>),
}

/// What came of changing a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClientChange {
    /// It is done, and as many sessions were ended.
    Done {
        /// How many.
        ended_sessions: usize,
    },
    /// The client is written down in the configuration, where it has to be changed.
    Configured,
    /// There is no such client.
    Unknown,
}

impl Broker {
    /// The clients that the operator wrote down, by their ids.
    pub fn configured_clients(&self) -> Vec<Client> {
        let mut clients: Vec<Client> = self.settings.clients.iter().map(Client::from).collect();
        clients.sort_by(|one, other| one.id().cmp(other.id()));
        clients
    }

    /// A page of the clients that registered themselves; nothing if it starts at a mark that the store does not make.
    ///
    /// # Errors
    /// [`StoreError`] when the store does not answer.
    pub async fn list_clients(
        &self,
        by: &Operator,
        page: &PageRequest,
    ) -> Result<Option<Page<RegisteredClient>>, StoreError> {
        if page.after.is_none() {
            record(by, AdminAction::ListClients, AdminTarget::default());
        }
        self.store.list_clients(page, self.now()).await
    }

    /// Looks at a client, which does not renew its life as a use would.
    ///
    /// # Errors
    /// [`StoreError`] when the store does not answer.
    pub async fn show_client(
        &self,
        by: &Operator,
        id: &ClientId,
    ) -> Result<Option<ClientDetails>, StoreError> {
        record(by, AdminAction::ShowClient, target(id));
        if let Some(configured) = self.configured_clients.find(id) {
            return Ok(Some(ClientDetails::Configured(Client::clone(&configured))));
        }
        let registered = self.store.find_client(id, self.now()).await?;
        Ok(registered.map(|client| ClientDetails::Registered(Box::new(client))))
    }

    /// Shuts a registered client out and ends its sessions.
    ///
    /// # Errors
    /// [`StoreError`] when the store does not answer; blocking it again is safe.
    pub async fn block_client(&self, by: &Operator, id: &ClientId) -> Result<ClientChange, StoreError> {
        record(by, AdminAction::BlockClient, target(id));
        if self.configured_clients.find(id).is_some() {
            return Ok(ClientChange::Configured);
        }
        if !self.store.block_client(id, true, self.now()).await? {
            return Ok(ClientChange::Unknown);
        }
        AuditEvent::ClientBlocked { client: id }.record();
        let ended_sessions = self.end_sessions_of_client(id).await?;
        Ok(ClientChange::Done { ended_sessions })
    }

    /// Lets a registered client in again. The sessions that it had stay ended.
    ///
    /// # Errors
    /// [`StoreError`] when the store does not answer.
    pub async fn unblock_client(&self, by: &Operator, id: &ClientId) -> Result<ClientChange, StoreError> {
        record(by, AdminAction::UnblockClient, target(id));
        if self.configured_clients.find(id).is_some() {
            return Ok(ClientChange::Configured);
        }
        let known = self.store.block_client(id, false, self.now()).await?;
        if known {
            AuditEvent::ClientUnblocked { client: id }.record();
        }
        Ok(if known {
            ClientChange::Done { ended_sessions: 0 }
        } else {
            ClientChange::Unknown
        })
    }

    /// Forgets a registered client and ends its sessions. It may register again; blocking it prevents that.
    ///
    /// # Errors
    /// [`StoreError`] when the store does not answer; deleting it again is safe.
    pub async fn delete_client(&self, by: &Operator, id: &ClientId) -> Result<ClientChange, StoreError> {
        record(by, AdminAction::DeleteClient, target(id));
        if self.configured_clients.find(id).is_some() {
            return Ok(ClientChange::Configured);
        }
        let known = self.store.delete_client(id, self.now()).await?;
        // Even if somebody else deleted it: their attempt may have failed half way.
        let ended_sessions = self.end_sessions_of_client(id).await?;
        if !known {
            return Ok(ClientChange::Unknown);
        }
        AuditEvent::ClientDeleted { client: id }.record();
        Ok(ClientChange::Done { ended_sessions })
    }
}

fn target(client: &ClientId) -> AdminTarget<'_> {
    AdminTarget {
        client: Some(client),
        ..AdminTarget::default()
    }
}
