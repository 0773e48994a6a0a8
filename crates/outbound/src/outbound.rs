//! The client.

use std::error::Error;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::{Request, Response};
use url::{Host, Url};

use crate::address::is_within;
use crate::network::Network;
use crate::resolver::{NotWithin, Resolver};
use crate::{OutboundError, Reach};

/// How long and how much.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// The whole call, from the name to the last byte.
    pub time: Duration,
    /// The answer's body, in bytes.
    pub body: usize,
}

impl Default for Limits {
    /// Five seconds, and half a mebibyte.
    fn default() -> Self {
        Self {
            time: Duration::from_secs(5),
            body: 512 * 1024,
        }
    }
}

/// A bounded HTTP client. Cheap to clone; clones share connections.
#[derive(Debug, Clone)]
pub struct Outbound {
    client: reqwest::Client,
    reach: Reach,
    limits: Limits,
}

impl Outbound {
    /// A client of this reach.
    ///
    /// # Errors
    /// [`OutboundError::SetUp`] when TLS cannot be set up.
    pub fn new(reach: Reach, limits: Limits) -> Result<Self, OutboundError> {
        Self::over(Network::default(), reach, limits)
    }

    /// A client of this reach on a network that differs from the machine's.
    ///
    /// # Errors
    /// [`OutboundError::SetUp`] when TLS cannot be set up, or a root certificate cannot be read.
    pub fn over(network: Network, reach: Reach, limits: Limits) -> Result<Self, OutboundError> {
        let set_up = |error: reqwest::Error| OutboundError::SetUp(error.to_string());
        let mut builder = reqwest::Client::builder();
        for root in &network.roots {
            builder = builder.tls_certs_merge([reqwest::Certificate::from_pem(root).map_err(set_up)?]);
        }
        let names = network.names;
        let client = builder
            .dns_resolver(Arc::new(Resolver { reach, names }))
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .no_gzip()
            .no_brotli()
            .no_deflate()
            .no_zstd()
            .referer(false)
            .https_only(reach == Reach::Public)
            .connect_timeout(limits.time)
            .timeout(limits.time)
            .user_agent(concat!("vestibule/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(set_up)?;
        Ok(Self {
            client,
            reach,
            limits,
        })
    }

    /// Sends a request and reads the whole answer. A redirect is an answer like any other, and a compressed body stays so.
    ///
    /// # Errors
    /// [`OutboundError`].
    pub async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, OutboundError> {
        let host = self.admit(request.uri())?;
        let request = reqwest::Request::try_from(request).map_err(|error| self.explain(&host, &error))?;
        let mut answer = self
            .client
            .execute(request)
            .await
            .map_err(|error| self.explain(&host, &error))?;
        let too_large = |host: String| OutboundError::TooLarge {
            host,
            most: self.limits.body,
        };
        let announced = answer.content_length().unwrap_or(0);
        if usize::try_from(announced).map_or(true, |length| length > self.limits.body) {
            return Err(too_large(host));
        }
        let mut body = BytesMut::new();
        while let Some(chunk) = answer
            .chunk()
            .await
            .map_err(|error| self.explain(&host, &error))?
        {
            if body.len() + chunk.len() > self.limits.body {
                return Err(too_large(host));
            }
            body.extend_from_slice(&chunk);
        }
        let mut response = Response::new(body.freeze());
        *response.status_mut() = answer.status();
        *response.headers_mut() = std::mem::take(answer.headers_mut());
        Ok(response)
    }

    /// Judges an address that is written out: it passes no resolver.
    fn admit(&self, uri: &http::Uri) -> Result<String, OutboundError> {
        let unreachable = |cause: &str| OutboundError::Unreachable {
            host: uri.host().unwrap_or("an address without a host").to_owned(),
            cause: cause.to_owned(),
        };
        // As reqwest will read it: `Uri` keeps hosts that `Url` takes for addresses, such as 0x7f.1.
        let url = Url::parse(&uri.to_string()).map_err(|_| unreachable("the URL cannot be read"))?;
        let host = url.host().ok_or_else(|| unreachable("the URL has no host"))?;
        let address = match host {
            Host::Domain(_) => None,
            Host::Ipv4(address) => Some(IpAddr::V4(address)),
            Host::Ipv6(address) => Some(IpAddr::V6(address)),
        };
        let name = host.to_string();
        if address.is_some_and(|address| !is_within(self.reach, address)) {
            return Err(OutboundError::Refused { host: name });
        }
        let here = address.is_some_and(|address| address.to_canonical().is_loopback()) || name == "localhost";
        match (url.scheme(), self.reach) {
            ("https", _) | ("http", Reach::Private) => Ok(name),
            ("http", Reach::PublicOrLoopback) if here => Ok(name),
            _ => Err(OutboundError::NotHttps { host: name }),
        }
    }

    fn explain(&self, host: &str, error: &reqwest::Error) -> OutboundError {
        let host = host.to_owned();
        if error.is_timeout() {
            return OutboundError::TimedOut {
                host,
                after: self.limits.time,
            };
        }
        let mut cause = error.source();
        let mut last = None;
        while let Some(inner) = cause {
            if inner.is::<NotWithin>() {
                return OutboundError::Refused { host };
            }
            last = Some(inner);
            cause = inner.source();
        }
        // The outermost text names the whole URL, the innermost only what went wrong.
        OutboundError::Unreachable {
            host,
            cause: last.map_or_else(|| "the request cannot be sent".to_owned(), ToString::to_string),
        }
    }
}
