//! A TCP balancer: hands each connection to the next replica that takes it, and knows nothing of HTTP.

use std::time::Duration;

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::AbortHandle;
use tokio::time::timeout;

use crate::wire::{spawn, wait_for};

/// How long a replica may take to accept a connection.
const CONNECT: Duration = Duration::from_secs(1);

/// A balancer on a free port, gone when it is dropped.
#[derive(Debug)]
pub(super) struct Balancer {
    port: u16,
    task: AbortHandle,
}

impl Balancer {
    /// Listens on a port before there is anybody to hand connections to, so that the port can be told to them.
    pub(super) fn bind() -> Unserved {
        let listener = wait_for(TcpListener::bind(("127.0.0.1", 0))).expect("a free port");
        Unserved(listener)
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }
}

/// A balancer that nobody stands behind yet.
pub(super) struct Unserved(TcpListener);

impl Unserved {
    pub(super) fn port(&self) -> u16 {
        let address = self.0.local_addr();
        address.expect("a bound listener has an address").port()
    }

    pub(super) fn before(self, replicas: Vec<u16>) -> Balancer {
        let port = self.port();
        let task = spawn(async move {
            for turn in 0.. {
                let Ok((client, _)) = self.0.accept().await else {
                    continue;
                };
                let first = turn % replicas.len();
                let order: Vec<u16> = replicas
                    .iter()
                    .cycle()
                    .skip(first)
                    .take(replicas.len())
                    .copied()
                    .collect();
                tokio::spawn(pass(client, order));
            }
        });
        Balancer { port, task }
    }
}

async fn pass(mut client: TcpStream, replicas: Vec<u16>) {
    for port in replicas {
        if let Ok(Ok(mut replica)) = timeout(CONNECT, TcpStream::connect(("127.0.0.1", port))).await {
            // A connection that breaks off breaks off on both sides.
            let _ = copy_bidirectional(&mut client, &mut replica).await;
            return;
        }
    }
}

impl Drop for Balancer {
    fn drop(&mut self) {
        self.task.abort();
    }
}
