//! Proof Key for Code Exchange ([RFC 7636](https://www.rfc-editor.org/rfc/rfc7636)), S256 only.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;
use thiserror::Error;

use crate::Secret;
use crate::newtype::string_newtype;

/// Why a text is no challenge or verifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum PkceError {
    /// The challenge is no SHA-256 in base64url.
    #[error("a code_challenge is the SHA-256 of the verifier in base64url without padding: 43 characters")]
    Challenge,
    /// The verifier has another length or alphabet.
    #[error("a code_verifier has 43 to 128 characters of A-Z, a-z, 0-9, -, ., _ and ~")]
    Verifier,
}

/// A code challenge by the method S256.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CodeChallenge(String);

impl CodeChallenge {
    /// Parses a challenge.
    ///
    /// # Errors
    /// [`PkceError::Challenge`].
    pub fn parse(text: &str) -> Result<Self, PkceError> {
        let decoded = URL_SAFE_NO_PAD.decode(text).map_err(|_| PkceError::Challenge)?;
        if decoded.len() == 32 {
            Ok(Self(text.to_owned()))
        } else {
            Err(PkceError::Challenge)
        }
    }

    /// The challenge of a verifier: `BASE64URL-ENCODE(SHA256(ASCII(code_verifier)))`.
    pub fn of(verifier: &CodeVerifier) -> Self {
        Self(URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.0.expose().as_bytes())))
    }

    /// Whether the verifier is the one that the challenge was made of, in constant time
    /// ([RFC 7636 §4.6](https://www.rfc-editor.org/rfc/rfc7636#section-4.6)).
    pub fn verify(&self, verifier: &CodeVerifier) -> bool {
        Self::of(verifier).0.as_bytes().ct_eq(self.0.as_bytes()).into()
    }
}

string_newtype!(CodeChallenge, PkceError);

/// A code verifier: a secret until the code is redeemed.
#[derive(Debug, Clone)]
pub struct CodeVerifier(Secret);

impl CodeVerifier {
    /// Parses a verifier.
    ///
    /// > code-verifier = 43*128unreserved
    ///
    /// # Errors
    /// [`PkceError::Verifier`].
    pub fn parse(text: &str) -> Result<Self, PkceError> {
        let fits = (43..=128).contains(&text.len())
            && text
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~'));
        fits.then(|| Self(Secret::new(text))).ok_or(PkceError::Verifier)
    }

    /// Makes a verifier of random bytes.
    ///
    /// > It is RECOMMENDED that the output of a suitable random number generator be used to create a 32-octet sequence.
    /// > The octet sequence is then base64url-encoded to produce a 43-octet URL-safe string.
    pub fn from_random(bytes: &[u8; 32]) -> Self {
        Self(Secret::new(URL_SAFE_NO_PAD.encode(bytes)))
    }

    /// The text, to send to a token endpoint.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }
}
