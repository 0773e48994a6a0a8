use std::time::Duration;

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use http::{Request, Response};
use reqwest::Client;
use reqwest::redirect::Policy;

use super::{Fetch, FetchError, MAX_ANSWER_BYTES};

/// How long connecting may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);

/// How long the whole answer may take.
const TIMEOUT: Duration = Duration::from_secs(5);

/// The [`Fetch`] over reqwest: no redirects, bounded in time and size.
#[derive(Debug, Clone)]
pub struct ReqwestFetch {
    client: Client,
}

impl ReqwestFetch {
    /// Creates a client with the platform's certificates.
    ///
    /// # Errors
    /// When the TLS library cannot be set up.
    pub fn new() -> Result<Self, FetchError> {
        let client = Client::builder()
            .user_agent(concat!("vestibule-guard/", env!("CARGO_PKG_VERSION")))
            .redirect(Policy::none())
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(TIMEOUT)
            .build()
            .map_err(unreachable)?;
        Ok(Self { client })
    }
}

#[async_trait]
impl Fetch for ReqwestFetch {
    async fn fetch(&self, request: Request<Bytes>) -> Result<Response<Bytes>, FetchError> {
        let request = request.try_into().map_err(unreachable)?;
        let mut answer = self.client.execute(request).await.map_err(unreachable)?;
        let mut body = BytesMut::new();
        while let Some(chunk) = answer.chunk().await.map_err(unreachable)? {
            if body.len() + chunk.len() > MAX_ANSWER_BYTES {
                return Err(FetchError::TooLarge);
            }
            body.extend_from_slice(&chunk);
        }
        let mut response = Response::new(body.freeze());
        *response.status_mut() = answer.status();
        *response.headers_mut() = answer.headers().clone();
        Ok(response)
    }
}

fn unreachable(error: reqwest::Error) -> FetchError {
    // The URL is said by whoever logs this, without the query that a misconfigured endpoint might carry.
    FetchError::Unreachable(error.without_url().into())
}
