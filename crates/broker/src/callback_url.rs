//! Where providers send browsers back to.

use url::Url;
use vestibule_protocol::{Issuer, ProviderId};

/// The callback URL to register with a provider, under the broker's issuer.
pub fn callback_url(issuer: &Issuer, provider: &ProviderId) -> Url {
    let mut url = issuer.url().clone();
    url.set_path(&format!("{}/oauth/callback/{provider}", issuer.path()));
    url
}
