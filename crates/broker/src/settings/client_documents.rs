//! Which client metadata documents are taken, and how they are kept.

use std::str::FromStr;
use std::time::Duration;

use thiserror::Error;
use vestibule_protocol::{ClientDocumentUrl, ClientId, DocumentHosts};

/// Client ID Metadata Documents.
#[derive(Debug, Clone)]
pub struct ClientDocumentSettings {
    /// Whether they are taken at all.
    pub enabled: bool,
    /// Those that may come; all when there are none.
    pub allow: Vec<DocumentPattern>,
    /// Those that may not, whatever else is said.
    pub block: Vec<DocumentPattern>,
    /// Whether an operator has to approve each before anybody can use it.
    pub require_approval: bool,
    /// Where they may be.
    pub hosts: DocumentHosts,
    /// For how long a document is taken as it was read, at least and at most, whatever it says itself.
    pub fresh: (Duration, Duration),
}

impl Default for ClientDocumentSettings {
    fn default() -> Self {
        Self {
            enabled: true,
            allow: Vec::new(),
            block: Vec::new(),
            require_approval: false,
            hosts: DocumentHosts::Named,
            fresh: (Duration::from_secs(5 * 60), Duration::from_secs(24 * 60 * 60)),
        }
    }
}

impl ClientDocumentSettings {
    /// Whether the operator lets this document in.
    pub fn admits(&self, url: &ClientDocumentUrl) -> bool {
        let fits = |patterns: &[DocumentPattern]| patterns.iter().any(|pattern| pattern.fits(url));
        !fits(&self.block) && (self.allow.is_empty() || fits(&self.allow))
    }
}

/// Documents that the operator means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DocumentPattern {
    /// All of a host: `app.example.com`.
    Host(String),
    /// All of the hosts below a name: `*.example.com`.
    Below(String),
    /// This one.
    Document(ClientId),
}

/// A text is no pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error(
    "is neither a host (app.example.com), nor hosts below a name (*.example.com), nor a document's address (https://…)"
)]
pub struct BadDocumentPattern;

impl DocumentPattern {
    fn fits(&self, url: &ClientDocumentUrl) -> bool {
        match self {
            Self::Host(host) => url.host() == host,
            Self::Below(name) => url
                .host()
                .strip_suffix(name.as_str())
                .is_some_and(|before| before.ends_with('.')),
            Self::Document(id) => url.id() == id,
        }
    }
}

impl FromStr for DocumentPattern {
    type Err = BadDocumentPattern;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.contains("://") {
            let id = ClientId::parse(text).map_err(|_| BadDocumentPattern)?;
            ClientDocumentUrl::parse(&id, DocumentHosts::AlsoThisMachine).map_err(|_| BadDocumentPattern)?;
            return Ok(Self::Document(id));
        }
        let (below, name) = match text.strip_prefix("*.") {
            Some(name) => (true, name),
            None => (false, text),
        };
        // As it stands in a URL: in lower case, and in the form of the DNS.
        match url::Host::parse(name) {
            Ok(url::Host::Domain(host)) if !host.contains(['*', '/', ':']) && !host.is_empty() => {
                Ok(if below {
                    Self::Below(host)
                } else {
                    Self::Host(host)
                })
            }
            Ok(host) if !below => Ok(Self::Host(host.to_string())),
            Ok(_) | Err(_) => Err(BadDocumentPattern),
        }
    }
}
