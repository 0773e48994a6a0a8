//! A client id that is the address of a document.

use thiserror::Error;
use url::{Host, Url};

use crate::ClientId;
use crate::authority::written_authority;
use crate::issuer::is_loopback;

/// A client id that is an `https` address
/// ([draft §3](https://www.ietf.org/archive/id/draft-ietf-oauth-client-id-metadata-document-03.html#section-3)), kept and
/// compared byte for byte, beside its parsed form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientDocumentUrl {
    id: ClientId,
    url: Url,
}

/// Where documents may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DocumentHosts {
    /// At names in the DNS, over `https`.
    #[default]
    Named,
    /// Also on this machine, over `http` too: for tests and development.
    AlsoThisMachine,
}

/// Why a client id names no document.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ClientDocumentUrlError {
    /// It is no URL.
    #[error("is not a URL; write scheme, host and path, such as https://app.example.com/client.json")]
    NotAUrl,
    /// It is not `https`.
    #[error("is not https; documents are read over TLS only")]
    NotHttps,
    /// It has user information.
    #[error("has a user name in it; leave it out")]
    User,
    /// It has a fragment.
    #[error("has a fragment (a part behind #); leave it out")]
    Fragment,
    /// It has a query.
    #[error("has a query (a part behind ?); serve the document at a path of its own")]
    Query,
    /// It has no path.
    #[error("has no path; serve the document at one, such as /client.json")]
    NoPath,
    /// It is not written as a URL parser writes it: dot segments, capitals in the host, a default port, and the like.
    #[error("is not in its normal form: write {0}, in the document's client_id as well")]
    NotNormal(String),
    /// Its path hides a dot, a slash or a backslash.
    #[error("has an encoded dot, slash or backslash in its path; write the path without them")]
    Encoded,
    /// Its host is an address, or no name of the DNS.
    #[error("has a host that is not a plain name in the DNS; write the name of a host")]
    Host,
}

impl ClientDocumentUrl {
    /// Whether a client id can only be meant as the address of a document: no other client's id has `://` in it.
    pub fn is_meant_by(id: &ClientId) -> bool {
        id.as_str().contains("://")
    }

    /// Parses a client id.
    ///
    /// Beyond the draft, an id has to be in its normal form, so that no two spellings of one address are two clients, and has
    /// no query, so that no endpoint that echoes its query can be made to serve a document in its host's name.
    ///
    /// # Errors
    /// [`ClientDocumentUrlError`] says what to change.
    pub fn parse(id: &ClientId, hosts: DocumentHosts) -> Result<Self, ClientDocumentUrlError> {
        let text = id.as_str();
        let url = Url::parse(text).map_err(|_| ClientDocumentUrlError::NotAUrl)?;
        if !url.has_host() {
            return Err(ClientDocumentUrlError::NotAUrl);
        }
        let local = hosts == DocumentHosts::AlsoThisMachine && is_loopback(&url);
        match url.scheme() {
            "https" => {}
            "http" if local => {}
            _ => return Err(ClientDocumentUrlError::NotHttps),
        }
        let authority = written_authority(text).ok_or(ClientDocumentUrlError::NotAUrl)?;
        if authority.contains('@') {
            return Err(ClientDocumentUrlError::User);
        }
        if text.contains('#') {
            return Err(ClientDocumentUrlError::Fragment);
        }
        if text.contains('?') {
            return Err(ClientDocumentUrlError::Query);
        }
        // A parser adds a path by itself; what counts is what was written.
        let written = text.split_once("://").map(|(_, rest)| rest);
        if written == Some(authority) {
            return Err(ClientDocumentUrlError::NoPath);
        }
        if url.as_str() != text {
            return Err(ClientDocumentUrlError::NotNormal(url.into()));
        }
        if hides_segments(url.path()) {
            return Err(ClientDocumentUrlError::Encoded);
        }
        if !local && !url.host().is_some_and(|host| is_name(&host)) {
            return Err(ClientDocumentUrlError::Host);
        }
        Ok(Self { id: id.clone(), url })
    }

    /// The client id.
    pub fn id(&self) -> &ClientId {
        &self.id
    }

    /// Where the document is.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// The host, in the form of the DNS: a name in another script than the Latin one begins with `xn--` in each such label.
    pub fn host(&self) -> &str {
        self.url.host_str().unwrap_or_default()
    }
}

/// A name of letters, digits, hyphens and dots, with a dot in its midst.
fn is_name(host: &Host<&str>) -> bool {
    let Host::Domain(name) = host else { return false };
    name.contains('.')
        && name.split('.').all(|label| {
            !label.is_empty()
                && label
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        })
}

/// Dots, slashes and backslashes in disguise, with which some servers see other segments than a reader does.
fn hides_segments(path: &str) -> bool {
    let path = path.to_ascii_lowercase();
    ["%2e", "%2f", "%5c"].iter().any(|hidden| path.contains(hidden))
}
