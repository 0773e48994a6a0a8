//! The store of one node: in memory, or in a file.
//!
//! Every record lives in one in-memory [`image`], and each verb has one implementation there, atomic under one lock. With a file,
//! the rows that a verb changed go through the [`journal`], and the verb answers once everything it saw and changed is on disk.
//! Verbs that arrive together share one flush. Rate-limit cells are kept in memory alone: a restart empties them.
//!
//! This crate knows the broker's records and store traits. It must never depend on HTTP, on a provider or on another store.
//!
//! To add a record: a file in `tables/` with its rows and its verbs, a field and three lines in [`image`].

mod embedded;
mod error;
mod file;
mod image;
mod journal;
mod table;
mod tables;
mod trace;

pub use embedded::Embedded;
pub use error::{OpenError, RowError, WriteError};
