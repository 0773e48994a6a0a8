//! Taking hold of ports.

use std::io::{self, ErrorKind};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

use anyhow::anyhow;
use tokio::net::TcpListener;

/// Listens on every address; `setting` is where the address was chosen.
pub(crate) async fn bind_all(addresses: &[SocketAddr], setting: &str) -> anyhow::Result<Vec<TcpListener>> {
    let mut listeners = Vec::new();
    for address in addresses {
        let bound = TcpListener::bind(address).await;
        listeners.push(bound.map_err(|error| explain(*address, setting, &error))?);
    }
    Ok(listeners)
}

/// Listens on `localhost`: on its IPv4 address, and on its IPv6 one where the machine has it, since clients try either.
pub(crate) async fn bind_loopback(port: u16, setting: &str) -> anyhow::Result<Vec<TcpListener>> {
    let mut listeners = bind_all(&[(Ipv4Addr::LOCALHOST, port).into()], setting).await?;
    let second = SocketAddr::from((Ipv6Addr::LOCALHOST, port));
    match TcpListener::bind(second).await {
        Ok(listener) => listeners.push(listener),
        Err(error) if error.kind() == ErrorKind::AddrInUse => return Err(explain(second, setting, &error)),
        Err(error) => tracing::debug!(%error, "no IPv6 loopback"),
    }
    Ok(listeners)
}

fn explain(address: SocketAddr, setting: &str, error: &io::Error) -> anyhow::Error {
    let port = address.port();
    match error.kind() {
        ErrorKind::AddrInUse => {
            anyhow!("port {port} is taken by another program; stop it, or choose another port with {setting}")
        }
        ErrorKind::PermissionDenied => {
            anyhow!("port {port} may not be used by this user; choose one above 1023 with {setting}")
        }
        ErrorKind::AddrNotAvailable => {
            anyhow!(
                "{} is not an address of this machine; choose another with {setting}",
                address.ip()
            )
        }
        _ => anyhow!("cannot listen on {address}: {error}; choose another address with {setting}"),
    }
}
