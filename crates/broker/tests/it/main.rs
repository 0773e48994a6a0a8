//! The broker's use cases, on the in-memory store and a clock that stands still.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod client_assertions;
mod client_auth;
mod client_documents;
mod clients;
mod discovery;
mod faulty;
mod fixture;
mod introspect;
mod keys;
mod limits;
mod logout;
mod management;
mod operate;
mod proof;
mod puppet;
mod registration;
mod revoke;
mod rotation;
mod shelf;
mod status;
mod token;
mod upstream;
mod userinfo;
mod walk;
