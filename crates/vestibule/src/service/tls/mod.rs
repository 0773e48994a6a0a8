//! TLS for those without a proxy: a certificate and its key, from files that may change.

mod certificate;
mod files;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use rustls::ServerConfig;
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::Mutex;
use tokio::time::{MissedTickBehavior, interval};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tokio_util::sync::CancellationToken;
use vestibule_broker::Clock;
use vestibule_protocol::Issuer;

use crate::config::TlsFiles;

pub(crate) use certificate::{Certificate, Danger};
use files::Stamp;
pub(crate) use files::TlsError;

/// How often the files are looked at.
const LOOK: Duration = Duration::from_secs(5);

/// How often it is said again that the certificate ends soon.
const REMIND: Duration = Duration::from_secs(24 * 60 * 60);

/// The certificate that new connections are shown. A changed pair of files takes its place if the two fit together;
/// otherwise it stays.
pub(crate) struct Tls {
    files: TlsFiles,
    host: Option<ServerName<'static>>,
    clock: Arc<dyn Clock>,
    current: ArcSwap<ServerConfig>,
    seen: Mutex<Seen>,
}

/// What the files were like when they were last looked at, and what was read.
struct Seen {
    stamp: Option<Stamp>,
    certificate: Certificate,
}

impl Tls {
    /// Reads the files.
    ///
    /// # Errors
    /// [`TlsError`] says which of them to mend, and how.
    pub(crate) fn open(files: TlsFiles, issuer: &Issuer, clock: Arc<dyn Clock>) -> Result<Self, TlsError> {
        let stamp = Stamp::of(&files);
        let pair = files::read(&files)?;
        let certificate = pair.certificate.clone();
        let tls = Self {
            host: host_of(issuer),
            clock,
            current: ArcSwap::new(pair.config),
            seen: Mutex::new(Seen {
                stamp,
                certificate: pair.certificate,
            }),
            files,
        };
        tls.warn(&certificate);
        Ok(tls)
    }

    /// Shakes hands with whoever is at the other end.
    pub(super) async fn accept(&self, stream: TcpStream) -> io::Result<TlsStream<TcpStream>> {
        TlsAcceptor::from(self.current.load_full()).accept(stream).await
    }

    /// Looks after the files until `stop` is cancelled.
    pub(crate) async fn watch(self: Arc<Self>, stop: CancellationToken) {
        let mut look = interval(LOOK);
        let mut remind = interval(REMIND);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        remind.set_missed_tick_behavior(MissedTickBehavior::Delay);
        remind.tick().await;
        let mut hangup = signal(SignalKind::hangup())
            .inspect_err(|error| tracing::warn!(%error, "SIGHUP cannot be caught; the files are looked at all the same"))
            .ok();
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = hung_up(&mut hangup) => self.read_again().await,
                _ = look.tick() => self.look().await,
                _ = remind.tick() => self.warn(&self.seen.lock().await.certificate),
            }
        }
    }

    /// Reads the files if they have changed.
    pub(crate) async fn look(&self) {
        let files = self.files.clone();
        let stamp = tokio::task::spawn_blocking(move || Stamp::of(&files)).await;
        if self.seen.lock().await.stamp != stamp.unwrap_or_default() {
            self.read_again().await;
        }
    }

    /// Reads the files.
    pub(crate) async fn read_again(&self) {
        let files = self.files.clone();
        let read = tokio::task::spawn_blocking(move || (Stamp::of(&files), files::read(&files))).await;
        let Ok((stamp, read)) = read else {
            return;
        };
        let mut seen = self.seen.lock().await;
        seen.stamp = stamp;
        match read {
            Ok(pair) => {
                self.current.store(pair.config);
                seen.certificate = pair.certificate;
                tracing::info!(ends = %seen.certificate.ends(), "new connections are shown the certificate as it is now");
                self.warn(&seen.certificate);
            }
            Err(error) => {
                tracing::error!(%error, "the new certificate or key is of no use; connections are shown the one before");
            }
        }
    }

    fn warn(&self, certificate: &Certificate) {
        for danger in certificate.dangers(self.host.as_ref(), self.clock.now()) {
            tracing::warn!(file = %self.files.certificate.display(), "{danger}");
        }
    }
}

/// The host that clients look for in the certificate.
pub(crate) fn host_of(issuer: &Issuer) -> Option<ServerName<'static>> {
    let url = url::Url::parse(issuer.as_str()).ok()?;
    ServerName::try_from(url.host_str()?.trim_matches(['[', ']']).to_owned()).ok()
}

async fn hung_up(signal: &mut Option<Signal>) {
    match signal {
        Some(signal) => {
            signal.recv().await;
        }
        None => std::future::pending().await,
    }
}

/// Reads the files once, for whoever wants to know how they are.
pub(crate) fn examine(files: &TlsFiles) -> Result<Certificate, TlsError> {
    files::read(files).map(|pair| pair.certificate)
}

#[cfg(test)]
mod tests;
