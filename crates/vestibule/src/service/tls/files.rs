//! A certificate's file and its key's.

use std::fs::{self, File, Metadata};
use std::io::Read as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::{self, PemObject as _};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use thiserror::Error;
use vestibule_protocol::Secret;

use super::Certificate;
use crate::config::TlsFiles;

/// What no certificate and no key is longer than.
const LONGEST: u64 = 1 << 20;

/// By what a change of the files is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stamp([[i64; 4]; 2]);

impl Stamp {
    /// How the files are now; nothing if one of them is not there.
    pub(super) fn of(files: &TlsFiles) -> Option<Self> {
        let stamp = |path: &Path| fs::metadata(path).ok().map(|metadata| describe(&metadata));
        Some(Self([stamp(&files.certificate)?, stamp(&files.key)?]))
    }
}

fn describe(metadata: &Metadata) -> [i64; 4] {
    [
        metadata.ino().cast_signed(),
        metadata.size().cast_signed(),
        metadata.ctime(),
        metadata.ctime_nsec(),
    ]
}

/// A certificate and a key that fit together.
pub(super) struct Pair {
    pub(super) config: Arc<ServerConfig>,
    pub(super) certificate: Certificate,
}

/// Why a pair of files is of no use.
#[derive(Debug, Error)]
pub(crate) enum TlsError {
    /// A file cannot be read.
    #[error("{} cannot be read: {error}; let the broker's user read it, or name another with [listen] {setting}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The setting that names it.
        setting: &'static str,
        /// What is in the way.
        error: std::io::Error,
    },
    /// Everybody on the machine can read the key.
    #[error("{} can be read by everybody on this machine; run: chmod o= {}", .0.display(), .0.display())]
    KeyLiesOpen(PathBuf),
    /// There is no certificate in the file.
    #[error("{} holds no certificate in PEM; write the certificate there, and behind it those that lead to one that clients trust", .0.display())]
    NoCertificate(PathBuf),
    /// There is no key in the file.
    #[error("{} holds no private key in PEM without a passphrase; write the certificate's key there", .0.display())]
    NoKey(PathBuf),
    /// They are of two pairs.
    #[error("the key in {} is not the one of the certificate in {}; name the two files that were made together", key.display(), certificate.display())]
    Mismatch {
        /// The certificate's file.
        certificate: PathBuf,
        /// The key's file.
        key: PathBuf,
    },
    /// The TLS library does not take them.
    #[error("{} and its key cannot be used: {error}", path.display())]
    Unusable {
        /// The certificate's file.
        path: PathBuf,
        /// What is in the way.
        error: rustls::Error,
    },
}

/// Reads the files, and sees that they fit together.
pub(super) fn read(files: &TlsFiles) -> Result<Pair, TlsError> {
    let chain = read_chain(&files.certificate)?;
    let certificate = chain.first().and_then(Certificate::parse);
    let certificate = certificate.ok_or_else(|| TlsError::NoCertificate(files.certificate.clone()))?;
    let key = read_key(&files.key)?;
    let unusable = |error| TlsError::Unusable {
        path: files.certificate.clone(),
        error,
    };
    let mut config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(unusable)?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(|error| match error {
            rustls::Error::InconsistentKeys(_) => TlsError::Mismatch {
                certificate: files.certificate.clone(),
                key: files.key.clone(),
            },
            error => unusable(error),
        })?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Pair {
        config: Arc::new(config),
        certificate,
    })
}

fn read_chain(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let (text, _) = read_file(path, "tls_certificate")?;
    let chain: Result<Vec<_>, pem::Error> =
        CertificateDer::pem_slice_iter(text.expose().as_bytes()).collect();
    chain
        .ok()
        .filter(|chain| !chain.is_empty())
        .ok_or_else(|| TlsError::NoCertificate(path.to_owned()))
}

fn read_key(path: &Path) -> Result<PrivateKeyDer<'static>, TlsError> {
    let (text, metadata) = read_file(path, "tls_key")?;
    if metadata.mode() & 0o007 != 0 {
        return Err(TlsError::KeyLiesOpen(path.to_owned()));
    }
    PrivateKeyDer::from_pem_slice(text.expose().as_bytes()).map_err(|_| TlsError::NoKey(path.to_owned()))
}

fn read_file(path: &Path, setting: &'static str) -> Result<(Secret, Metadata), TlsError> {
    let read = || {
        let file = File::open(path)?;
        let metadata = file.metadata()?;
        let mut text = String::new();
        file.take(LONGEST).read_to_string(&mut text)?;
        Ok((Secret::new(text), metadata))
    };
    read().map_err(|error| TlsError::Unreadable {
        path: path.to_owned(),
        setting,
        error,
    })
}
