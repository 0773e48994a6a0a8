//! The documents that clients and trusted issuers name, fetched over the bounded client.

mod freshness;

use std::time::Duration;

use async_trait::async_trait;
use axum::body::Bytes;
use axum::http::header::{ACCEPT, CONTENT_TYPE};
use axum::http::{HeaderValue, Request, StatusCode};
use url::Url;
use vestibule_broker::settings::{IssuerKeys, IssuerNetwork, TrustedIssuer};
use vestibule_broker::{Document, Documents, FetchError};
use vestibule_outbound::{Limits, Outbound, OutboundError, Reach};
use vestibule_protocol::DocumentHosts;

/// Longer than any document of a client is, and long enough for its host to answer.
const LIMITS: Limits = Limits {
    time: Duration::from_secs(3),
    body: 64 * 1024,
};

/// Fetches from public addresses alone, or from this machine as well; for issuers of whom the operator says so, from private
/// networks too.
pub(super) struct ClientHosts {
    public: Outbound,
    nearby: Option<Outbound>,
}

impl ClientHosts {
    pub(super) fn new(hosts: DocumentHosts, issuers: &[TrustedIssuer]) -> anyhow::Result<Self> {
        let reach = match hosts {
            DocumentHosts::Named => Reach::Public,
            DocumentHosts::AlsoThisMachine => Reach::PublicOrLoopback,
        };
        let nearby = issuers.iter().any(|issuer| {
            matches!(
                issuer.keys,
                IssuerKeys::At(_, IssuerNetwork::AlsoPrivate)
                    | IssuerKeys::Published(_, IssuerNetwork::AlsoPrivate)
            )
        });
        Ok(Self {
            public: Outbound::new(reach, LIMITS)?,
            nearby: nearby
                .then(|| Outbound::new(Reach::Private, LIMITS))
                .transpose()?,
        })
    }
}

#[async_trait]
impl Documents for ClientHosts {
    async fn fetch(&self, url: &Url, accept: &'static str) -> Result<Document, FetchError> {
        fetch(&self.public, url, accept).await
    }

    async fn fetch_nearby(&self, url: &Url, accept: &'static str) -> Result<Document, FetchError> {
        fetch(self.nearby.as_ref().unwrap_or(&self.public), url, accept).await
    }
}

async fn fetch(outbound: &Outbound, url: &Url, accept: &'static str) -> Result<Document, FetchError> {
    let request = Request::get(url.as_str())
        .header(ACCEPT, HeaderValue::from_static(accept))
        .body(Bytes::new())
        .map_err(|_| FetchError::Forbidden("its address cannot be called".to_owned()))?;
    let answer = outbound.send(request).await.map_err(|error| explain(&error))?;
    // "The authorization server MUST treat all other HTTP status codes as an error response", and a redirect is one.
    if answer.status() != StatusCode::OK {
        return Err(FetchError::Status(answer.status().as_u16()));
    }
    let media_type = answer.headers().get(CONTENT_TYPE);
    Ok(Document {
        media_type: media_type
            .and_then(|value| value.to_str().ok())
            .map(str::to_owned),
        fresh_for: freshness::of(answer.headers()),
        body: answer.into_body(),
    })
}

fn explain(error: &OutboundError) -> FetchError {
    let text = error.to_string();
    match error {
        OutboundError::Refused { .. } | OutboundError::NotHttps { .. } => FetchError::Forbidden(text),
        OutboundError::TooLarge { .. } => FetchError::TooLarge(text),
        OutboundError::Unreachable { .. } | OutboundError::TimedOut { .. } | OutboundError::SetUp(_) => {
            FetchError::Unreachable(text)
        }
    }
}

#[cfg(test)]
mod tests;
