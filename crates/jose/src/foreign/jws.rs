//! A signed token in compact form, taken apart.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;
use thiserror::Error;

use super::SigningAlgorithm;

/// The most that a token may measure, in bytes.
const LONGEST: usize = 64 * 1024;

/// A token of which nothing is believed yet ([RFC 7515 §5.2](https://www.rfc-editor.org/rfc/rfc7515#section-5.2)).
#[derive(Clone)]
pub struct Jws<'t> {
    algorithm: SigningAlgorithm,
    kid: Option<String>,
    typ: Option<String>,
    jwk: Option<Value>,
    signed: &'t [u8],
    signature: Vec<u8>,
    payload: &'t str,
}

/// Of these a repeated one is refused: names “MUST be unique” ([RFC 7515 §4](https://www.rfc-editor.org/rfc/rfc7515#section-4)).
#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    typ: Option<String>,
    jwk: Option<Value>,
    crit: Option<IgnoredAny>,
    b64: Option<IgnoredAny>,
}

/// Why a text is no token that could be verified.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum JwsError {
    /// It is no signed JWT, demands extensions, or is far too long.
    #[error("is not a signed JWT")]
    Malformed,
    /// It is encrypted.
    #[error("is encrypted")]
    Encrypted,
    /// Its `alg` is not allowed.
    #[error("is signed with an algorithm that is not allowed")]
    Algorithm(String),
}

impl<'t> Jws<'t> {
    /// Takes a token apart that is signed with one of these algorithms.
    ///
    /// > Libraries MUST enable the caller to specify a supported set of algorithms and MUST NOT use any other algorithms when
    /// > performing cryptographic operations. ([RFC 8725 §3.1](https://www.rfc-editor.org/rfc/rfc8725#section-3.1))
    ///
    /// # Errors
    /// [`JwsError`].
    pub fn parse(token: &'t str, algorithms: &[SigningAlgorithm]) -> Result<Self, JwsError> {
        if token.len() > LONGEST {
            return Err(JwsError::Malformed);
        }
        let (signed, signature) = token.rsplit_once('.').ok_or(JwsError::Malformed)?;
        let (header, payload) = signed.split_once('.').ok_or(JwsError::Malformed)?;
        if payload.matches('.').count() == 2 {
            return Err(JwsError::Encrypted);
        }
        if payload.contains('.') {
            return Err(JwsError::Malformed);
        }
        let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).map_err(|_| JwsError::Malformed);
        let header: Header = serde_json::from_slice(&decode(header)?).map_err(|_| JwsError::Malformed)?;
        // RFC 7515 §4.1.11: “If any of the listed extension Header Parameters are not understood and supported by the
        // recipient, then the JWS is invalid.” We understand none.
        if header.crit.is_some() || header.b64.is_some() {
            return Err(JwsError::Malformed);
        }
        let algorithm = header
            .alg
            .parse()
            .ok()
            .filter(|algorithm| algorithms.contains(algorithm))
            .ok_or(JwsError::Algorithm(header.alg))?;
        Ok(Self {
            algorithm,
            kid: header.kid,
            typ: header.typ,
            jwk: header.jwk,
            signed: signed.as_bytes(),
            signature: decode(signature)?,
            payload,
        })
    }

    /// What it says that it is signed with.
    pub fn algorithm(&self) -> SigningAlgorithm {
        self.algorithm
    }

    /// Which key it says that it is signed with.
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// The key that it brings along. Nobody vouches for it.
    pub(crate) fn jwk(&self) -> Option<&Value> {
        self.jwk.as_ref()
    }

    /// What was signed: header and payload as they were encoded.
    pub fn signed(&self) -> &[u8] {
        self.signed
    }

    /// The signature.
    pub fn signature(&self) -> &[u8] {
        &self.signature
    }

    /// The claims as JSON, which are worth believing only once the signature holds.
    pub fn payload(&self) -> Option<Vec<u8>> {
        URL_SAFE_NO_PAD.decode(self.payload).ok()
    }

    /// Whether `typ` is absent or one of these media types, in lower case and without their `application/`.
    pub fn is_typed(&self, types: &[&str]) -> bool {
        self.typ.is_none() || self.says_type(types)
    }

    /// Whether `typ` is there and one of these media types, in lower case and without their `application/`.
    pub fn says_type(&self, types: &[&str]) -> bool {
        self.typ.as_deref().is_some_and(|typ| {
            let typ = typ.to_ascii_lowercase();
            types.contains(&typ.strip_prefix("application/").unwrap_or(&typ))
        })
    }
}
