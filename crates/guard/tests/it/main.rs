//! The guard against a small authorization server: what it lets in, and what it says to the rest.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod bodies;
mod challenge;
mod cross_origin;
mod documents;
mod dpop;
mod hostile;
mod introspection;
mod keys;
mod open;
mod over_http;
mod principal;
mod scopes;
mod sessions;
mod status;
mod streams;
mod support;
