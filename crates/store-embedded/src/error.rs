//! What can go wrong with the file.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use thiserror::Error;
use vestibule_broker::store::StoreError;

/// The store cannot be opened.
#[derive(Debug, Error)]
pub enum OpenError {
    /// Somebody else has it open.
    #[error("{path} is in use by another process; stop that one first, or use another data directory")]
    InUse {
        /// The store's file.
        path: PathBuf,
    },
    /// The file or its directory does not let us in.
    #[error("{path} cannot be opened for reading and writing: {source}")]
    Inaccessible {
        /// The store's file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The file is something else.
    #[error("{path} is not a store of this program; move it away, or use another data directory")]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// A newer version of the program wrote the file.
    #[error(
        "{path} was written by a newer version (its schema is {found}, this version knows {known}); use that version"
    )]
    Newer {
        /// The store's file.
        path: PathBuf,
        /// The file's schema.
        found: u64,
        /// The newest schema that this version knows.
        known: u64,
    },
    /// The file is in a format that the database library no longer reads.
    #[error(
        "{path} is in the old file format {format}; open it once with the version of this program that wrote it"
    )]
    Outdated {
        /// The store's file.
        path: PathBuf,
        /// The format's number.
        format: u8,
    },
    /// A row cannot be read.
    #[error(
        "{path} has a row that cannot be read, in table {table} under key {key}: {source}; restore a copy of the file"
    )]
    Row {
        /// The store's file.
        path: PathBuf,
        /// The row's table.
        table: String,
        /// The row's key.
        key: String,
        /// What is wrong with it.
        source: RowError,
    },
    /// The file is damaged, or the disk fails.
    #[error("{path} cannot be read: {source}; restore a copy of the file")]
    Damaged {
        /// The store's file.
        path: PathBuf,
        /// What the database says.
        source: Box<redb::Error>,
    },
    /// No thread could be started for the writing.
    #[error("the thread that writes the store cannot be started: {0}")]
    NoWriter(#[source] io::Error),
}

/// What is wrong with a row.
#[derive(Debug, Error)]
pub enum RowError {
    /// Nothing is known of the table.
    #[error("there should be no such table")]
    UnknownTable,
    /// The row is larger than any row that a store writes.
    #[error("it has {0} bytes, which is more than any row that a store writes")]
    TooLarge(usize),
    /// The key is not the JSON that it should be.
    #[error("the key is malformed: {0}")]
    Key(#[source] serde_json::Error),
    /// The value is not the JSON that it should be.
    #[error("the record is malformed: {0}")]
    Value(#[source] serde_json::Error),
    /// The record says that it belongs under another key.
    #[error("the record belongs under another key")]
    Misfiled,
}

/// The store's file takes no more writes; the store has to be opened anew.
#[derive(Debug, Clone, Error)]
pub enum WriteError {
    /// The database could not write.
    #[error("the store's file cannot be written: {0}")]
    Database(Arc<redb::Error>),
    /// A record has no JSON form.
    #[error("a record cannot be written down: {0}")]
    Record(Arc<serde_json::Error>),
    /// A verb, or the thread that writes, has panicked.
    #[error("the store broke off in the middle of its work")]
    BrokenOff,
    /// The store was closed.
    #[error("the store is closed")]
    Closed,
}

impl From<redb::Error> for WriteError {
    fn from(error: redb::Error) -> Self {
        Self::Database(Arc::new(error))
    }
}

impl From<serde_json::Error> for WriteError {
    fn from(error: serde_json::Error) -> Self {
        Self::Record(Arc::new(error))
    }
}

impl From<WriteError> for StoreError {
    fn from(error: WriteError) -> Self {
        Self::Unavailable(Box::new(error))
    }
}
