//! The issuer: who the broker is.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use thiserror::Error;
use url::{Host, Url};

use crate::newtype::parsed_from_str;

/// An issuer identifier ([RFC 8414 §2](https://www.rfc-editor.org/rfc/rfc8414#section-2)), kept byte for byte as it was
/// written: clients compare it so. A clone shares it.
#[derive(Clone)]
pub struct Issuer(Arc<Parts>);

struct Parts {
    raw: String,
    url: Url,
}

/// Why a text is no issuer.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum IssuerError {
    /// It is no URL.
    #[error("is not an absolute URL, such as https://auth.example.com")]
    NotAUrl,
    /// It ends with a slash.
    #[error("ends with a slash; clients compare issuers byte for byte: write {0}")]
    TrailingSlash(String),
    /// It has a query, a fragment or user information.
    #[error("has a query, a fragment or a user name; an issuer has only scheme, host, port and path")]
    ExtraParts,
    /// It is plain `http` to another machine.
    #[error("is not https; plain http is for loopback addresses only")]
    NotHttps,
    /// It is not written the way that a URL parser writes it.
    #[error("is not in its normal form: write {0}")]
    NotNormal(String),
}

impl Issuer {
    /// Parses an issuer.
    ///
    /// > The authorization server's issuer identifier, which is a URL that uses the "https" scheme and has no query or
    /// > fragment components.
    ///
    /// `http` is accepted for loopback hosts. A trailing slash is refused, because clients disagree about it.
    ///
    /// # Errors
    /// [`IssuerError`] says what to write instead.
    pub fn parse(text: &str) -> Result<Self, IssuerError> {
        let url = Url::parse(text).map_err(|_| IssuerError::NotAUrl)?;
        if !url.has_host() || !matches!(url.scheme(), "http" | "https") {
            return Err(IssuerError::NotAUrl);
        }
        if url.query().is_some() || url.fragment().is_some() || has_user(&url) {
            return Err(IssuerError::ExtraParts);
        }
        if text.ends_with('/') {
            return Err(IssuerError::TrailingSlash(text.trim_end_matches('/').to_owned()));
        }
        let normal = url.as_str().trim_end_matches('/');
        if normal != text {
            return Err(IssuerError::NotNormal(normal.to_owned()));
        }
        if url.scheme() != "https" && !is_loopback(&url) {
            return Err(IssuerError::NotHttps);
        }
        Ok(Self(Arc::new(Parts {
            raw: text.to_owned(),
            url,
        })))
    }

    /// The text, as it was written.
    pub fn as_str(&self) -> &str {
        &self.0.raw
    }

    /// The address of `path` (which begins with a slash) below the issuer.
    pub fn endpoint(&self, path: &str) -> String {
        format!("{}{path}", self.0.raw)
    }

    /// The path: empty, or `/x` without a slash at the end.
    pub fn path(&self) -> &str {
        self.0.url.path().trim_end_matches('/')
    }

    /// Scheme, host and port, as a browser writes them in `Origin`.
    pub fn origin(&self) -> String {
        self.0.url.origin().ascii_serialization()
    }

    /// The host, without the port.
    pub fn host(&self) -> &str {
        self.0.url.host_str().unwrap_or_default()
    }

    /// Whether it is reached over TLS.
    pub fn is_https(&self) -> bool {
        self.0.url.scheme() == "https"
    }

    /// Whether it lives on this machine alone.
    pub fn is_loopback(&self) -> bool {
        is_loopback(&self.0.url)
    }

    /// The issuer as a parsed URL.
    pub fn url(&self) -> &Url {
        &self.0.url
    }
}

fn has_user(url: &Url) -> bool {
    !url.username().is_empty() || url.password().is_some()
}

/// Whether the URL's host is 127.0.0.0/8, `[::1]` or the name `localhost`.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        None => false,
    }
}

impl fmt::Display for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.raw)
    }
}

impl fmt::Debug for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Issuer({:?})", self.0.raw)
    }
}

impl PartialEq for Issuer {
    fn eq(&self, other: &Self) -> bool {
        self.0.raw == other.0.raw
    }
}

impl Eq for Issuer {}

impl PartialOrd for Issuer {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Issuer {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.raw.cmp(&other.0.raw)
    }
}

impl Hash for Issuer {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.raw.hash(state);
    }
}

parsed_from_str!(Issuer, IssuerError);
