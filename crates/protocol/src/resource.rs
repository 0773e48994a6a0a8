//! Resources: the MCP servers that tokens are for.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use thiserror::Error;
use url::Url;

use crate::authority::written_authority;
use crate::newtype::parsed_from_str;

/// A resource indicator ([RFC 8707 §2](https://www.rfc-editor.org/rfc/rfc8707#section-2)), kept as it was written. A clone shares it.
///
/// Equality is of the text; [`ResourceUri::same_resource`] forgives what real clients vary.
#[derive(Clone)]
pub struct ResourceUri(Arc<Parts>);

struct Parts {
    raw: String,
    canonical: String,
    url: Url,
}

/// Why a text is no resource.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ResourceUriError {
    /// It is no absolute http(s) URL.
    #[error("is not an absolute http or https URL, such as https://mcp.example.com/mcp")]
    NotAUrl,
    /// It has a fragment.
    #[error("has a fragment (a part behind #); a resource has none")]
    Fragment,
    /// It has user information.
    #[error("has a user name or password in it; a resource has none")]
    User,
    /// It is longer than any real one.
    #[error("is longer than 2048 characters")]
    TooLong,
}

impl ResourceUri {
    /// Parses a resource indicator.
    ///
    /// > Its value MUST be an absolute URI […]. The URI MUST NOT include a fragment component.
    ///
    /// # Errors
    /// [`ResourceUriError`].
    pub fn parse(text: &str) -> Result<Self, ResourceUriError> {
        if text.len() > 2048 {
            return Err(ResourceUriError::TooLong);
        }
        if text.chars().any(|c| c.is_control() || c == ' ' || c == '\\') {
            return Err(ResourceUriError::NotAUrl);
        }
        let url = Url::parse(text).map_err(|_| ResourceUriError::NotAUrl)?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(ResourceUriError::NotAUrl);
        }
        // The URL parser forgives missing and surplus slashes before the host, and an empty user; who reads it does not.
        let authority = written_authority(text).ok_or(ResourceUriError::NotAUrl)?;
        if authority.contains('@') {
            return Err(ResourceUriError::User);
        }
        if url.fragment().is_some() {
            return Err(ResourceUriError::Fragment);
        }
        let path = url.path().strip_suffix('/').unwrap_or(url.path());
        let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
        let canonical = format!("{}{path}{query}", url.origin().ascii_serialization());
        Ok(Self(Arc::new(Parts {
            raw: text.to_owned(),
            canonical,
            url,
        })))
    }

    /// The text, as it was written.
    pub fn as_str(&self) -> &str {
        &self.0.raw
    }

    /// Whether both name the same resource: scheme and host compare without case, a default port may be written or not,
    /// and one slash at the end may be there or not.
    pub fn same_resource(&self, other: &Self) -> bool {
        self.0.canonical == other.0.canonical
    }

    /// Whether `text` names this resource.
    pub fn is_spelt(&self, text: &str) -> bool {
        text == self.as_str() || Self::parse(text).is_ok_and(|other| self.same_resource(&other))
    }

    /// The resource as a parsed URL.
    pub fn url(&self) -> &Url {
        &self.0.url
    }

    /// The host, with the port if there is one.
    pub fn authority(&self) -> &str {
        self.0.url.authority()
    }

    /// Scheme, host and port.
    pub fn origin(&self) -> String {
        self.0.url.origin().ascii_serialization()
    }

    /// Whether it lives on this machine alone.
    pub fn is_loopback(&self) -> bool {
        crate::issuer::is_loopback(&self.0.url)
    }
}

impl fmt::Display for ResourceUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.raw)
    }
}

impl fmt::Debug for ResourceUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ResourceUri({:?})", self.0.raw)
    }
}

impl PartialEq for ResourceUri {
    fn eq(&self, other: &Self) -> bool {
        self.0.raw == other.0.raw
    }
}

impl Eq for ResourceUri {}

impl PartialOrd for ResourceUri {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for ResourceUri {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.raw.cmp(&other.0.raw)
    }
}

impl Hash for ResourceUri {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.raw.hash(state);
    }
}

parsed_from_str!(ResourceUri, ResourceUriError);
