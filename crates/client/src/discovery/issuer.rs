use std::fmt;

use vestibule_protocol::{Issuer, IssuerError};

/// An authorization server's issuer, as it is written. Issuers are compared byte for byte, and others than ours may end with a slash
/// (Auth0's do): with it, it is another name.
#[derive(Debug, Clone)]
pub(crate) struct ServerIssuer {
    written: String,
    bare: Issuer,
}

impl ServerIssuer {
    pub(crate) fn parse(text: &str) -> Result<Self, IssuerError> {
        Ok(Self {
            bare: Issuer::parse(text.strip_suffix('/').unwrap_or(text))?,
            written: text.to_owned(),
        })
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.written
    }

    /// Without the slash, as its metadata are looked for
    /// ([RFC 8414 §3.1](https://www.rfc-editor.org/rfc/rfc8414#section-3.1),
    /// [OpenID Connect Discovery §4](https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderConfig)).
    pub(crate) fn bare(&self) -> &Issuer {
        &self.bare
    }
}

impl fmt::Display for ServerIssuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.written)
    }
}
