//! `kind = "clerk"`.

use vestibule_provider_clerk::{ClerkSettings, PublishableKey, SecretKey};
use vestibule_upstream_oidc::{NonceRule, ProviderOrigin};

use super::entry::public_variables;
use super::{Entry, ProviderKind};
use crate::config::secret::{SecretKeys, secret_keys};

const CLIENT_SECRET: SecretKeys = secret_keys!("client_secret");
const SECRET_KEY: SecretKeys = secret_keys!("secret_key");
const PUBLISHABLE_KEY: &[&str] = public_variables!("CLERK_PUBLISHABLE_KEY");

pub(super) fn read(entry: &Entry<'_>) -> Option<ProviderKind> {
    let section = &entry.section;
    let frontend_api: Option<ProviderOrigin> = section.parsed("frontend_api");
    let publishable_key = read_publishable_key(entry);
    let client_id = entry.required_text_or_env(
        "client_id",
        &["CLERK_OAUTH_CLIENT_ID"],
        "what the OAuth application's page shows",
    );
    let client_secret = entry.secret_or_env(CLIENT_SECRET, &["CLERK_OAUTH_CLIENT_SECRET"]);
    let secret_key = entry
        .secret_or_env(SECRET_KEY, &["CLERK_SECRET_KEY"])
        .and_then(|secret| {
            let key = SecretKey::parse(&secret);
            key.inspect_err(|error| section.note(SECRET_KEY.inline, error.to_string()))
                .ok()
        });
    let api = entry.parsed_or_env("api_url", &["CLERK_API_URL"]);
    let scopes = section.texts("scopes");
    let nonce_rule = match section.flag("require_nonce") {
        Some(false) => NonceRule::WherePresent,
        Some(true) | None => NonceRule::Required,
    };
    let reach = entry.reach();
    if publishable_key.is_none() && frontend_api.is_none() {
        return None;
    }
    Some(ProviderKind::Clerk(Box::new(ClerkSettings {
        publishable_key,
        frontend_api,
        client_id: client_id?,
        client_secret,
        secret_key,
        api: api.or_else(|| ProviderOrigin::parse(ClerkSettings::API).ok())?,
        scopes: scopes.map(|scopes| scopes.into_iter().map(str::to_owned).collect()),
        nonce_rule,
        reach,
    })))
}

/// Without a Frontend API it has to be there.
fn read_publishable_key(entry: &Entry<'_>) -> Option<PublishableKey> {
    if entry.section.has("frontend_api") {
        entry.section.parsed("publishable_key")
    } else {
        entry.required_or_env("publishable_key", PUBLISHABLE_KEY, "pk_live_…")
    }
}

#[cfg(test)]
mod tests;
