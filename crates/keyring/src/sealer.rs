use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use josekit::JoseError;
use josekit::jwe::alg::aesgcmkw::{AesgcmkwJweDecrypter, AesgcmkwJweEncrypter};
use josekit::jwe::{A256GCMKW, JweContext, JweHeader};
use serde::Deserialize;
use serde_json::Value;

use crate::{MasterSecret, SealedBox};

/// Seals what is kept at rest: a fresh content key for each box, wrapped under a key derived from the master secret
/// ([RFC 7518 §4.7](https://www.rfc-editor.org/rfc/rfc7518#section-4.7)), AES-256-GCM throughout.
///
/// Each box is bound to a context, the name of the place where it is kept. The context stands in the protected
/// header, so a box that was moved to another place does not open there.
pub struct Sealer {
    jwe: JweContext,
    current: SealingKey,
    previous: Vec<SealingKey>,
}

const ALG: &str = "A256GCMKW";
const ENC: &str = "A256GCM";
/// 96-bit initialization vectors and 128-bit tags, in base64url characters.
const IV_LENGTH: usize = 16;
const TAG_LENGTH: usize = 22;

impl Sealer {
    /// Seals under the current secret, and opens what was sealed under any of them.
    ///
    /// # Errors
    /// [`SealError`] if the key could not be set up.
    pub fn new(current: &MasterSecret, previous: &[MasterSecret]) -> Result<Self, SealError> {
        Ok(Self {
            jwe: JweContext::new(),
            current: SealingKey::of(current)?,
            previous: previous.iter().map(SealingKey::of).collect::<Result<_, _>>()?,
        })
    }

    /// Seals a plaintext for one context.
    ///
    /// # Errors
    /// [`SealError`] if the encryption failed.
    pub fn seal(&self, context: &str, plaintext: &[u8]) -> Result<SealedBox, SealError> {
        let mut header = JweHeader::new();
        header.set_content_encryption(ENC);
        header.set_claim("ctx", Some(Value::from(context)))?;
        let compact = self
            .jwe
            .serialize_compact(plaintext, &header, &self.current.encrypter)?;
        SealedBox::try_from(compact).map_err(|_| SealError)
    }

    /// Opens a box that was sealed for this context.
    ///
    /// # Errors
    /// [`OpenError`], with a variant for each thing that is wrong with it.
    pub fn open(&self, context: &str, sealed: &SealedBox) -> Result<Vec<u8>, OpenError> {
        let header = ProtectedHeader::parse(sealed)?;
        header.check_algorithms()?;
        check_lengths(&header, sealed)?;
        let key = self.find_key(&header.kid)?;
        let opened = self.jwe.deserialize_compact(sealed.as_str(), &key.decrypter);
        let (plaintext, _) = opened.map_err(|_| OpenError::Tampered)?;
        // Judged after the tag has vouched for the header.
        if header.ctx != context {
            return Err(OpenError::WrongContext);
        }
        Ok(plaintext)
    }

    /// Says whether a box is sealed under the current secret, or has to be sealed anew before the previous one can
    /// be thrown away.
    pub fn is_current(&self, sealed: &SealedBox) -> bool {
        ProtectedHeader::parse(sealed).is_ok_and(|header| header.kid == self.current.id)
    }

    fn find_key(&self, kid: &str) -> Result<&SealingKey, OpenError> {
        std::iter::once(&self.current)
            .chain(&self.previous)
            .find(|key| key.id == kid)
            .ok_or_else(|| OpenError::UnknownSecret(kid.to_owned()))
    }
}

impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sealer")
            .field("current", &self.current.id)
            .finish_non_exhaustive()
    }
}

/// The key derived from one master secret, named by the secret's id. No `Debug`: josekit's would print the key.
struct SealingKey {
    id: String,
    encrypter: AesgcmkwJweEncrypter,
    decrypter: AesgcmkwJweDecrypter,
}

impl SealingKey {
    fn of(secret: &MasterSecret) -> Result<Self, SealError> {
        let key = secret.derive("sealing key");
        let mut encrypter = A256GCMKW.encrypter_from_bytes(key.as_slice())?;
        encrypter.set_key_id(secret.id());
        let mut decrypter = A256GCMKW.decrypter_from_bytes(key.as_slice())?;
        decrypter.set_key_id(secret.id());
        Ok(Self {
            id: secret.id().to_owned(),
            encrypter,
            decrypter,
        })
    }
}

/// The header as [`Sealer::seal`] writes it, and nothing else: `zip`, `crit` or a repeated name is refused.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ProtectedHeader {
    alg: String,
    enc: String,
    kid: String,
    ctx: String,
    iv: String,
    tag: String,
}

impl ProtectedHeader {
    fn parse(sealed: &SealedBox) -> Result<Self, OpenError> {
        let [header, ..] = sealed.segments().ok_or(OpenError::Malformed)?;
        let header = URL_SAFE_NO_PAD.decode(header).map_err(|_| OpenError::Malformed)?;
        serde_json::from_slice(&header).map_err(|_| OpenError::Malformed)
    }

    /// josekit would decrypt any algorithm that it knows.
    fn check_algorithms(&self) -> Result<(), OpenError> {
        if self.alg == ALG && self.enc == ENC {
            Ok(())
        } else {
            Err(OpenError::Downgraded)
        }
    }
}

/// [RFC 7518 §4.7.1.2, §5.3](https://www.rfc-editor.org/rfc/rfc7518#section-5.3): “The requested size of the
/// Authentication Tag output MUST be 128 bits”. OpenSSL compares as many octets as it is given, so that a tag cut to
/// one octet would be right once in 256 guesses.
fn check_lengths(header: &ProtectedHeader, sealed: &SealedBox) -> Result<(), OpenError> {
    let [_, _, iv, _, tag] = sealed.segments().ok_or(OpenError::Malformed)?;
    let whole = [&header.iv, iv].iter().all(|iv| iv.len() == IV_LENGTH)
        && [&header.tag, tag].iter().all(|tag| tag.len() == TAG_LENGTH);
    if whole { Ok(()) } else { Err(OpenError::Downgraded) }
}

/// Sealing failed, for a reason inside OpenSSL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("sealing failed")]
pub struct SealError;

impl From<JoseError> for SealError {
    fn from(_: JoseError) -> Self {
        Self
    }
}

/// Why a box does not open.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// It is no compact JWE with the header that ours have.
    #[error("not a sealed box")]
    Malformed,
    /// It names another algorithm, or its tag is shorter than 128 bits.
    #[error("the sealed box does not use A256GCMKW and A256GCM in full")]
    Downgraded,
    /// It was sealed under a master secret that is neither the current nor a previous one.
    #[error("sealed under master secret {0}, which is not configured; add it to the previous secrets")]
    UnknownSecret(String),
    /// Its content or header was changed, or the key is not the one that sealed it.
    #[error("the sealed box was tampered with")]
    Tampered,
    /// It was sealed for another place.
    #[error("the sealed box belongs somewhere else")]
    WrongContext,
}
