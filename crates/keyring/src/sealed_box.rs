use std::fmt;

use serde::{Deserialize, Serialize};

use crate::OpenError;

/// Something sealed: a JWE in compact form ([RFC 7516 §3.1](https://www.rfc-editor.org/rfc/rfc7516#section-3.1)),
/// which is safe to store and means nothing without the master secret.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SealedBox(String);

impl SealedBox {
    /// Reads a compact JWE: five segments of base64url.
    ///
    /// # Errors
    /// [`OpenError::Malformed`] if it is anything else.
    pub fn parse(compact: &str) -> Result<Self, OpenError> {
        Self::try_from(compact.to_owned())
    }

    /// Returns the compact JWE.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns header, encrypted key, initialization vector, ciphertext and tag as they are encoded.
    pub(crate) fn segments(&self) -> Option<[&str; 5]> {
        let mut segments = self.0.split('.');
        let five = [
            segments.next()?,
            segments.next()?,
            segments.next()?,
            segments.next()?,
            segments.next()?,
        ];
        segments.next().is_none().then_some(five)
    }
}

impl TryFrom<String> for SealedBox {
    type Error = OpenError;

    fn try_from(compact: String) -> Result<Self, Self::Error> {
        let base64url = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
        let sealed = Self(compact);
        if sealed.0.bytes().all(base64url) && sealed.segments().is_some() {
            Ok(sealed)
        } else {
            Err(OpenError::Malformed)
        }
    }
}

impl From<SealedBox> for String {
    fn from(sealed: SealedBox) -> Self {
        sealed.0
    }
}

impl fmt::Debug for SealedBox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SealedBox({} bytes)", self.0.len())
    }
}
