//! Firebase Authentication.
//!
//! Firebase has no page of its own to send a browser to, so the broker shows one: by default with Firebase's own SDK, which
//! signs in and hands back an ID token and a refresh token ([`Mode::Page`]); or, without JavaScript, with the broker's forms
//! and Firebase's REST API ([`Mode::Server`]). Either way the ID token is judged by all of Firebase's rules
//! ([`token`](https://firebase.google.com/docs/auth/admin/verify-id-tokens#verify_id_tokens_using_a_third-party_jwt_library)),
//! and whether the user still stands is asked with the refresh token, and where a
//! service account is given, by the project's own record of the user. This crate knows nothing of the broker, of a store or
//! of an HTTP server.

mod api;
mod backend;
mod examine;
mod foreign_text;
mod identity;
mod names;
mod page;
mod provider;
mod server;
mod service_account;
mod settings;
mod standing;
mod token;
mod way;

pub use backend::{Backend, EmulatorHost, EmulatorHostError, Endpoints};
pub use names::{AuthDomain, ClaimName, NameError, ProjectId};
pub use provider::FirebaseProvider;
pub use service_account::{ServiceAccount, ServiceAccountError};
pub use settings::{Authority, FirebaseSettings, Mode, Recaptcha, SecondFactor};
pub use way::{Popup, UnknownWay, Way};
