//! The laws that every identity provider keeps, as a library: each law is a function named as a sentence, and the macros of the
//! book turn them into tests of one provider.
//!
//! A provider's `tests/it/main.rs` implements [`Bench`], which builds the provider against an [`Upstream`], and calls [`laws!`]
//! or the chapters that apply to it: [`redirect_laws!`], [`form_laws!`], [`id_token_laws!`], [`nonce_laws!`], [`outage_laws!`],
//! [`recheck_laws!`], [`logout_laws!`]. An `Upstream` is a small identity provider with real keys that tells the truth until it
//! is told not to; the laws say what a provider must make of its lies and failures. It speaks OpenID Connect, or one of two other
//! [dialects](Dialect): tokens that a page posts, and an API of sessions.
//!
//! The laws speak through the plug-in contract alone, at a time so far ahead ([`sample::NOW`]) that a provider which looks at
//! its machine's clock is found out. Nothing sleeps. This crate must never depend on a provider, nor on the broker.
//!
//! [`run_live`] is the harness of tests against providers on the internet.
//!
//! To add a law: a function in its chapter, its name in `book.rs`. A test sees to it that no law is left out.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    reason = "a law fails by panicking, as tests do"
)]

mod bench;
mod book;
mod expect;
mod live;
mod upstream;
mod walk;

pub mod sample;

pub mod forms;
pub mod id_tokens;
pub mod logouts;
pub mod nonces;
pub mod outages;
pub mod rechecks;
pub mod redirects;

pub use bench::Bench;
pub use live::{LiveTest, run_live};
pub use upstream::{Algorithm, Dialect, Endpoint, Failure, Lie, Person, Shape, Upstream};
pub use walk::Walk;
