//! The way to Redis: one connection to each server, kept open by itself, and a circuit that says at once when it is away.

mod absence;
mod cluster;
mod dial;
mod sentinel;
mod server;
mod slot;

use std::sync::Arc;
use std::time::Duration;

use redis::{Cmd, Value};

pub(crate) use dial::Dialler;
pub(crate) use server::{Failure, Server};
pub(crate) use slot::slot_of;

use crate::address::Layout;
use crate::error::Trouble;
use cluster::Cluster;
use sentinel::Sentinels;
use server::Place;

/// How often a question is passed on between the servers of a cluster.
const HOPS: usize = 4;

/// Whether a command may be sent again when the connection broke before its answer came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Repeat {
    /// It only reads, or does nothing more the second time.
    Once,
    /// It decides something: sending it again could answer wrongly.
    Never,
}

/// All servers of one store.
pub(crate) enum Link {
    One(Arc<Server>),
    Many(Cluster),
}

impl Link {
    /// Connects, in the background.
    pub(crate) fn open(dialler: Dialler, sentinel_dialler: Dialler, layout: Layout) -> Self {
        let dialler = Arc::new(dialler);
        match layout {
            Layout::Single(host) => Self::One(Server::keep(dialler, Place::At(host))),
            Layout::Sentinel { sentinels, master } => {
                let sentinels = Sentinels::new(sentinel_dialler, sentinels, master);
                Self::One(Server::keep(dialler, Place::Named(sentinels)))
            }
            Layout::Cluster(hosts) => Self::Many(Cluster::open(dialler, hosts)),
        }
    }

    /// Every server that has a part of the keys.
    pub(crate) async fn servers(&self) -> Result<Vec<Arc<Server>>, Trouble> {
        match self {
            Self::One(server) => Ok(vec![server.clone()]),
            Self::Many(cluster) => cluster.servers().await,
        }
    }

    /// The server that has all keys, if one has.
    pub(crate) fn only(&self) -> Option<&Server> {
        match self {
            Self::One(server) => Some(server),
            Self::Many(_) => None,
        }
    }

    /// Which connection to the server that has `key` stands, if one does.
    pub(crate) async fn connection(&self, key: &[u8]) -> Option<u64> {
        match self {
            Self::One(server) => server.number(),
            Self::Many(cluster) => cluster.owner(slot_of(key)).await.ok()?.number(),
        }
    }

    /// For how long after something happened to `key` its answer may be asked for again, where that is `usual`.
    pub(crate) async fn grace(&self, key: &[u8], usual: Duration) -> Duration {
        match self {
            Self::One(server) => server.grace(usual),
            Self::Many(cluster) => match cluster.owner(slot_of(key)).await {
                Ok(server) => server.grace(usual),
                Err(_) => usual,
            },
        }
    }

    /// Asks the server that has `key`.
    pub(crate) async fn ask(&self, key: &[u8], command: &Cmd, repeat: Repeat) -> Result<Value, Failure> {
        let cluster = match self {
            Self::One(server) => return persist(server, command, repeat).await,
            Self::Many(cluster) => cluster,
        };
        let slot = slot_of(key);
        let mut server = cluster.owner(slot).await?;
        for _ in 0..HOPS {
            match persist(&server, command, repeat).await {
                Err(Failure::Moved(host)) => server = cluster.moved(slot, host),
                Err(Failure::Asked(host)) => return cluster.server(host).send_asking(command).await,
                Err(Failure::Trouble(trouble)) => {
                    cluster.look_again();
                    return Err(Failure::Trouble(trouble));
                }
                answered => return answered,
            }
        }
        Err(Trouble::Astray { slot }.into())
    }
}

/// Asks a server, and once more if the connection broke and that is safe.
async fn persist(server: &Server, command: &Cmd, repeat: Repeat) -> Result<Value, Failure> {
    match server.send(command).await {
        Err(Failure::Trouble(Trouble::Broken { .. })) if repeat == Repeat::Once => server.send(command).await,
        answered => answered,
    }
}
