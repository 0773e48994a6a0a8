//! What this crate promises to those who mint and those who verify.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod claims;
mod dpop;
mod forged;
mod hostile;
mod interop;
mod jwks;
mod keys;
mod minting;
mod properties;
mod status_list;
mod support;
