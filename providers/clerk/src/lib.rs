//! Clerk.
//!
//! A Clerk application with an OAuth application is an OpenID Connect provider; this crate finds it by the publishable key, and
//! asks Clerk's backend API whether a user still stands, where it has the secret key. Users come in by the ID token alone: a
//! Clerk access token names no audience, so one that was issued to anybody else would do. It must never depend on the broker.

mod backend;
mod provider;
mod publishable_key;
mod secret_key;
mod settings;

pub use provider::Clerk;
pub use publishable_key::{PublishableKey, PublishableKeyError};
pub use secret_key::{SecretKey, SecretKeyError};
pub use settings::ClerkSettings;
