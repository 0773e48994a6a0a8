//! An authority of the test's own, and a certificate for this machine.

use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

/// A directory with `ca.crt`, `server.crt` and `server.key`.
#[derive(Debug)]
pub(crate) struct Certificates(TempDir);

impl Certificates {
    pub(crate) fn make() -> Self {
        let folder = tempfile::tempdir().expect("a directory");
        let make = |arguments: &str| {
            let key = "req -x509 -nodes -days 2 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1";
            let made = Command::new("openssl")
                .args(key.split(' ').chain(arguments.split(' ')))
                .current_dir(folder.path())
                .output()
                .expect("openssl runs");
            assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        };
        make("-subj /CN=authority -keyout ca.key -out ca.crt");
        make(
            "-subj /CN=redis -keyout server.key -out server.crt -CA ca.crt -CAkey ca.key \
             -addext subjectAltName=IP:127.0.0.1,DNS:localhost -addext basicConstraints=critical,CA:FALSE",
        );
        Self(folder)
    }

    pub(crate) fn folder(&self) -> &Path {
        self.0.path()
    }

    /// The authority's certificate, in PEM.
    pub(crate) fn authority(&self) -> Vec<u8> {
        std::fs::read(self.folder().join("ca.crt")).expect("a certificate")
    }
}
