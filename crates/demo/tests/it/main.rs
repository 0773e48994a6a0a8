//! The sample server as its clients see it, with tokens of a small authorization server.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod access;
mod auth_server;
mod client;
mod notes;
mod on_stdio;
mod revisions;
mod tools;
