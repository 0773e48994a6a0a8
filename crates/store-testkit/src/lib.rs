//! The laws that every store keeps, as a library: each law is a function named as a sentence, and [`laws!`] turns them all into
//! tests of one backend.
//!
//! A backend's `tests/it/main.rs` implements [`Bench`], which hands out an empty store, and calls [`laws!`] with it; one whose
//! records survive a restart implements [`DurableBench`] too and calls [`durable_laws!`].
//!
//! The laws speak through the broker's store traits alone. This crate must never depend on a backend, nor assume anything of
//! one: expiry is tried with the caller's clock only, which the laws set to a time so far ahead that no backend's own clock has
//! reached it, and nothing sleeps.
//!
//! To add a law: a function in its chapter, its name in `book.rs`. A test sees to it that no law is left out.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::missing_panics_doc,
    reason = "a law fails by panicking, as tests do"
)]

mod ask;
mod bench;
mod book;

pub mod sample;

pub mod authorizations;
pub mod browser_logins;
pub mod clients;
pub mod codes;
pub mod consents;
pub mod devices;
pub mod documents;
pub mod durability;
pub mod keys;
pub mod limits;
pub mod listings;
pub mod pages;
pub mod pushed_requests;
pub mod replays;
pub mod rotation;
pub mod sessions;
pub mod status;
pub mod upstreams;

pub use bench::{Bench, DurableBench};
