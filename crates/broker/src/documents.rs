//! Documents of others, fetched by whoever puts the broker together: it knows no HTTP itself.

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use thiserror::Error;
use url::Url;

use crate::Limited;

/// Fetches documents that strangers name.
///
/// Whoever implements it goes to public addresses only, judges them after the name was resolved, follows no redirect, and bounds
/// time and size.
#[async_trait]
pub trait Documents: Send + Sync {
    /// Fetches one document; whatever is not a 200 is an error.
    async fn fetch(&self, url: &Url, accept: &'static str) -> Result<Document, FetchError>;

    /// Fetches one document of somebody of whom the operator says that they may be on a private network.
    async fn fetch_nearby(&self, url: &Url, accept: &'static str) -> Result<Document, FetchError> {
        self.fetch(url, accept).await
    }
}

/// A document that was served with the status 200.
#[derive(Debug, Clone)]
pub struct Document {
    /// What it is served as.
    pub media_type: Option<String>,
    /// For how long it may be kept, if its headers say so ([RFC 9111](https://www.rfc-editor.org/rfc/rfc9111)).
    pub fresh_for: Option<Duration>,
    /// The document.
    pub body: Bytes,
}

/// Why there is no document. The texts name hosts, never a path or a body.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum FetchError {
    /// Its address is none that strangers may name.
    #[error("{0}")]
    Forbidden(String),
    /// Nobody answered, or not in time.
    #[error("{0}")]
    Unreachable(String),
    /// There was another answer.
    #[error("it is answered with the status {0}, and only 200 will do")]
    Status(u16),
    /// It is larger than allowed.
    #[error("{0}")]
    TooLarge(String),
    /// The host was asked too often.
    #[error(transparent)]
    TooOften(#[from] Limited),
}

impl FetchError {
    /// Whether another try may well succeed.
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Unreachable(_) | Self::TooOften(_) => true,
            Self::Status(status) => *status >= 500 || matches!(status, 408 | 429),
            Self::Forbidden(_) | Self::TooLarge(_) => false,
        }
    }
}

/// Fetches nothing: for brokers that take no documents of others.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoDocuments;

#[async_trait]
impl Documents for NoDocuments {
    async fn fetch(&self, _url: &Url, _accept: &'static str) -> Result<Document, FetchError> {
        Err(FetchError::Forbidden(
            "documents of others are not fetched here".to_owned(),
        ))
    }
}
