//! The store of many replicas: Redis, alone, behind Sentinel, or as a cluster.
//!
//! This crate knows the broker's records and store traits. It must never depend on HTTP, on a provider or on another store.
//!
//! To add a verb: its question in the file of its record in `verbs/`, and where a read decides a write, a script in `scripts/` with
//! its line in `script.rs`.

mod address;
mod check;
mod error;
mod head;
mod index;
mod keys;
mod link;
mod listing;
mod pack;
mod script;
mod store;
mod verbs;

pub use address::{Address, AddressError, Host, Layout, Transport};
pub use check::{Danger, Examination};
pub use error::{OpenError, Trouble};
pub use store::{RedisSettings, RedisStore};
