//! Real identity providers, each started as its own process on a free port.

mod canaille;
mod firebase;
mod glewlwyd;
mod mock;
mod oidc_provider;
mod server;

use std::fmt::Write as _;

use url::Url;

use crate::browser::{Answer, Browser};

pub use canaille::Canaille;
pub use firebase::FirebaseEmulator;
pub use glewlwyd::Glewlwyd;
pub use mock::Mock;
pub use oidc_provider::{OidcProvider, OidcSettings};
pub use server::Failure;

/// What the broker is at every upstream.
pub(crate) const CLIENT_ID: &str = "broker";

/// Its secret.
pub(crate) const CLIENT_SECRET: &str = "the-secret-of-a-test";

/// A running identity provider.
pub trait Upstream {
    /// Its issuer, byte for byte.
    fn issuer(&self) -> &str;

    /// A person logs in there by plain HTTP, beginning at the address that the broker sent them to: where they are sent then.
    fn log_in(&self, browser: &Browser, at: &Url, name: &str, password: &str) -> Url;

    /// The section of the broker's configuration that names it, with these lines more.
    fn section(&self, id: &str, more: &str) -> String {
        provider_section(id, self.issuer(), CLIENT_SECRET, more)
    }
}

/// A section of the broker's configuration for an OpenID Provider.
pub fn provider_section(id: &str, issuer: &str, secret: &str, more: &str) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = write!(
        text,
        "[providers.{id}]\nkind = \"oidc\"\nname = \"The {id} provider\"\nissuer = \"{issuer}\"\n\
         client_id = \"{CLIENT_ID}\"\nclient_secret = \"{secret}\"\n{more}\n"
    );
    text
}

/// Where an answer sends the person at the end of a login.
fn sent_back(answer: &Answer) -> Url {
    answer.location().unwrap_or_else(|| {
        panic!(
            "nobody is sent back from {} ({}): {}",
            answer.url(),
            answer.status(),
            answer.body()
        )
    })
}
