//! The operators' socket: a Unix socket on which commands reach the running broker.
//!
//! To add a command: a file here with what goes over the socket and its handlers, a line in `socket.rs`, and a file in
//! `commands/`.

pub(crate) mod client;
pub(crate) mod clients;
pub(crate) mod keys;
pub(crate) mod limits;
pub(crate) mod policy;
pub(crate) mod sessions;
mod socket;

use std::path::PathBuf;
use std::time::Duration;

use axum::Json;
use axum::http::StatusCode;
use serde::Deserialize;
use vestibule_broker::store::{Cursor, PageRequest, PageSize, StoreError};
use vestibule_protocol::Timestamp;

use crate::config::{Config, StoreConfig};

pub(crate) use client::OperatorClient;
pub(crate) use socket::OperatorSocket;

/// Where the socket of a configuration is: as written, or beside the store's file. Replicas that share a store have each their own,
/// which only the operator can name.
pub(crate) fn socket_of(config: &Config) -> Option<PathBuf> {
    config.listen.operators.clone().or_else(|| match &config.store {
        StoreConfig::Memory | StoreConfig::Redis(_) => None,
        StoreConfig::File(path) => Some(path.with_extension("sock")),
    })
}

/// What a handler answers: a record, or a sentence that the command shows.
type Answer<T> = Result<Json<T>, (StatusCode, String)>;

/// Which page of a listing a command asks for.
#[derive(Debug, Deserialize)]
struct Part {
    size: usize,
    after: Option<String>,
}

impl Part {
    fn request(&self) -> PageRequest {
        PageRequest {
            after: self.after.as_deref().map(Cursor::new),
            size: PageSize::nearest(self.size),
        }
    }
}

impl Part {
    /// The page, if it is of the listing whose marks begin so; the bare beginning stands for its first page.
    fn behind(&self, beginning: &str) -> Option<PageRequest> {
        let mark = self.after.as_deref()?.strip_prefix(beginning)?;
        Some(PageRequest {
            after: (!mark.is_empty()).then(|| Cursor::new(mark)),
            size: PageSize::nearest(self.size),
        })
    }
}

fn store_failed(error: &StoreError) -> (StatusCode, String) {
    (StatusCode::SERVICE_UNAVAILABLE, error.to_string())
}

fn foreign_mark() -> (StatusCode, String) {
    let told = "the listing cannot go on where it stopped; ask for it anew";
    (StatusCode::CONFLICT, told.to_owned())
}

fn shown(time: Timestamp) -> String {
    let since_epoch = Duration::from_secs(u64::try_from(time.as_secs()).unwrap_or(0));
    humantime::format_rfc3339_seconds(std::time::UNIX_EPOCH + since_epoch).to_string()
}
