//! Clients that are known by the document at their address
//! ([draft-ietf-oauth-client-id-metadata-document-03](https://www.ietf.org/archive/id/draft-ietf-oauth-client-id-metadata-document-03.html)).
//!
//! A document is read when a client asks for something, is kept in the store for as long as its headers allow within bounds, and
//! is read again then. While its host is away, what was read last goes on for a while.

mod change;
mod fetch;
mod flights;
mod refusal;

use std::sync::Arc;
use std::time::Duration;

use vestibule_protocol::{ClientDocumentUrl, ClientId, Timestamp, ValidMetadata, validate_client_document};

pub(crate) use change::edition;
pub(crate) use fetch::Strangers;
pub(crate) use flights::Flights;
pub use refusal::DocumentRefusal;

use crate::limits::Whose;
use crate::record::{ClientDocument, ReadDocument, Standing};
use crate::store::StoreError;
use crate::{Broker, Client, ClientAddress, Document, Documents as _, FetchError};

/// How much longer than it is fresh a document is taken while it cannot be read again.
const GRACE: Duration = Duration::from_secs(24 * 60 * 60);

/// Who may have a document read that was not read before.
#[derive(Debug, Clone, Copy)]
pub(crate) enum FirstReading {
    /// Whoever comes from this address, not too often.
    From(ClientAddress),
    /// Anybody: the operator has named the document.
    Named,
    /// Nobody: what comes here was begun elsewhere.
    Never,
}

/// Why a client is not to be had.
#[derive(Debug)]
pub(crate) enum NoClient {
    /// Its document is not taken.
    Document(Box<DocumentRefusal>),
    /// The store failed.
    Store(StoreError),
}

impl Broker {
    /// The client whose document this is, read again if it has to be.
    pub(crate) async fn admit_document(
        &self,
        id: &ClientId,
        first: FirstReading,
    ) -> Result<Arc<Client>, NoClient> {
        let url = self.document_url(id)?;
        let now = self.now();
        let mut found = self.store.find_document(id, now).await?;
        if found.as_ref().is_none_or(|found| !is_settled(found, now)) {
            found = Some(self.read_again(&url, first, now).await?);
        }
        self.approved(found.ok_or(DocumentRefusal::NeverRead)?)
    }

    /// The client whose document this is, as it was read last; nothing is fetched.
    pub(crate) async fn recall_document(&self, id: &ClientId) -> Result<Option<Arc<Client>>, StoreError> {
        if self.document_url(id).is_err() {
            return Ok(None);
        }
        let found = self.store.find_document(id, self.now()).await?;
        Ok(found.and_then(|found| self.approved(found).ok()))
    }

    /// The address, if the operator lets it in.
    fn document_url(&self, id: &ClientId) -> Result<ClientDocumentUrl, NoClient> {
        let settings = &self.settings.client_documents;
        if !settings.enabled {
            return Err(DocumentRefusal::Disabled.into());
        }
        let url = ClientDocumentUrl::parse(id, settings.hosts).map_err(DocumentRefusal::Address)?;
        if settings.admits(&url) {
            Ok(url)
        } else {
            Err(DocumentRefusal::NotAdmitted(url.host().to_owned()).into())
        }
    }

    fn approved(&self, document: ClientDocument) -> Result<Arc<Client>, NoClient> {
        let waits = self.settings.client_documents.require_approval && document.standing == Standing::Usual;
        if waits {
            return Err(DocumentRefusal::AwaitsApproval(document.id).into());
        }
        Ok(Arc::new(document.into()))
    }

    /// Reads the document, once for all who ask at the same time.
    async fn read_again(
        &self,
        url: &ClientDocumentUrl,
        first: FirstReading,
        now: Timestamp,
    ) -> Result<ClientDocument, NoClient> {
        let flight = self.document_flights.of(url.id());
        let mut flight = flight.lock().await;
        // Somebody else may have read it while we waited.
        let known = self.store.find_document(url.id(), now).await?;
        if let Some(known) = known.as_ref().filter(|known| is_settled(known, now)) {
            return Ok(known.clone());
        }
        let was_read = known.as_ref().is_some_and(|known| known.read.is_some());
        let refusal = match flight.refusal(now) {
            Some(refusal) => refusal,
            None if was_read => match self.read_document(url, known.as_ref(), now).await {
                Ok(read) => return Ok(read),
                Err(NoClient::Document(refusal)) => flight.remember(*refusal, now),
                Err(NoClient::Store(error)) => return Err(error.into()),
            },
            None => match self.read_first(url, known.as_ref(), first, now).await {
                Ok(read) => return Ok(read),
                Err(NoClient::Document(refusal)) => flight.remember(*refusal, now),
                Err(NoClient::Store(error)) => return Err(error.into()),
            },
        };
        match known {
            Some(known) if refusal.is_passing() && is_usable(&known, now) => Ok(known),
            _ => Err(refusal.into()),
        }
    }

    /// Reads a document that was not read before: whoever makes up addresses is counted like whoever registers clients.
    async fn read_first(
        &self,
        url: &ClientDocumentUrl,
        known: Option<&ClientDocument>,
        first: FirstReading,
        now: Timestamp,
    ) -> Result<ClientDocument, NoClient> {
        match first {
            FirstReading::From(address) => {
                self.limits.registration.take(Whose::Address(address)).await?;
            }
            FirstReading::Named => {}
            FirstReading::Never => return Err(DocumentRefusal::NeverRead.into()),
        }
        self.read_document(url, known, now).await
    }

    async fn read_document(
        &self,
        url: &ClientDocumentUrl,
        known: Option<&ClientDocument>,
        now: Timestamp,
    ) -> Result<ClientDocument, NoClient> {
        let document = Strangers(self)
            .fetch(url.url(), "application/json")
            .await
            .map_err(DocumentRefusal::Fetch)?;
        let metadata = self.validate_document(url, &document)?;
        let read = self.read_record(metadata, &document, now);
        let filed = ClientDocument {
            id: url.id().clone(),
            read: Some(read),
            standing: Standing::Usual,
            expires_at: now + self.keeps_documents_for(),
        };
        change::record(known, &filed);
        Ok(self.store.put_document(filed, now).await?)
    }

    /// As long as a registration that is not used, and longer than a session may sleep: its client can refresh when it wakes.
    fn keeps_documents_for(&self) -> Duration {
        let lifetimes = &self.settings.lifetimes;
        lifetimes.registration.max(lifetimes.session_idle + GRACE)
    }

    fn validate_document(
        &self,
        url: &ClientDocumentUrl,
        document: &Document,
    ) -> Result<ValidMetadata, DocumentRefusal> {
        validate_client_document(
            url,
            document.media_type.as_deref(),
            &document.body,
            self.settings.registration.redirects,
        )
        .map_err(|cause| DocumentRefusal::Invalid(url.host().to_owned(), cause))
    }

    /// > The authorization server SHOULD respect HTTP cache headers when caching client metadata, but MAY define its own upper
    /// > and/or lower bounds on an acceptable cache lifetime as well.
    fn read_record(&self, metadata: ValidMetadata, document: &Document, now: Timestamp) -> ReadDocument {
        let (shortest, longest) = self.settings.client_documents.fresh;
        let fresh_for = document.fresh_for.unwrap_or(shortest);
        ReadDocument {
            metadata,
            read_at: now,
            fresh_until: now + fresh_for.min(longest).max(shortest),
        }
    }
}

/// Whether nothing has to be read: the document is fresh, or its client is shut out whatever it says.
fn is_settled(document: &ClientDocument, now: Timestamp) -> bool {
    document.standing == Standing::Blocked
        || document.read.as_ref().is_some_and(|read| now < read.fresh_until)
}

fn is_usable(document: &ClientDocument, now: Timestamp) -> bool {
    let read = document.read.as_ref();
    read.is_some_and(|read| now < read.fresh_until + GRACE)
}

impl From<DocumentRefusal> for NoClient {
    fn from(refusal: DocumentRefusal) -> Self {
        Self::Document(Box::new(refusal))
    }
}

impl From<StoreError> for NoClient {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<crate::LimitError> for NoClient {
    fn from(error: crate::LimitError) -> Self {
        match error {
            crate::LimitError::Limited(limited) => {
                DocumentRefusal::Fetch(FetchError::TooOften(limited)).into()
            }
            crate::LimitError::Store(error) => Self::Store(error),
        }
    }
}
