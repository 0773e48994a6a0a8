//! A private key with which the client proves who it is.

use std::fmt;
use std::sync::Arc;

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde::Serialize;
use thiserror::Error;
use vestibule_protocol::Secret;

/// A private key for assertions, with its algorithm and key id.
#[derive(Clone)]
pub struct ClientKey {
    algorithm: Algorithm,
    kid: Option<String>,
    key: Arc<EncodingKey>,
}

/// Why a key cannot sign assertions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ClientKeyError {
    /// The name is none of the algorithms.
    #[error("is not an algorithm for client assertions; write RS256, RS384, PS256, ES256, ES384 or EdDSA")]
    UnknownAlgorithm,
    /// The text is no such key.
    #[error(
        "is not a private key of this algorithm in PEM (PKCS#8); `openssl pkcs8 -topk8 -nocrypt` turns other forms into it"
    )]
    BadKey,
}

impl ClientKey {
    /// Reads a key in PEM. Without `alg` the key's type decides: RS256 or ES256, whichever fits.
    ///
    /// # Errors
    /// [`ClientKeyError`].
    pub fn from_pem(pem: &Secret, alg: Option<&str>, kid: Option<&str>) -> Result<Self, ClientKeyError> {
        let tried = match alg {
            Some("RS256") => vec![Algorithm::RS256],
            Some("RS384") => vec![Algorithm::RS384],
            Some("PS256") => vec![Algorithm::PS256],
            Some("ES256") => vec![Algorithm::ES256],
            Some("ES384") => vec![Algorithm::ES384],
            Some("EdDSA") => vec![Algorithm::EdDSA],
            Some(_) => return Err(ClientKeyError::UnknownAlgorithm),
            None => vec![Algorithm::RS256, Algorithm::ES256],
        };
        let pem = pem.expose().as_bytes();
        for algorithm in tried {
            let key = match algorithm {
                Algorithm::ES256 | Algorithm::ES384 => EncodingKey::from_ec_pem(pem),
                Algorithm::EdDSA => EncodingKey::from_ed_pem(pem),
                _ => EncodingKey::from_rsa_pem(pem),
            };
            let Ok(key) = key else { continue };
            let read = Self {
                algorithm,
                kid: kid.map(str::to_owned),
                key: Arc::new(key),
            };
            // A key of another curve shows itself only when it signs.
            if read.sign("JWT", &()).is_some() {
                return Ok(read);
            }
        }
        Err(ClientKeyError::BadKey)
    }

    /// Signs claims; `None` when the key cannot.
    pub(crate) fn sign(&self, typ: &str, claims: &impl Serialize) -> Option<Secret> {
        let mut header = Header::new(self.algorithm);
        header.typ = Some(typ.to_owned());
        header.kid.clone_from(&self.kid);
        jsonwebtoken::encode(&header, claims, &self.key)
            .ok()
            .map(Secret::new)
    }
}

impl fmt::Debug for ClientKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientKey")
            .field("algorithm", &self.algorithm)
            .field("kid", &self.kid)
            .finish_non_exhaustive()
    }
}
