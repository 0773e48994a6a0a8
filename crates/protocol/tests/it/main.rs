//! What the messages admit, what they refuse, and what they say.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod authorize;
mod challenge;
mod client_auth;
mod client_document;
mod discovery;
mod errors;
mod names;
mod params;
mod pkce;
mod properties;
mod real_clients;
mod redirect_matching;
mod redirect_parsing;
mod redirect_writing;
mod registered;
mod registration;
mod resources;
mod scopes;
mod secrets;
mod tokens;
