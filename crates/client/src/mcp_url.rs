use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use thiserror::Error;
use url::Url;
use vestibule_protocol::ResourceUri;

use crate::reach::is_loopback;

/// The address of an MCP server: `https`, or `http` on this computer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct McpUrl(ResourceUri);

/// Why a text is not the address of an MCP server.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("\"{given}\" is not the address of an MCP server: it {why}")]
pub struct McpUrlError {
    given: String,
    why: String,
}

impl McpUrl {
    /// Parses an address.
    ///
    /// # Errors
    /// Says what to write instead.
    pub fn parse(given: &str) -> Result<Self, McpUrlError> {
        let refuse = |why: &str| McpUrlError {
            given: given.to_owned(),
            why: why.to_owned(),
        };
        let resource = ResourceUri::parse(given).map_err(|error| refuse(&error.to_string()))?;
        // OAuth 2.1 §1.5: tokens travel over TLS; only loopback is exempt.
        if resource.url().scheme() == "http" && !is_loopback(resource.url()) {
            return Err(refuse(
                "must begin with https://, for a token must not travel in clear",
            ));
        }
        Ok(Self(resource))
    }

    /// The address as it was given.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    pub(crate) fn url(&self) -> &Url {
        self.0.url()
    }

    pub(crate) fn resource(&self) -> &ResourceUri {
        &self.0
    }
}

impl fmt::Display for McpUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::str::FromStr for McpUrl {
    type Err = McpUrlError;

    fn from_str(given: &str) -> Result<Self, Self::Err> {
        Self::parse(given)
    }
}

impl Serialize for McpUrl {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for McpUrl {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::McpUrl;

    #[test]
    fn plain_http_is_refused_but_on_this_computer() {
        assert!(
            McpUrl::parse("http://mcp.example/mcp")
                .unwrap_err()
                .to_string()
                .contains("https://")
        );
        for local in [
            "http://localhost:3001/mcp",
            "http://127.0.0.1/mcp",
            "http://[::1]:1/mcp",
        ] {
            assert_eq!(McpUrl::parse(local).unwrap().as_str(), local);
        }
    }

    #[test]
    fn credentials_and_other_schemes_are_refused() {
        for bad in ["https://a:b@mcp.example/", "ftp://mcp.example", "mcp.example", ""] {
            McpUrl::parse(bad).unwrap_err();
        }
    }
}
