//! The provider against servers that speak as Google's do, over real HTTP on this machine.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails loudly, on the line that found the fault"
)]

mod asset;
mod emulator;
mod examine;
mod google;
mod id_token;
mod key;
mod key_set;
mod laws;
mod names;
mod page;
mod project;
mod recheck;
mod server_mode;
mod service_account;
