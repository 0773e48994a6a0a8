//! `[registration]`: who may register a client.

use vestibule_broker::settings::RegistrationSettings;
use vestibule_protocol::RedirectPolicy;

use super::secret::{Outside, SecretKeys, secret_keys};
use super::section::Section;

/// The redirect hosts whose clients are known to register as public and to want a secret all the same.
const SECRET_FOR_HOSTS: [&str; 1] = ["www.perplexity.ai"];
const INITIAL_ACCESS_TOKEN: SecretKeys = secret_keys!("initial_access_token");

pub(super) fn read(section: Section<'_>, outside: &Outside<'_>) -> RegistrationSettings {
    let settings = RegistrationSettings {
        enabled: section.flag("enabled").unwrap_or(true),
        initial_access_token: section.secret(INITIAL_ACCESS_TOKEN, outside),
        redirects: RedirectPolicy {
            allow_plain_http: section.flag("allow_plain_http").unwrap_or(false),
        },
        secret_for_hosts: section
            .texts("secret_for_hosts")
            .unwrap_or_else(|| SECRET_FOR_HOSTS.to_vec())
            .into_iter()
            .map(str::to_ascii_lowercase)
            .collect(),
    };
    if !settings.enabled && settings.initial_access_token.is_some() {
        section.note(
            "initial_access_token",
            "is given, but enabled = false lets nobody register; remove one",
        );
    }
    section.finish();
    settings
}
