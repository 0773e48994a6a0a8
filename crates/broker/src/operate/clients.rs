//! Clients, as an operator looks after them.

use std::time::Duration;

use vestibule_protocol::{ClientDocumentUrl, ClientId};
use vestibule_telemetry::{AdminAction, AdminTarget, AuditEvent, Operator};

use super::record;
use crate::record::{ClientDocument, RegisteredClient, Standing};
use crate::store::{Page, PageRequest, StoreError};
use crate::{Broker, Client};

/// For how long an operator's word on a document is kept: longer than anybody keeps a broker as it is.
const WORD_IS_KEPT: Duration = Duration::from_secs(10 * 365 * 24 * 60 * 60);

/// What is known of one client.
#[derive(Debug, Clone)]
pub enum ClientDetails {
    /// The operator wrote it down.
    Configured(Box<Client>),
    /// It registered itself.
    Registered(Box<RegisteredClient>),
    /// It is known by a document.
    Document(Box<ClientDocument>),
}

/// What came of changing a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClientChange {
    /// It is done, and as many sessions were ended.
    Done {
        /// How many.
        ended_sessions: usize,
    },
    /// The client needs no approval: it is not known by a document.
    NoDocument,
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

    /// A page of the clients that are known by a document, which goes on where [`Broker::list_clients`] ends; nothing if it starts
    /// at a mark that the store does not make.
    ///
    /// # Errors
    /// [`StoreError`] when the store does not answer.
    pub async fn list_client_documents(
        &self,
        page: &PageRequest,
    ) -> Result<Option<Page<ClientDocument>>, StoreError> {
        self.store.list_documents(page, self.now()).await
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
            return Ok(Some(ClientDetails::Configured(Box::new(Client::clone(
                &configured,
            )))));
        }
        if ClientDocumentUrl::is_meant_by(id) {
            let document = self.store.find_document(id, self.now()).await?;
            return Ok(document.map(|document| ClientDetails::Document(Box::new(document))));
        }
        let registered = self.store.find_client(id, self.now()).await?;
        Ok(registered.map(|client| ClientDetails::Registered(Box::new(client))))
    }

    /// Approves a client that is known by a document, whether that was read before or not. A client that is shut out is let in by
    /// it as well.
    ///
    /// # Errors
    /// [`StoreError`] when the store does not answer.
    pub async fn approve_client(&self, by: &Operator, id: &ClientId) -> Result<ClientChange, StoreError> {
        record(by, AdminAction::ApproveClient, target(id));
        if self.configured_clients.find(id).is_some() {
            return Ok(ClientChange::Configured);
        }
        if !ClientDocumentUrl::is_meant_by(id) {
            return Ok(ClientChange::NoDocument);
        }
        self.judge_document(id, Standing::Approved).await?;
        AuditEvent::ClientApproved { client: id }.record();
        Ok(ClientChange::Done { ended_sessions: 0 })
    }

    /// Shuts a client out that registered or is known by a document, and ends its sessions. A document may be shut out before
    /// anybody comes with it.
    ///
    /// # Errors
    /// [`StoreError`] when the store does not answer; blocking it again is safe.
    pub async fn block_client(&self, by: &Operator, id: &ClientId) -> Result<ClientChange, StoreError> {
        record(by, AdminAction::BlockClient, target(id));
        if self.configured_clients.find(id).is_some() {
            return Ok(ClientChange::Configured);
        }
        if ClientDocumentUrl::is_meant_by(id) {
            self.judge_document(id, Standing::Blocked).await?;
        } else if !self.store.block_client(id, true, self.now()).await? {
            return Ok(ClientChange::Unknown);
        }
        AuditEvent::ClientBlocked { client: id }.record();
        let ended_sessions = self.end_sessions_of_client(id).await?;
        Ok(ClientChange::Done { ended_sessions })
    }

    /// Lets a client in again. The sessions that it had stay ended, and one that is known by a document is approved only by
    /// [`Broker::approve_client`].
    ///
    /// # Errors
    /// [`StoreError`] when the store does not answer.
    pub async fn unblock_client(&self, by: &Operator, id: &ClientId) -> Result<ClientChange, StoreError> {
        record(by, AdminAction::UnblockClient, target(id));
        if self.configured_clients.find(id).is_some() {
            return Ok(ClientChange::Configured);
        }
        let known = if ClientDocumentUrl::is_meant_by(id) {
            self.unblock_document(id).await?
        } else {
            self.store.block_client(id, false, self.now()).await?
        };
        if known {
            AuditEvent::ClientUnblocked { client: id }.record();
        }
        Ok(if known {
            ClientChange::Done { ended_sessions: 0 }
        } else {
            ClientChange::Unknown
        })
    }

    /// Forgets a client and ends its sessions. It may come again; blocking it prevents that.
    ///
    /// # Errors
    /// [`StoreError`] when the store does not answer; deleting it again is safe.
    pub async fn delete_client(&self, by: &Operator, id: &ClientId) -> Result<ClientChange, StoreError> {
        record(by, AdminAction::DeleteClient, target(id));
        if self.configured_clients.find(id).is_some() {
            return Ok(ClientChange::Configured);
        }
        let known = if ClientDocumentUrl::is_meant_by(id) {
            self.document_flights.forget(id);
            self.store.forget_document(id, self.now()).await?
        } else {
            self.store.delete_client(id, self.now()).await?
        };
        // Even if somebody else deleted it: their attempt may have failed half way.
        let ended_sessions = self.end_sessions_of_client(id).await?;
        if !known {
            return Ok(ClientChange::Unknown);
        }
        AuditEvent::ClientDeleted { client: id }.record();
        Ok(ClientChange::Done { ended_sessions })
    }
}

impl Broker {
    async fn judge_document(&self, id: &ClientId, standing: Standing) -> Result<(), StoreError> {
        let now = self.now();
        self.document_flights.forget(id);
        self.store
            .judge_document(id, standing, now + WORD_IS_KEPT, now)
            .await
    }

    async fn unblock_document(&self, id: &ClientId) -> Result<bool, StoreError> {
        let Some(known) = self.store.find_document(id, self.now()).await? else {
            return Ok(false);
        };
        if known.standing == Standing::Blocked {
            self.judge_document(id, Standing::Usual).await?;
        }
        Ok(true)
    }
}

fn target(client: &ClientId) -> AdminTarget<'_> {
    AdminTarget {
        client: Some(client),
        ..AdminTarget::default()
    }
}
