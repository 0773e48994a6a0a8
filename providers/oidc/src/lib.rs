//! Any OpenID Connect issuer: Keycloak, Okta, Entra ID, Google, Cognito, Authentik, Zitadel and the like.
//!
//! All the protocol is in `vestibule-upstream-oidc`. Here are the settings that an operator makes ([`OidcSettings`]), what is
//! known of some providers beforehand ([`Preset`], plain data), and the two rules that only claims can decide: Google's hosted
//! domain, and Entra's overlong lists of groups.
//!
//! To add a preset: a constant in `preset.rs`, its line in [`Preset::ALL`], and a commented file in `config/`.

mod preset;
mod rules;
mod settings;

pub use preset::Preset;
pub use settings::{Credential, Logout, OidcSettings, TokenAuthMethod};
