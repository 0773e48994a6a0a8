//! Calls to the provider, and what their failures mean.

use std::future::Future;
use std::pin::Pin;
use std::time::UNIX_EPOCH;

use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, DATE};
use http::{HeaderValue, Method, Request, Response, StatusCode};
use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse};
use thiserror::Error;
use url::Url;
use vestibule_outbound::{Outbound, OutboundError};
use vestibule_protocol::{Secret, Timestamp};
use vestibule_provider::ProviderError;

/// Why a call brought nothing that could be read.
#[derive(Debug, Error)]
pub(crate) enum CallError {
    /// The provider is away, failing or busy.
    #[error("{0}")]
    Unavailable(String),
    /// The call cannot work as things are set up.
    #[error("{0}")]
    Misconfigured(String),
}

impl From<CallError> for ProviderError {
    fn from(error: CallError) -> Self {
        match error {
            CallError::Unavailable(text) => Self::Unavailable(text),
            CallError::Misconfigured(text) => Self::Misconfigured(text),
        }
    }
}

impl From<OutboundError> for CallError {
    fn from(error: OutboundError) -> Self {
        let text = error.to_string();
        match error {
            OutboundError::Refused { .. } => Self::Misconfigured(format!(
                "{text}; if the provider is on a network of yours, write allow_private_network = true"
            )),
            OutboundError::NotHttps { .. } | OutboundError::SetUp(_) => Self::Misconfigured(text),
            OutboundError::Unreachable { .. }
            | OutboundError::TimedOut { .. }
            | OutboundError::TooLarge { .. } => Self::Unavailable(text),
        }
    }
}

/// Sends what the engine has to ask.
#[derive(Debug, Clone)]
pub(crate) struct Caller(pub(crate) Outbound);

impl Caller {
    /// Asks for a document.
    pub(crate) async fn get(
        &self,
        url: &Url,
        accept: &'static str,
        bearer: Option<&Secret>,
    ) -> Result<Response<Bytes>, CallError> {
        let mut request = request(Method::GET, url, Bytes::new())?;
        request
            .headers_mut()
            .insert(ACCEPT, HeaderValue::from_static(accept));
        if let Some(token) = bearer {
            let mut value = HeaderValue::try_from(format!("Bearer {}", token.expose()))
                .map_err(|_| CallError::Unavailable("the access token does not fit a header".to_owned()))?;
            value.set_sensitive(true);
            request.headers_mut().insert(AUTHORIZATION, value);
        }
        self.send(request).await
    }

    /// Posts a form.
    pub(crate) async fn post(
        &self,
        url: &Url,
        form: String,
        authorization: Option<HeaderValue>,
    ) -> Result<Response<Bytes>, CallError> {
        let mut request = request(Method::POST, url, Bytes::from(form))?;
        let headers = request.headers_mut();
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        headers.insert(
            CONTENT_TYPE,
            HeaderValue::from_static("application/x-www-form-urlencoded"),
        );
        if let Some(value) = authorization {
            headers.insert(AUTHORIZATION, value);
        }
        self.send(request).await
    }

    /// What time the server says it is, to the second.
    pub(crate) async fn date(&self, url: &Url) -> Option<Timestamp> {
        let answer = self.get(url, "application/json", None).await.ok()?;
        let date = httpdate::parse_http_date(answer.headers().get(DATE)?.to_str().ok()?).ok()?;
        let since_epoch = date.duration_since(UNIX_EPOCH).ok()?;
        Some(Timestamp::from_secs(i64::try_from(since_epoch.as_secs()).ok()?))
    }

    /// Sends a request. What comes back is an answer to it: a success, or a refusal with a reason.
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, CallError> {
        let place = format!(
            "{}{}",
            request.uri().host().unwrap_or_default(),
            request.uri().path()
        );
        let answer = self.0.send(request).await?;
        let status = answer.status();
        if status.is_server_error()
            || matches!(
                status,
                StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT
            )
        {
            return Err(CallError::Unavailable(format!("{place} answered with {status}")));
        }
        if status.is_redirection() {
            return Err(CallError::Misconfigured(format!(
                "{place} answered with a redirect, which is not followed; write the address that it leads to"
            )));
        }
        Ok(answer)
    }
}

fn request(method: Method, url: &Url, body: Bytes) -> Result<Request<Bytes>, CallError> {
    Request::builder()
        .method(method)
        .uri(url.as_str())
        .body(body)
        .map_err(|_| {
            CallError::Misconfigured(format!("{} cannot be called", url.host_str().unwrap_or_default()))
        })
}

impl<'c> AsyncHttpClient<'c> for Caller {
    type Error = CallError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, CallError>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(async move {
            let mut answer = self.send(request.map(Bytes::from)).await?;
            // The crate takes `application/json` alone, and 200 alone for a success: it would read any other for a refusal.
            answer.headers_mut().remove(CONTENT_TYPE);
            if answer.status().is_success() {
                *answer.status_mut() = StatusCode::OK;
            }
            // It also reads no further than to the end of a value: with something behind it, the whole is no JSON.
            if serde_json::from_slice::<serde::de::IgnoredAny>(answer.body()).is_err() {
                answer.body_mut().clear();
            }
            Ok(answer.map(|body| body.to_vec()))
        })
    }
}
