//! Real identity providers, each started as its own process on a free port.

mod canaille;
mod firebase;
mod glewlwyd;
mod mock;
mod oidc_provider;
mod server;

use std::fmt::Write as _;
use std::path::Path;

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

/// What it is where it is known by its key instead of its secret, if that is not the only client there.
pub(crate) const KEYED_CLIENT_ID: &str = "broker-by-key";

/// Its secret.
pub(crate) const CLIENT_SECRET: &str = "the-secret-of-a-test";

/// A running identity provider.
pub trait Upstream {
    /// Its issuer, byte for byte.
    fn issuer(&self) -> &str;

    /// A person logs in there by plain HTTP, beginning at the address that the broker sent them to: what they see in the end.
    fn logged_in(&self, browser: &Browser, at: &Url, name: &str, password: &str) -> Answer;

    /// The same: where they are sent then.
    fn log_in(&self, browser: &Browser, at: &Url, name: &str, password: &str) -> Url {
        sent_back(&self.logged_in(browser, at, name, password))
    }

    /// The same for whom a form brings back, which the last page there sends by itself: what the broker answers.
    fn log_in_by_form(&self, browser: &Browser, at: &Url, name: &str, password: &str) -> Answer {
        let seen = self.logged_in(browser, at, name, password);
        let form = seen.page().form_with("code");
        let form =
            form.unwrap_or_else(|| panic!("no form leads back from {}: {}", self.issuer(), seen.body()));
        browser.follow(browser.submit(&seen, &form))
    }

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

/// The same for a client that is known by the key in this file, and by nothing else.
fn key_section(id: &str, issuer: &str, client_id: &str, key: &Path, more: &str) -> String {
    let more = format!("private_key_file = \"{}\"\n{more}", key.display());
    provider_section(id, issuer, CLIENT_SECRET, &more)
        .replace(&format!("client_secret = \"{CLIENT_SECRET}\"\n"), "")
        .replace(
            &format!("client_id = \"{CLIENT_ID}\""),
            &format!("client_id = \"{client_id}\""),
        )
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
