//! How one comes in at a server: with a password, over TLS.

use std::process::Command;
use std::sync::Arc;

use crate::certificates::Certificates;

/// What a server asks of whoever comes.
#[derive(Debug, Clone, Default)]
pub(crate) struct Door {
    pub(crate) password: Option<String>,
    pub(crate) certificates: Option<Arc<Certificates>>,
}

impl Door {
    /// A door with a lock.
    pub(crate) fn locked(password: &str) -> Self {
        Self {
            password: Some(password.to_owned()),
            ..Self::default()
        }
    }

    /// A door of TLS alone, and the certificate of the authority that vouches for it.
    pub(crate) fn encrypted() -> (Self, Vec<u8>) {
        let certificates = Certificates::make();
        let authority = certificates.authority();
        let door = Self {
            certificates: Some(Arc::new(certificates)),
            ..Self::default()
        };
        (door, authority)
    }

    /// The options of a server, or of a sentinel, that listens on `port` behind this door.
    pub(crate) fn listen(&self, port: u16) -> String {
        match &self.certificates {
            None => format!("--port {port}"),
            Some(certificates) => {
                let place = certificates.folder().display();
                format!(
                    "--port 0 --tls-port {port} --tls-auth-clients no --tls-replication yes \
                     --tls-cert-file {place}/server.crt --tls-key-file {place}/server.key \
                     --tls-ca-cert-file {place}/ca.crt"
                )
            }
        }
    }

    /// What a server adds to that which asks for the password, and shows it to another of its kind.
    pub(crate) fn lock(&self) -> String {
        match &self.password {
            None => String::new(),
            Some(password) => format!("--requirepass {password} --masterauth {password}"),
        }
    }

    /// `redis-cli`, so that it comes in.
    pub(crate) fn client(&self) -> Command {
        let mut cli = Command::new("redis-cli");
        if let Some(password) = &self.password {
            cli.env("REDISCLI_AUTH", password);
        }
        if let Some(certificates) = &self.certificates {
            cli.arg("--tls")
                .arg("--cacert")
                .arg(certificates.folder().join("ca.crt"));
        }
        cli
    }

    /// The beginning of a URL that leads to `layout`, such as `-sentinel`, with the password if one is asked for.
    pub(crate) fn url(&self, layout: &str) -> String {
        let scheme = if self.certificates.is_some() {
            "rediss"
        } else {
            "redis"
        };
        match &self.password {
            Some(password) => format!("{scheme}{layout}://:{password}@"),
            None => format!("{scheme}{layout}://"),
        }
    }
}
