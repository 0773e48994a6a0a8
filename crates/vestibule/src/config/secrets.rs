//! `[secrets]`: the master secret, and those before it.

use vestibule_broker::MasterSecrets;
use vestibule_keyring::MasterSecret;
use vestibule_protocol::Secret;

use super::Purpose;
use super::secret::{Outside, SecretKeys, secret_keys};
use super::section::Section;

const MASTER: SecretKeys = secret_keys!("master");
const PREVIOUS: SecretKeys = secret_keys!("previous");

pub(super) fn read(section: Section<'_>, purpose: Purpose, outside: &Outside<'_>) -> Option<MasterSecrets> {
    let parse = |keys: SecretKeys, secret: Secret| {
        let parsed = MasterSecret::parse(secret.expose());
        parsed
            .inspect_err(|error| section.note(given(&section, keys), error.to_string()))
            .ok()
    };
    let current = match purpose {
        Purpose::Serve => section.required_secret(MASTER, outside),
        Purpose::Demo => section.secret(MASTER, outside),
    };
    let current = current.and_then(|secret| parse(MASTER, secret));
    let previous = section
        .secret(PREVIOUS, outside)
        .and_then(|secret| parse(PREVIOUS, secret));
    section.finish();
    current.map(|current| MasterSecrets {
        current,
        previous: previous.into_iter().collect(),
    })
}

/// The key under which the secret stands.
fn given(section: &Section<'_>, keys: SecretKeys) -> &'static str {
    [keys.file, keys.env]
        .into_iter()
        .find(|key| section.has(key))
        .unwrap_or(keys.inline)
}
