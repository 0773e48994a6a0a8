//! The one way out: what the guard asks the authorization server for.

#[cfg(feature = "reqwest")]
mod reqwest;

use async_trait::async_trait;
use bytes::Bytes;
use http::header::{ACCEPT, ETAG, IF_NONE_MATCH};
use http::{HeaderValue, Method, Request, Response, StatusCode};
use thiserror::Error;

#[cfg(feature = "reqwest")]
pub use self::reqwest::ReqwestFetch;

/// The largest answer that the guard reads, in bytes.
pub const MAX_ANSWER_BYTES: usize = 4 * 1024 * 1024;

/// Carries one request to the authorization server and brings back its whole answer.
///
/// Whoever implements it follows no redirect, gives up after a few seconds, and reads no more than [`MAX_ANSWER_BYTES`].
#[async_trait]
pub trait Fetch: Send + Sync + 'static {
    /// Sends `request` and returns the answer, whatever its status.
    ///
    /// # Errors
    /// When there is no complete answer.
    async fn fetch(&self, request: Request<Bytes>) -> Result<Response<Bytes>, FetchError>;
}

/// Why there is no answer from the authorization server, or none of use.
#[derive(Debug, Error)]
pub enum FetchError {
    /// The request could not be sent, or its answer was cut short.
    #[error("no answer")]
    Unreachable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The answer is larger than [`MAX_ANSWER_BYTES`].
    #[error("the answer is larger than {MAX_ANSWER_BYTES} bytes")]
    TooLarge,
    /// The answer's status is not the one hoped for.
    #[error("the answer's status is {0}")]
    Status(StatusCode),
}

/// What a conditional request found.
pub(crate) enum Found {
    /// The document that the caller already has.
    Unchanged,
    /// Another one.
    Document { body: Bytes, etag: Option<HeaderValue> },
}

/// Gets the document at `url`, unless it is still the one with `etag`.
pub(crate) async fn get(
    fetch: &dyn Fetch,
    url: &str,
    accept: &'static str,
    etag: Option<&HeaderValue>,
) -> Result<Found, FetchError> {
    let mut request = Request::builder()
        .method(Method::GET)
        .uri(url)
        .header(ACCEPT, accept);
    if let Some(etag) = etag {
        request = request.header(IF_NONE_MATCH, etag);
    }
    let request = request
        .body(Bytes::new())
        .map_err(|error| FetchError::Unreachable(error.into()))?;
    let answer = fetch.fetch(request).await?;
    match answer.status() {
        StatusCode::OK => Ok(Found::Document {
            etag: answer.headers().get(ETAG).cloned(),
            body: answer.into_body(),
        }),
        StatusCode::NOT_MODIFIED if etag.is_some() => Ok(Found::Unchanged),
        other => Err(FetchError::Status(other)),
    }
}
