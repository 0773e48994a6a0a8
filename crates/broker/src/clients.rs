//! Finding clients.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use vestibule_protocol::{ClientDocumentUrl, ClientId, Timestamp};
use vestibule_telemetry::EndCause;

use crate::client_documents::{FirstReading, NoClient};
use crate::record::RegisteredClient;
use crate::settings::ConfiguredClient;
use crate::store::StoreError;
use crate::{Broker, Client};

/// A registration's life is renewed when it has lost this much of it, so that use costs at most one write a day.
const RENEWAL: Duration = Duration::from_secs(24 * 60 * 60);

/// The clients that the operator wrote down, ready for every request.
pub(crate) struct ConfiguredClients(HashMap<ClientId, Arc<Client>>);

impl ConfiguredClients {
    pub(crate) fn new(configured: &[ConfiguredClient]) -> Self {
        Self(
            configured
                .iter()
                .map(|client| (client.id.clone(), Arc::new(client.into())))
                .collect(),
        )
    }

    pub(crate) fn find(&self, id: &ClientId) -> Option<Arc<Client>> {
        self.0.get(id).cloned()
    }
}

impl Broker {
    /// Finds a client, however it came to be known, blocked or not; its document is taken as it was read last. Asking for a
    /// registered one is using it: its life is renewed, at most once a day.
    ///
    /// # Errors
    /// [`StoreError`] when the store does not answer.
    pub async fn find_client(&self, id: &ClientId) -> Result<Option<Arc<Client>>, StoreError> {
        if let Some(client) = self.configured_clients.find(id) {
            return Ok(Some(client));
        }
        // No client that registered has such an id, and none is looked for among them.
        if ClientDocumentUrl::is_meant_by(id) {
            return self.recall_document(id).await;
        }
        self.find_registered(id).await
    }

    /// Finds a client that asks for something: its document is read again if it has to be.
    pub(crate) async fn admit_client(
        &self,
        id: &ClientId,
        first: FirstReading,
    ) -> Result<Option<Arc<Client>>, NoClient> {
        if let Some(client) = self.configured_clients.find(id) {
            return Ok(Some(client));
        }
        if ClientDocumentUrl::is_meant_by(id) {
            return Box::pin(self.admit_document(id, first)).await.map(Some);
        }
        Ok(self.find_registered(id).await?)
    }

    async fn find_registered(&self, id: &ClientId) -> Result<Option<Arc<Client>>, StoreError> {
        let now = self.now();
        let Some(registered) = self.store.find_client(id, now).await? else {
            return Ok(None);
        };
        self.renew_registration(&registered, now).await?;
        Ok(Some(Arc::new(registered.into())))
    }

    /// Ends every session of a client that is no more, or no more welcome, and counts them.
    pub(crate) async fn end_sessions_of_client(&self, id: &ClientId) -> Result<usize, StoreError> {
        let mut ended = 0;
        for session in self.store.sessions_of_client(id, self.now()).await? {
            ended += usize::from(self.end_session(&session.id, EndCause::ClientGone).await?);
        }
        Ok(ended)
    }

    async fn renew_registration(&self, client: &RegisteredClient, now: Timestamp) -> Result<(), StoreError> {
        let expires_at = now + self.settings.lifetimes.registration;
        if client.blocked || expires_at.since(client.expires_at) < RENEWAL {
            return Ok(());
        }
        self.store.touch_client(&client.id, expires_at, now).await
    }
}
