use std::time::Duration;

use http::{HeaderMap, HeaderName, StatusCode, header};
use reqwest::redirect::Policy;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::json;
use thiserror::Error;
use url::Url;
use vestibule_protocol::Secret;

use crate::{ForeignText, Limits, form::Form};

/// Why a server could not be asked, or its answer not be used.
#[derive(Debug, Error)]
pub enum HttpError {
    /// No connection, or one that broke.
    #[error("{url} could not be reached: {cause}")]
    Unreachable {
        /// Where the request went.
        url: String,
        /// What the network said.
        cause: ForeignText,
    },
    /// The limit of time ran out.
    #[error("{url} did not answer in full within {limit:?}")]
    TimedOut {
        /// Where the request went.
        url: String,
        /// The limit.
        limit: Duration,
    },
    /// The limit of size ran out.
    #[error("{url} answered with more than {limit} bytes, which no such answer needs")]
    TooLarge {
        /// Where the request went.
        url: String,
        /// The limit, in bytes.
        limit: usize,
    },
    /// The server pointed elsewhere; secrets never follow.
    #[error(
        "{url} redirects to {location} with {status}, and redirects are not followed; \
         its owner must name the address that answers"
    )]
    Redirected {
        /// Where the request went.
        url: String,
        /// The status.
        status: StatusCode,
        /// Where the server pointed.
        location: ForeignText,
    },
    /// The answer is not the JSON document that was asked for. Its text stays out of the message, for it
    /// may hold tokens.
    #[error("{url} answered with something else than the {wanted} (line {line}, column {column})")]
    NotUnderstood {
        /// Where the request went.
        url: String,
        /// The document that was asked for.
        wanted: &'static str,
        /// Where reading failed.
        line: usize,
        /// Where reading failed.
        column: usize,
    },
    /// The TLS library could not be set up.
    #[error("the HTTP client could not be set up: {0}")]
    Setup(#[source] reqwest::Error),
}

/// The one way out: bounded in time and size, without redirects.
#[derive(Debug, Clone)]
pub(crate) struct Http {
    client: reqwest::Client,
    limits: Limits,
}

/// A whole answer.
pub(crate) struct Answer {
    pub(crate) url: Url,
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    body: Vec<u8>,
}

impl Http {
    pub(crate) fn new(limits: Limits) -> Result<Self, HttpError> {
        let client = reqwest::Client::builder()
            .connect_timeout(limits.connect)
            .redirect(Policy::none())
            .no_proxy()
            .user_agent(concat!("vestibule/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(HttpError::Setup)?;
        Ok(Self { client, limits })
    }

    /// The client below, for the streams of MCP, which last longer than an answer may take.
    pub(crate) fn streaming(&self) -> reqwest::Client {
        self.client.clone()
    }

    pub(crate) async fn get(&self, url: &Url) -> Result<Answer, HttpError> {
        let request = self.client.get(url.clone());
        self.send(url, request.header(header::ACCEPT, "application/json"))
            .await
    }

    pub(crate) async fn post_json<T: Serialize>(
        &self,
        url: &Url,
        accept: &'static str,
        body: &T,
    ) -> Result<Answer, HttpError> {
        let request = self.client.post(url.clone()).json(body);
        self.send(url, request.header(header::ACCEPT, accept)).await
    }

    pub(crate) async fn post_form(
        &self,
        url: &Url,
        headers: HeaderMap,
        form: Form,
    ) -> Result<Answer, HttpError> {
        let request = self
            .client
            .post(url.clone())
            .headers(headers)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::ACCEPT, "application/json")
            .body(form.into_body());
        self.send(url, request).await
    }

    /// Knocks at an MCP server with a message that changes nothing there; `ping` opens no session at a server that answers it.
    pub(crate) async fn knock(&self, url: &Url, headers: HeaderMap) -> Result<Answer, HttpError> {
        let ping = json!({"jsonrpc": "2.0", "id": 1, "method": "ping"});
        let request = self.client.post(url.clone()).json(&ping).headers(headers);
        let accept = "application/json, text/event-stream";
        self.send(url, request.header(header::ACCEPT, accept)).await
    }

    /// Gets what a browser would get, with this header, and takes a redirect for an answer.
    pub(crate) async fn visit(&self, url: &Url, header: (HeaderName, &str)) -> Result<Answer, HttpError> {
        let request = self.client.get(url.clone()).header(header.0, header.1);
        self.bounded(url, request).await
    }

    /// Removes what stands at `url` with a Bearer token.
    pub(crate) async fn delete(&self, url: &Url, token: &Secret) -> Result<Answer, HttpError> {
        let request = self.client.delete(url.clone()).bearer_auth(token.expose());
        self.send(url, request).await
    }

    async fn send(&self, url: &Url, request: reqwest::RequestBuilder) -> Result<Answer, HttpError> {
        let answer = self.bounded(url, request).await?;
        if answer.status.is_redirection() {
            return Err(HttpError::Redirected {
                url: url.to_string(),
                status: answer.status,
                location: ForeignText::line(answer.header(&header::LOCATION).unwrap_or("nowhere")),
            });
        }
        Ok(answer)
    }

    async fn bounded(&self, url: &Url, request: reqwest::RequestBuilder) -> Result<Answer, HttpError> {
        let limit = self.limits.answer;
        tokio::time::timeout(limit, self.exchange(url, request))
            .await
            .unwrap_or_else(|_| {
                Err(HttpError::TimedOut {
                    url: url.to_string(),
                    limit,
                })
            })
    }

    async fn exchange(&self, url: &Url, request: reqwest::RequestBuilder) -> Result<Answer, HttpError> {
        let unreachable = |error| HttpError::Unreachable {
            url: url.to_string(),
            cause: cause(&error),
        };
        let limit = self.limits.body;
        let mut response = request.send().await.map_err(unreachable)?;
        let (status, headers) = (response.status(), response.headers().clone());
        let mut body = Vec::new();
        // An event stream never ends by itself, and nothing that is asked for here is one.
        if !is_event_stream(&headers) {
            while let Some(chunk) = response.chunk().await.map_err(unreachable)? {
                if body.len() + chunk.len() > limit {
                    return Err(HttpError::TooLarge {
                        url: url.to_string(),
                        limit,
                    });
                }
                body.extend_from_slice(&chunk);
            }
        }
        Ok(Answer {
            url: url.clone(),
            status,
            headers,
            body,
        })
    }
}

impl Answer {
    /// The text of a header, if it is one.
    pub(crate) fn header(&self, name: &HeaderName) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Whether the body says that it is JSON.
    pub(crate) fn is_json(&self) -> bool {
        self.header(&header::CONTENT_TYPE)
            .is_some_and(|kind| kind.starts_with("application/json"))
    }

    /// Reads the body as the JSON document named by `wanted`.
    pub(crate) fn json<T: DeserializeOwned>(&self, wanted: &'static str) -> Result<T, HttpError> {
        serde_json::from_slice(&self.body).map_err(|error| HttpError::NotUnderstood {
            url: self.url.to_string(),
            wanted,
            line: error.line(),
            column: error.column(),
        })
    }
}

fn is_event_stream(headers: &HeaderMap) -> bool {
    headers
        .get(header::CONTENT_TYPE)
        .is_some_and(|value| value.as_bytes().starts_with(b"text/event-stream"))
}

/// The innermost cause, which is the one that a person can act on ("Connection refused").
pub(crate) fn cause(error: &reqwest::Error) -> ForeignText {
    let mut innermost: &dyn std::error::Error = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    ForeignText::line(&innermost.to_string())
}
