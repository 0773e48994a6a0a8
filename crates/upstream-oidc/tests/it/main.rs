//! The engine against a real HTTP server that signs with real keys and can be told to misbehave.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails loudly, on the line that found the fault"
)]

mod world;

mod authorize;
mod callback;
mod client_auth;
mod discovery;
mod examine;
mod hostile_tokens;
mod keys;
mod login;
mod logout;
mod logout_token;
mod outages;
mod recheck;
mod scrutiny;
mod userinfo;
