use thiserror::Error;
use url::{Host, Url};

use crate::{ForeignText, McpUrl};

/// Where the documents of a server may send the client.
///
/// A server on the internet must not make the client call services on the person's own computer; a server
/// on that computer may.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reach {
    Internet,
    ThisComputer,
}

/// Why an address from a server's document is not followed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("the {field} \"{given}\" is not followed: {why}")]
pub struct ReachError {
    field: &'static str,
    given: ForeignText,
    why: &'static str,
}

impl Reach {
    pub(crate) fn of(server: &McpUrl) -> Self {
        Self::from(server.url())
    }

    /// As far as a server at `url` may send the client.
    pub(crate) fn from(url: &Url) -> Self {
        if is_loopback(url) {
            Self::ThisComputer
        } else {
            Self::Internet
        }
    }

    /// Parses the address that stands in `field`, if the client may go there.
    pub(crate) fn admit(self, field: &'static str, given: &str) -> Result<Url, ReachError> {
        let refuse = |why| ReachError {
            field,
            given: ForeignText::line(given),
            why,
        };
        let url = Url::parse(given).map_err(|_| refuse("it is not an absolute URL"))?;
        let loopback = is_loopback(&url);
        match url.scheme() {
            "https" => {}
            "http" if loopback => {}
            "http" => return Err(refuse("it must be https, for secrets go there")),
            _ => return Err(refuse("it must be an https URL")),
        }
        if loopback && self == Self::Internet {
            return Err(refuse(
                "it points at this computer, and the MCP server is elsewhere",
            ));
        }
        Ok(url)
    }
}

/// Whether `url` is on this computer.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback() || address.is_unspecified(),
        Some(Host::Ipv6(address)) => {
            let address = address.to_canonical();
            address.is_loopback() || address.is_unspecified()
        }
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::Reach;

    #[test]
    fn a_server_on_the_internet_cannot_send_the_client_to_this_computer() {
        for local in [
            "http://127.0.0.1:6379/",
            "http://localhost/",
            "https://localhost/",
            "https://[::1]/",
            "https://[::ffff:127.0.0.1]/",
            "https://0.0.0.0/",
            "https://127.1/",
            "https://a.localhost/",
        ] {
            Reach::Internet.admit("token_endpoint", local).unwrap_err();
            Reach::ThisComputer.admit("token_endpoint", local).unwrap();
        }
    }

    #[test]
    fn only_https_leaves_this_computer() {
        for bad in [
            "http://as.example/token",
            "file:///etc/passwd",
            "javascript:alert(1)",
            "/token",
        ] {
            Reach::ThisComputer.admit("token_endpoint", bad).unwrap_err();
        }
        Reach::ThisComputer
            .admit("token_endpoint", "https://as.example/token")
            .unwrap();
    }
}
