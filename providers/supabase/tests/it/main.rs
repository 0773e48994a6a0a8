//! The promises of a login at Supabase, kept against a stand-in that its official client accepts.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod code;
mod examination;
mod laws;
mod oauth_server;
mod outages;
mod password;
mod rig;
mod second_factor;
mod settings;
mod social;
mod standing;
mod tokens;
