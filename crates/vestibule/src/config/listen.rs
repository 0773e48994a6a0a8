//! `[listen]`: where the broker listens, and how it leaves.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use super::secret::Outside;
use super::section::Section;

/// Where the broker listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listen {
    /// For clients, browsers and MCP servers; never empty.
    pub addresses: Vec<SocketAddr>,
    /// What TLS is spoken with there, unless a proxy does that.
    pub tls: Option<TlsFiles>,
    /// For operators' commands: a Unix socket.
    pub operators: Option<PathBuf>,
    /// For whoever watches over the broker.
    pub operators_addresses: Vec<SocketAddr>,
    /// How long the broker still takes new requests once it is told to stop, when it says already that it is not ready.
    pub stop_notice: Duration,
    /// How long requests under way may take to finish after that.
    pub drain: Duration,
}

/// The files that TLS is spoken with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFiles {
    /// The certificate and those that lead from it to one that clients trust, in PEM.
    pub certificate: PathBuf,
    /// Its private key, in PEM.
    pub key: PathBuf,
}

/// As long as a balancer takes to ask twice.
const NOTICE: Duration = Duration::from_secs(5);

const DRAIN: Duration = Duration::from_secs(10);

pub(super) fn read(section: Section<'_>, outside: &Outside<'_>) -> Option<Listen> {
    let addresses = addresses(&section, "address", "0.0.0.0:3009");
    if addresses.as_ref().is_some_and(Vec::is_empty) {
        section.note(
            "address",
            "is an empty list; write at least one address, such as \"127.0.0.1:3009\"",
        );
    }
    let addresses = addresses.unwrap_or_else(|| vec![([127, 0, 0, 1], 3009).into()]);
    let operators_addresses =
        self::addresses(&section, "operators_address", "127.0.0.1:3010").unwrap_or_default();
    if operators_addresses
        .iter()
        .any(|address| addresses.contains(address) && address.port() != 0)
    {
        section.note(
            "operators_address",
            "is one of `address` too, where everybody would read it; choose another port",
        );
    }
    let file = |name| section.text(name).map(|path| outside.folder.join(path));
    let operators = file("operators");
    let tls = match (file("tls_certificate"), file("tls_key")) {
        (Some(certificate), Some(key)) => Some(TlsFiles { certificate, key }),
        (Some(_), None) => {
            section.note(
                "tls_key",
                "is missing; name the file with the certificate's private key",
            );
            None
        }
        (None, Some(_)) => {
            section.note(
                "tls_certificate",
                "is missing; name the file with the key's certificate",
            );
            None
        }
        (None, None) => None,
    };
    let notice = if operators_addresses.is_empty() {
        Duration::ZERO
    } else {
        NOTICE
    };
    let stop_notice = section.duration_or_none("stop_notice").unwrap_or(notice);
    let drain = section.duration("drain").unwrap_or(DRAIN);
    section.finish();
    (!addresses.is_empty()).then_some(Listen {
        addresses,
        tls,
        operators,
        operators_addresses,
        stop_notice,
        drain,
    })
}

fn addresses(section: &Section<'_>, name: &'static str, example: &str) -> Option<Vec<SocketAddr>> {
    let texts = section.texts(name)?;
    let parsed = texts.iter().filter_map(|text| {
        let address = text.parse().ok();
        if address.is_none() {
            section.note(
                name,
                format!("\"{text}\" is not an address; write IP and port, such as {example}"),
            );
        }
        address
    });
    let parsed: Vec<SocketAddr> = parsed.collect();
    // A list of mistakes is not an empty one.
    (parsed.len() == texts.len()).then_some(parsed)
}
