//! The real router, with an in-memory store behind it.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod account;
mod callback;
mod cors;
mod device;
mod discovery;
mod dpop;
mod faults;
mod forms;
mod health;
mod hostile;
mod limits;
mod metrics;
mod pages;
mod registration;
mod script;
mod services;
mod tokens;
mod upstream;
mod walk;
mod world;
