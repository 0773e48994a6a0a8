//! Supabase Auth, in two ways: its own API behind the broker's login page ([`NativeProvider`]), or its OAuth server and the
//! project's own pages ([`OauthServerProvider`]).
//!
//! The first asks for a password, a one-time code or a second factor on the broker's own page, and sends the browser away
//! for social providers with PKCE. Nothing that a user can edit (`user_metadata`) ever authorizes. This crate knows nothing of
//! the broker, of a store or of pages.

mod api;
mod cached;
mod examine;
mod method;
mod native;
mod oauth_server;
mod project;
mod settings;
mod token;

pub use method::{Method, MethodError};
pub use native::NativeProvider;
pub use oauth_server::{OauthServerProvider, OauthServerSettings};
pub use project::{ProjectUrl, ProjectUrlError, PublishableKey, PublishableKeyError};
pub use settings::{AtLogout, MetadataPath, MetadataPathError, NativeSettings, SecondFactor};
pub use vestibule_upstream_oidc::SecretMethod;
