//! The thumbprint of a key ([RFC 7638](https://www.rfc-editor.org/rfc/rfc7638)).

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use thiserror::Error;

/// The SHA-256 thumbprint of a public key: what a token that is bound to the key names, as `jkt`
/// ([RFC 9449 §6.1](https://www.rfc-editor.org/rfc/rfc9449#section-6.1)), and a request as `dpop_jkt`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyThumbprint([u8; 32]);

/// The text is no thumbprint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a thumbprint is the SHA-256 of a key (RFC 7638) in base64url without padding: 43 characters")]
pub struct ThumbprintError;

impl KeyThumbprint {
    /// Reads a thumbprint.
    ///
    /// # Errors
    /// [`ThumbprintError`].
    pub fn parse(text: &str) -> Result<Self, ThumbprintError> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| ThumbprintError)?;
        bytes.try_into().map(Self).map_err(|_| ThumbprintError)
    }

    /// The thumbprint of which these are the bytes.
    pub const fn of_hash(hash: [u8; 32]) -> Self {
        Self(hash)
    }

    /// The raw bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for KeyThumbprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&URL_SAFE_NO_PAD.encode(self.0))
    }
}

impl fmt::Debug for KeyThumbprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyThumbprint({self})")
    }
}

impl FromStr for KeyThumbprint {
    type Err = ThumbprintError;

    fn from_str(text: &str) -> Result<Self, ThumbprintError> {
        Self::parse(text)
    }
}

impl Serialize for KeyThumbprint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for KeyThumbprint {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

/// The key that a token is bound to ([RFC 9449 §6.1](https://www.rfc-editor.org/rfc/rfc9449#section-6.1)).
///
/// A confirmation by any other method does not deserialise, so a token that we cannot confirm is refused and never
/// taken as a bearer token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Confirmation {
    /// The thumbprint of the DPoP key.
    pub jkt: KeyThumbprint,
}
