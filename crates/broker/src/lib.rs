//! The domain: clients, authorizations, logins, consent, sessions, grants, revocation.
//!
//! Every use case is a method of [`Broker`] that a test can call without HTTP. The broker declares the narrow stores that it
//! needs ([`store`]) and is handed a [`Clock`] and an [`Entropy`]. It never knows axum, redis or any one provider.
//!
//! To add a grant: a file in `token/`, a variant of the request in `protocol`, an arm in `token/mod.rs`.
//! To add a record: a file in `record/`, a trait in `store/`, its laws in `store-testkit`.

mod clock;
mod digest;
mod entropy;
pub mod record;
pub mod settings;
pub mod store;

pub use clock::{Clock, ManualClock, SystemClock};
pub use digest::Digest;
pub use entropy::{Entropy, SystemEntropy};
