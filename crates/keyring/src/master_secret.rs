use std::collections::BTreeSet;
use std::fmt;

use base64::Engine;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

/// The fewest bytes that a master secret has.
const SHORTEST: usize = 32;
/// The fewest characters of a secret that is written as plain text: what 32 bytes need in base64.
const SHORTEST_TEXT: usize = 43;
/// The fewest different characters in a secret's text; a random one has more, a placeholder fewer.
const FEWEST_CHARACTERS: usize = 12;

/// The one secret that every other secret of the broker is derived from, each under a label of its own.
///
/// It is never printed and never used as a key itself. What was made under it names it by its [`id`](Self::id), so
/// that a previous secret can still open what it sealed.
#[derive(Clone)]
pub struct MasterSecret {
    bytes: Zeroizing<Vec<u8>>,
    id: String,
}

impl MasterSecret {
    /// Takes bytes from a random source.
    ///
    /// # Errors
    /// [`MasterSecretError::TooShort`] for fewer than 32.
    pub fn from_bytes(bytes: impl AsRef<[u8]>) -> Result<Self, MasterSecretError> {
        let bytes = Zeroizing::new(bytes.as_ref().to_vec());
        if bytes.len() < SHORTEST {
            return Err(MasterSecretError::TooShort);
        }
        let id = derive(&bytes, "secret id");
        let (short, _) = id.split_at(9);
        Ok(Self {
            id: URL_SAFE_NO_PAD.encode(short),
            bytes,
        })
    }

    /// Reads a secret as a person writes it into a file or an environment variable: at least 32 bytes as hexadecimal
    /// digits or base64 of either alphabet, or else any text of at least 43 characters. White space around it is
    /// ignored.
    ///
    /// # Errors
    /// [`MasterSecretError::TooShort`] if it is shorter than that, [`MasterSecretError::Guessable`] if it repeats a few
    /// characters.
    pub fn parse(text: &str) -> Result<Self, MasterSecretError> {
        let text = text.trim();
        if text.len() < SHORTEST_TEXT {
            return Err(MasterSecretError::TooShort);
        }
        if text.bytes().collect::<BTreeSet<_>>().len() < FEWEST_CHARACTERS {
            return Err(MasterSecretError::Guessable);
        }
        match decode(text) {
            Some(bytes) => Self::from_bytes(bytes),
            None => Self::from_bytes(text),
        }
    }

    /// Returns a short public name of this secret, which tells nothing about it.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Derives a key for one purpose: HMAC-SHA-256 of the label under the secret, the expand step of
    /// [HKDF](https://www.rfc-editor.org/rfc/rfc5869#section-2.3) for a single block.
    pub fn derive(&self, label: &str) -> Zeroizing<[u8; 32]> {
        derive(&self.bytes, label)
    }
}

impl fmt::Debug for MasterSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MasterSecret")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

fn derive(secret: &[u8], label: &str) -> Zeroizing<[u8; 32]> {
    let mut mac = keyed(secret);
    mac.update(b"vestibule ");
    mac.update(label.as_bytes());
    mac.update(&[1]);
    Zeroizing::new(mac.finalize().into_bytes().into())
}

/// Keys HMAC-SHA-256, which takes a key of any length.
pub(crate) fn keyed(key: &[u8]) -> Hmac<Sha256> {
    #[expect(clippy::expect_used, reason = "HMAC refuses no key length (RFC 2104 §2)")]
    let mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    mac
}

/// Decodes hexadecimal digits or base64, if the text is one of them.
fn decode(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    const LENIENT: GeneralPurposeConfig =
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    decode_hex(text)
        .or_else(|| GeneralPurpose::new(&STANDARD, LENIENT).decode(text).ok())
        .or_else(|| GeneralPurpose::new(&URL_SAFE, LENIENT).decode(text).ok())
        .map(Zeroizing::new)
}

fn decode_hex(text: &str) -> Option<Vec<u8>> {
    let (pairs, []) = text.as_bytes().as_chunks::<2>() else {
        return None;
    };
    let digit = |byte: u8| {
        char::from(byte)
            .to_digit(16)
            .and_then(|digit| u8::try_from(digit).ok())
    };
    pairs
        .iter()
        .map(|&[high, low]| Some(digit(high)? << 4 | digit(low)?))
        .collect()
}

/// Why a text is no master secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MasterSecretError {
    /// It has fewer than 32 bytes.
    #[error(
        "the master secret is too short; use at least 32 random bytes, for example from `openssl rand -base64 32`"
    )]
    TooShort,
    /// It is made of a handful of characters.
    #[error("the master secret looks like a placeholder; use the output of `openssl rand -base64 32`")]
    Guessable,
}
