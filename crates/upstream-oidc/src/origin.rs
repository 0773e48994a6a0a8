//! Scheme and host of a provider, however people paste them.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;
use url::{Host, Url};

/// Where a provider is that has a host to itself: `https://example.com`, without a slash at the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderOrigin(String);

/// The text is no such place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error(
    "is not the whole name of a host; write it as the provider's console shows it, such as example.com, without a path"
)]
pub struct ProviderOriginError;

impl ProviderOrigin {
    /// Reads a host's name, with or without `https://` before it and a slash behind. Plain http is for this machine alone.
    ///
    /// # Errors
    /// [`ProviderOriginError`] when there is a path, a port of another machine's address, or anything else that is no host.
    pub fn parse(text: &str) -> Result<Self, ProviderOriginError> {
        let text = text.trim();
        let with_scheme = if text.contains("://") {
            text.to_owned()
        } else {
            format!("https://{text}")
        };
        let url = Url::parse(&with_scheme).map_err(|_| ProviderOriginError)?;
        let is_here = is_loopback(&url);
        let is_named =
            matches!(url.host(), Some(Host::Domain(name)) if name.trim_end_matches('.').contains('.'));
        let is_bare = url.username().is_empty()
            && url.password().is_none()
            && matches!(url.path(), "" | "/")
            && url.query().is_none()
            && url.fragment().is_none();
        let is_safe = url.scheme() == "https" || (url.scheme() == "http" && is_here);
        if is_bare && is_safe && (is_here || is_named) {
            Ok(Self(url.origin().ascii_serialization()))
        } else {
            Err(ProviderOriginError)
        }
    }

    /// Scheme and host, without a slash at the end.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is on this machine.
    pub fn is_loopback(&self) -> bool {
        Url::parse(&self.0).is_ok_and(|url| is_loopback(&url))
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

impl FromStr for ProviderOrigin {
    type Err = ProviderOriginError;

    fn from_str(text: &str) -> Result<Self, ProviderOriginError> {
        Self::parse(text)
    }
}

impl fmt::Display for ProviderOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::ProviderOrigin;

    #[test]
    fn a_host_is_read_however_it_is_pasted() {
        for text in [
            "example.eu.auth0.com",
            " example.eu.auth0.com/ ",
            "https://example.eu.auth0.com",
            "https://EXAMPLE.eu.auth0.com/",
        ] {
            let origin = ProviderOrigin::parse(text).unwrap();
            assert_eq!(origin.as_str(), "https://example.eu.auth0.com", "{text}");
            assert!(!origin.is_loopback());
        }
        let here = ProviderOrigin::parse("http://127.0.0.1:8080/").unwrap();
        assert_eq!(here.as_str(), "http://127.0.0.1:8080");
        assert!(here.is_loopback());
    }

    #[test]
    fn what_is_more_or_less_than_a_host_is_refused() {
        for text in [
            "",
            "example",
            "http://example.com",
            "ftp://example.com",
            "https://example.com/path",
            "example.com/path",
            "example.com?x",
            "example.com#x",
            "https://user@example.com",
            "https://user:word@example.com",
            "https://192.0.2.1",
            "exa mple.com",
            "https://",
        ] {
            assert!(ProviderOrigin::parse(text).is_err(), "{text}");
        }
    }
}
