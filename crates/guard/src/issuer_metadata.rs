use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwapOption;
use bytes::Bytes;
use http::StatusCode;
use serde::Deserialize;
use thiserror::Error;
use tokio::sync::Mutex;
use tokio::time::Instant;
use url::Url;
use vestibule_protocol::Issuer;

use crate::fetch::{Fetch, FetchError, Found, get};

/// For how long the metadata counts before it is looked at again.
const KEEP_FOR: Duration = Duration::from_secs(300);

/// How soon after one attempt another one is made.
const COOLDOWN: Duration = Duration::from_secs(1);

/// The issuer's own description of itself, kept for a while, and for longer while it is away.
pub(crate) struct IssuerMetadata {
    issuer: Issuer,
    fetch: Arc<dyn Fetch>,
    known: ArcSwapOption<Described>,
    last_attempt: Mutex<Option<Instant>>,
}

/// What the guard reads of the metadata, and the document as it came.
pub(crate) struct Described {
    /// The document, byte for byte.
    pub(crate) document: Bytes,
    jwks_uri: Option<String>,
    introspection_endpoint: Option<String>,
    fetched_at: Instant,
}

/// Why the issuer's metadata is of no use.
#[derive(Debug, Error)]
pub enum MetadataError {
    /// There is no answer at any of the well-known places.
    #[error("the issuer's metadata cannot be fetched")]
    Fetch(#[source] FetchError),
    /// The document is not the JSON that RFC 8414 describes.
    #[error("the issuer's metadata cannot be read")]
    Unreadable(#[source] serde_json::Error),
    /// The document speaks for another issuer.
    #[error("the metadata at {expected} says that its issuer is {found}")]
    WrongIssuer {
        /// The configured issuer.
        expected: String,
        /// What the document says.
        found: String,
    },
    /// The document lacks an endpoint that the guard needs.
    #[error("the issuer's metadata has no `{0}`")]
    Lacks(&'static str),
    /// The document sends the guard to another origin.
    #[error(
        "`{member}` of the issuer's metadata is not on the issuer's own origin; name it to the guard if it is right"
    )]
    ElsewhereEndpoint {
        /// The member that does.
        member: &'static str,
    },
    /// An attempt was made a moment ago.
    #[error("the issuer's metadata was asked for a moment ago")]
    CoolingDown,
}

#[derive(Deserialize)]
struct Document {
    issuer: String,
    jwks_uri: Option<String>,
    introspection_endpoint: Option<String>,
}

impl IssuerMetadata {
    pub(crate) fn new(issuer: Issuer, fetch: Arc<dyn Fetch>) -> Self {
        Self {
            issuer,
            fetch,
            known: ArcSwapOption::empty(),
            last_attempt: Mutex::new(None),
        }
    }

    pub(crate) async fn jwks_uri(&self) -> Result<String, MetadataError> {
        let described = self.find().await?;
        self.own_endpoint("jwks_uri", described.jwks_uri.as_deref())
    }

    pub(crate) async fn introspection_endpoint(&self) -> Result<String, MetadataError> {
        let described = self.find().await?;
        self.own_endpoint(
            "introspection_endpoint",
            described.introspection_endpoint.as_deref(),
        )
    }

    /// Drops what is known, so that an issuer that moved its endpoints is asked again.
    pub(crate) fn forget(&self) {
        self.known.store(None);
    }

    /// Returns the metadata, fetching it when it is not known or old. One flight at a time: whoever waited for the lock finds
    /// what the one before them fetched.
    pub(crate) async fn find(&self) -> Result<Arc<Described>, MetadataError> {
        if let Some(known) = self.fresh() {
            return Ok(known);
        }
        let mut last_attempt = self.last_attempt.lock().await;
        if let Some(known) = self.fresh() {
            return Ok(known);
        }
        let known = self.known.load_full();
        if last_attempt.is_some_and(|at| at.elapsed() < COOLDOWN) {
            return known.ok_or(MetadataError::CoolingDown);
        }
        *last_attempt = Some(Instant::now());
        match (self.fetch_described().await, known) {
            (Ok(described), _) => {
                let described = Arc::new(described);
                self.known.store(Some(Arc::clone(&described)));
                Ok(described)
            }
            (Err(error), Some(known)) => {
                let error: &dyn std::error::Error = &error;
                tracing::warn!(error, "the issuer's metadata stays as it was");
                Ok(known)
            }
            (Err(error), None) => Err(error),
        }
    }

    fn fresh(&self) -> Option<Arc<Described>> {
        let known = self.known.load_full();
        known.filter(|known| known.fetched_at.elapsed() < KEEP_FOR)
    }

    async fn fetch_described(&self) -> Result<Described, MetadataError> {
        let document = self.fetch_document().await?;
        let read: Document = serde_json::from_slice(&document).map_err(MetadataError::Unreadable)?;
        // RFC 8414 §3.3: "The "issuer" value returned MUST be identical to the authorization server's issuer identifier
        // value [...]. If these values are not identical, the data contained in the response MUST NOT be used."
        if read.issuer != self.issuer.as_str() {
            return Err(MetadataError::WrongIssuer {
                expected: self.issuer.to_string(),
                found: read.issuer,
            });
        }
        Ok(Described {
            document,
            jwks_uri: read.jwks_uri,
            introspection_endpoint: read.introspection_endpoint,
            fetched_at: Instant::now(),
        })
    }

    async fn fetch_document(&self) -> Result<Bytes, MetadataError> {
        let issuer = self.issuer.as_str();
        let path = self.issuer.path();
        let origin = issuer.strip_suffix(path).unwrap_or(issuer);
        let oauth = format!("{origin}/.well-known/oauth-authorization-server{path}");
        let openid = format!("{issuer}/.well-known/openid-configuration");
        match self.fetch_from(&oauth).await {
            Err(FetchError::Status(StatusCode::NOT_FOUND)) => self.fetch_from(&openid).await,
            other => other,
        }
        .map_err(MetadataError::Fetch)
    }

    async fn fetch_from(&self, url: &str) -> Result<Bytes, FetchError> {
        match get(self.fetch.as_ref(), url, "application/json", None).await? {
            Found::Document { body, .. } => Ok(body),
            Found::Unchanged => Err(FetchError::Status(StatusCode::NOT_MODIFIED)),
        }
    }

    fn own_endpoint(&self, member: &'static str, url: Option<&str>) -> Result<String, MetadataError> {
        let url = url.ok_or(MetadataError::Lacks(member))?;
        if is_on_origin_of(&self.issuer, url) {
            Ok(url.to_owned())
        } else {
            Err(MetadataError::ElsewhereEndpoint { member })
        }
    }
}

/// Says whether `url` is on the issuer's origin: the guard goes nowhere else on the word of a document or a token.
pub(crate) fn is_on_origin_of(issuer: &Issuer, url: &str) -> bool {
    Url::parse(url).is_ok_and(|url| url.origin() == issuer.url().origin())
}
