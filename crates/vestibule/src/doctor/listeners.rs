//! The addresses that the broker listens on.

use std::io::ErrorKind;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};

use vestibule_outbound::{Limits, Outbound, Reach};
use vestibule_protocol::Issuer;
use vestibule_provider::Finding;

use super::Running;
use super::web::{self, Metadata};
use crate::config::Config;

/// Whether each address is free, or the broker has it already.
pub(super) async fn examine(config: &Config, running: &Running) -> Vec<Finding> {
    let mut findings = Vec::new();
    let listen = &config.listen;
    for address in listen.addresses.iter().chain(&listen.operators_addresses) {
        findings.push(look_at(*address, config, running).await);
    }
    findings
}

async fn look_at(address: SocketAddr, config: &Config, running: &Running) -> Finding {
    let what = address.to_string();
    let refused = match TcpListener::bind(address) {
        Ok(_) if matches!(running, Running::Yes(_)) && address.port() != 0 => {
            return Finding::bad(
                what,
                "the running broker does not listen there",
                "start it again, so that it reads this configuration",
            );
        }
        Ok(_) => return Finding::good(what, "free"),
        Err(error) => error,
    };
    match refused.kind() {
        ErrorKind::AddrInUse if is_taken_for_granted(address, config, running) => {
            Finding::good(what, "in use, and the broker runs")
        }
        ErrorKind::AddrInUse if answers_as(address, &config.issuer).await => {
            Finding::good(what, "the broker answers there")
        }
        ErrorKind::AddrInUse => Finding::bad(
            what,
            "another program has it",
            "stop that program, or choose another port with [listen] address",
        ),
        ErrorKind::PermissionDenied => Finding::bad(
            what,
            "this user may not listen there",
            "choose a port above 1023 with [listen] address, or give the broker's user CAP_NET_BIND_SERVICE",
        ),
        ErrorKind::AddrNotAvailable => Finding::bad(
            what,
            "it is not an address of this machine",
            "choose one that is with [listen] address",
        ),
        _ => Finding::bad(what, refused.to_string(), "choose another with [listen] address"),
    }
}

/// Whether the broker that runs cannot be known there by its metadata: it speaks TLS under another name, or to operators.
fn is_taken_for_granted(address: SocketAddr, config: &Config, running: &Running) -> bool {
    let listen = &config.listen;
    let unlike = listen.tls.is_some() || listen.operators_addresses.contains(&address);
    unlike && matches!(running, Running::Yes(_))
}

/// Whether a broker with our issuer answers there.
async fn answers_as(address: SocketAddr, issuer: &Issuer) -> bool {
    let Ok(outbound) = Outbound::new(Reach::Private, Limits::default()) else {
        return false;
    };
    let origin = format!("http://{}", reachable(address));
    match web::get(&outbound, &web::metadata_url(issuer, &origin)).await {
        Ok(answer) => web::read(&answer).is_some_and(|found: Metadata| found.issuer == issuer.as_str()),
        Err(_) => false,
    }
}

/// The address at which this machine reaches what listens on `address`.
fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}
