//! What a certificate says of itself.

use std::fmt;
use std::time::Duration;

use rustls::client::verify_server_name;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::server::ParsedCertificate;
use vestibule_protocol::Timestamp;
use x509_parser::parse_x509_certificate;

/// From when on an operator is told that a certificate ends.
const SOON: Duration = Duration::from_secs(14 * 24 * 60 * 60);

/// A certificate, as far as an operator has to look after it.
#[derive(Debug, Clone)]
pub(crate) struct Certificate {
    der: CertificateDer<'static>,
    starts: Timestamp,
    ends: Timestamp,
}

/// What will go wrong with a certificate, or does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Danger {
    /// Its time has not come.
    NotYet(Timestamp),
    /// Its time is over.
    Ended(Timestamp),
    /// Its time is over soon.
    EndsSoon(Timestamp),
    /// It is another host's.
    OtherHost(String),
}

impl Certificate {
    /// Reads what it says; nothing if it is no certificate.
    pub(super) fn parse(der: &CertificateDer<'_>) -> Option<Self> {
        let (_, parsed) = parse_x509_certificate(der).ok()?;
        let validity = parsed.validity();
        Some(Self {
            der: der.clone().into_owned(),
            starts: Timestamp::from_secs(validity.not_before.timestamp()),
            ends: Timestamp::from_secs(validity.not_after.timestamp()),
        })
    }

    /// When it ends, as people read it.
    pub(crate) fn ends(&self) -> String {
        shown(self.ends)
    }

    /// What is the matter with it, for clients that look for `host`.
    pub(crate) fn dangers(&self, host: Option<&ServerName<'_>>, now: Timestamp) -> Vec<Danger> {
        let mut dangers = Vec::new();
        if now < self.starts {
            dangers.push(Danger::NotYet(self.starts));
        } else if self.ends <= now {
            dangers.push(Danger::Ended(self.ends));
        } else if self.ends <= now + SOON {
            dangers.push(Danger::EndsSoon(self.ends));
        }
        if let Some(host) = host
            && !self.is_of(host)
        {
            dangers.push(Danger::OtherHost(host.to_str().into_owned()));
        }
        dangers
    }

    fn is_of(&self, host: &ServerName<'_>) -> bool {
        ParsedCertificate::try_from(&self.der)
            .is_ok_and(|certificate| verify_server_name(&certificate, host).is_ok())
    }
}

impl Danger {
    /// Whether clients are turned away by it already.
    pub(crate) fn is_here(&self) -> bool {
        !matches!(self, Self::EndsSoon(_))
    }
}

impl fmt::Display for Danger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotYet(starts) => write!(f, "the certificate counts from {} on only", shown(*starts)),
            Self::Ended(ends) => write!(f, "the certificate ended at {}; renew it", shown(*ends)),
            Self::EndsSoon(ends) => write!(f, "the certificate ends at {}; renew it", shown(*ends)),
            Self::OtherHost(host) => {
                write!(
                    f,
                    "the certificate does not name {host}, the issuer's host, and clients will refuse it"
                )
            }
        }
    }
}

fn shown(time: Timestamp) -> String {
    let since_epoch = Duration::from_secs(u64::try_from(time.as_secs()).unwrap_or(0));
    humantime::format_rfc3339_seconds(std::time::UNIX_EPOCH + since_epoch).to_string()
}
