//! What can go wrong with Redis, in words that never hold a password.

use std::time::Duration;

use redis::{ErrorKind, RedisError, ServerErrorKind};
use thiserror::Error;
use vestibule_broker::store::StoreError;

use crate::pack::PackError;

/// Why Redis did not do as it was asked.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Trouble {
    /// No connection can be made.
    #[error("Redis at {server} cannot be reached: {cause}")]
    Unreachable {
        /// Host and port.
        server: String,
        /// What the system or Redis says.
        cause: String,
    },
    /// No answer came in time; whether the command was carried out is not known.
    #[error("Redis at {server} did not answer in time")]
    Silent {
        /// Host and port.
        server: String,
    },
    /// The connection broke; whether the command was carried out is not known.
    #[error("the connection to Redis at {server} broke")]
    Broken {
        /// Host and port.
        server: String,
    },
    /// Redis said no, and nothing was carried out.
    #[error("Redis at {server} refuses: {cause}")]
    Refused {
        /// Host and port.
        server: String,
        /// What Redis says.
        cause: String,
    },
    /// The server takes no writes.
    #[error("Redis at {server} is a {role} and not a master")]
    NoMaster {
        /// Host and port.
        server: String,
        /// What it says that it is.
        role: String,
    },
    /// No sentinel names a master.
    #[error("no sentinel names the master {name}: {cause}")]
    NoSentinel {
        /// The master's name.
        name: String,
        /// What the last one said.
        cause: String,
    },
    /// No server of the cluster answers for a part of the keys.
    #[error("no server of the cluster has slot {slot}")]
    NoOwner {
        /// The part.
        slot: u16,
    },
    /// The servers of the cluster send the question around.
    #[error("the servers of the cluster disagree on who has slot {slot}")]
    Astray {
        /// The part.
        slot: u16,
    },
    /// The whole verb took too long.
    #[error("Redis took more than {} ms", .0.as_millis())]
    Late(Duration),
    /// The store is closed.
    #[error("the store is closed")]
    Closed,
}

impl Trouble {
    /// Why no connection was made.
    pub(crate) fn connecting(server: &str, error: &RedisError) -> Self {
        let (server, cause) = (server.to_owned(), error.to_string());
        match error.kind() {
            ErrorKind::Server(ServerErrorKind::BusyLoading) => Self::Unreachable { server, cause },
            ErrorKind::AuthenticationFailed | ErrorKind::Server(_) | ErrorKind::Extension => {
                Self::Refused { server, cause }
            }
            _ => Self::Unreachable { server, cause },
        }
    }

    /// Whether a moment's patience may help.
    pub(crate) fn may_pass(&self) -> bool {
        !matches!(self, Self::Refused { .. } | Self::NoMaster { .. })
    }
}

impl From<Trouble> for StoreError {
    fn from(trouble: Trouble) -> Self {
        Self::Unavailable(Box::new(trouble))
    }
}

impl From<PackError> for StoreError {
    fn from(error: PackError) -> Self {
        Self::Corrupt(Box::new(error))
    }
}

/// The store cannot be opened.
#[derive(Debug, Error)]
pub enum OpenError {
    /// Redis does not answer.
    #[error(
        "{0}; see that Redis runs there, that this machine may reach it, and that [store] url names it with the right user and password"
    )]
    Trouble(#[from] Trouble),
    /// The authority's certificate cannot be used.
    #[error("[store] ca_file holds no certificate in PEM that can be used: {0}")]
    Certificate(String),
    /// Redis is too old.
    #[error("Redis at {server} is version {found}; version {needed} or newer is needed")]
    TooOld {
        /// Host and port.
        server: String,
        /// Its version.
        found: String,
        /// The oldest that will do.
        needed: &'static str,
    },
}
