//! What lies between the client and the servers.

use std::fmt;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;

/// The addresses of a name, when they are found.
pub type Found = Pin<Box<dyn Future<Output = io::Result<Vec<SocketAddr>>> + Send>>;

/// Finds the addresses of names. What it finds is judged before anything is connected to.
pub trait Names: Send + Sync {
    /// The addresses of a name, with the port 0.
    fn find(&self, name: &str) -> Found;
}

/// How names are resolved, and whose certificates count beside those that the system trusts.
#[derive(Clone)]
pub struct Network {
    /// How names are resolved.
    pub names: Arc<dyn Names>,
    /// Root certificates in PEM.
    pub roots: Vec<Vec<u8>>,
}

impl Default for Network {
    /// The machine's own.
    fn default() -> Self {
        Self {
            names: Arc::new(System),
            roots: Vec::new(),
        }
    }
}

impl fmt::Debug for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Network")
            .field("roots", &self.roots.len())
            .finish_non_exhaustive()
    }
}

/// The system's resolver.
struct System;

impl Names for System {
    fn find(&self, name: &str) -> Found {
        let name = name.to_owned();
        Box::pin(async move { Ok(tokio::net::lookup_host((name, 0)).await?.collect()) })
    }
}
