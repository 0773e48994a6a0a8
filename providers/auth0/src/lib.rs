//! Auth0.
//!
//! Auth0 is an OpenID Connect provider by the book; this crate says what is its own about it: an issuer that ends in a slash,
//! organizations, permissions in the access token of an API, and an older way out. It must never depend on the broker.

mod organization;
mod rules;
mod settings;

pub use organization::Organization;
pub use settings::{Api, Auth0Settings, Permissions};
