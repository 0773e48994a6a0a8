//! The file in which a client's private key stands.

use std::{
    fs::File,
    io::{self, Read as _},
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
};

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use thiserror::Error;
use vestibule_protocol::Secret;

use crate::jwt;

/// The most that is read of the file, in bytes.
const LONGEST: u64 = 64 * 1024;

/// The bits of a mode that let everybody on the machine in.
const EVERYBODY: u32 = 0o007;

type Reader = fn(&[u8]) -> jsonwebtoken::errors::Result<EncodingKey>;

/// What a key of each kind can sign with, the usual one first.
const KINDS: [(Reader, &[Algorithm]); 3] = [
    (EncodingKey::from_ec_pem, &[Algorithm::ES256, Algorithm::ES384]),
    (EncodingKey::from_ed_pem, &[Algorithm::EdDSA]),
    (
        EncodingKey::from_rsa_pem,
        &[
            Algorithm::RS256,
            Algorithm::PS256,
            Algorithm::RS384,
            Algorithm::RS512,
            Algorithm::PS384,
            Algorithm::PS512,
        ],
    ),
];

/// A private key, and what it can sign with.
pub(crate) struct ClientKey {
    pub(crate) key: EncodingKey,
    pub(crate) algorithms: Vec<Algorithm>,
}

/// Why the key in a file is not used.
#[derive(Debug, Error)]
pub enum KeyFileError {
    /// It cannot be read.
    #[error("the key file {} cannot be read: {cause}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        cause: io::Error,
    },
    /// It is a secret no more.
    #[error(
        "everybody on this machine can open the key file {}; run chmod o-rwx on it, and make a new key if others may have read it",
        path.display()
    )]
    LiesOpen {
        /// The file.
        path: PathBuf,
    },
    /// It holds something else.
    #[error(
        "{} is no private key in PEM (PKCS#8, BEGIN PRIVATE KEY) on P-256, P-384 or Ed25519, or of RSA; \
         `openssl pkcs8 -topk8 -nocrypt` turns other forms into it",
        path.display()
    )]
    NotAKey {
        /// The file.
        path: PathBuf,
    },
}

impl ClientKey {
    /// Reads the key in a file, unless others can read it as well.
    pub(crate) fn open(path: &Path) -> Result<Self, KeyFileError> {
        let unreadable = |cause| KeyFileError::Read {
            path: path.to_owned(),
            cause,
        };
        let file = File::open(path).map_err(unreadable)?;
        if file.metadata().map_err(unreadable)?.mode() & EVERYBODY != 0 {
            return Err(KeyFileError::LiesOpen {
                path: path.to_owned(),
            });
        }
        let mut pem = String::new();
        file.take(LONGEST).read_to_string(&mut pem).map_err(unreadable)?;
        Self::from_pem(&Secret::new(pem)).ok_or_else(|| KeyFileError::NotAKey {
            path: path.to_owned(),
        })
    }

    fn from_pem(pem: &Secret) -> Option<Self> {
        KINDS.into_iter().find_map(|(read, algorithms)| {
            let key = read(pem.expose().as_bytes()).ok()?;
            // Which curve a key is on shows when it signs.
            let signs = |algorithm: &Algorithm| jwt::sign(&Header::new(*algorithm), &(), &key).is_some();
            let algorithms: Vec<_> = algorithms.iter().copied().filter(signs).collect();
            (!algorithms.is_empty()).then_some(Self { key, algorithms })
        })
    }
}

#[cfg(test)]
mod tests;
