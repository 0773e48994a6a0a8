//! Fetching what strangers name: not too much of one host, and not too much at once.

use async_trait::async_trait;
use url::Url;

use crate::limits::Whose;
use crate::{Broker, Document, Documents, FetchError, LimitError};

/// How many documents of strangers are fetched at the same time.
pub(super) const AT_ONCE: usize = 32;

/// The documents of clients, as this broker fetches them.
pub(crate) struct Strangers<'b>(pub(crate) &'b Broker);

#[async_trait]
impl Documents for Strangers<'_> {
    async fn fetch(&self, url: &Url, accept: &'static str) -> Result<Document, FetchError> {
        let Self(broker) = self;
        let host = url.host_str().unwrap_or_default();
        match broker.limits.client_documents.take(Whose::Host(host)).await {
            Ok(()) => {}
            Err(LimitError::Limited(limited)) => return Err(limited.into()),
            Err(LimitError::Store(error)) => return Err(FetchError::Unreachable(error.to_string())),
        }
        let Ok(_place) = broker.document_flights.places().try_acquire() else {
            return Err(FetchError::Unreachable(format!(
                "too many documents are being fetched; {host} is asked again in a moment"
            )));
        };
        broker.documents.fetch(url, accept).await
    }
}
