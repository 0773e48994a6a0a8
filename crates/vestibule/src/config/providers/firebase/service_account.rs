//! As whom the broker looks users up, if it is to.

use vestibule_provider_firebase::{Authority, Backend, ServiceAccount};

use crate::config::providers::Entry;
use crate::config::secret::{SecretKeys, secret_keys};

const KEYS: SecretKeys = secret_keys!("service_account");
const CHECK: &str = "check_revoked";

/// What Google's own libraries read: the path of a file.
const FILE_VARIABLE: &str = "GOOGLE_APPLICATION_CREDENTIALS";
/// What web applications read: the key itself.
const VARIABLE: &str = "FIREBASE_SERVICE_ACCOUNT_KEY";

/// Whoever has a service account has it look users up, unless the file says otherwise. The emulator lets everybody, and is shown
/// no key.
pub(super) fn read(entry: &Entry<'_>, backend: Option<&Backend>) -> Option<Authority> {
    let section = &entry.section;
    let given = KEYS.all().into_iter().find(|key| section.has(key));
    let wanted = section.flag(CHECK);
    if wanted == Some(false) {
        section.secret(KEYS, entry.outside);
        if let Some(key) = given {
            section.note(
                key,
                "is of no use with check_revoked = false; remove one of the two",
            );
        }
        return None;
    }
    let from_variable = |name| match given {
        Some(_) => String::new(),
        None => {
            format!("; the environment variable {name} led to it, and check_revoked = false does without")
        }
    };
    let found = entry
        .secret_or_env(KEYS, &[VARIABLE])
        .map(|secret| (secret, from_variable(VARIABLE)))
        .or_else(|| {
            let secret = entry.secret_in_file_of_env(KEYS, FILE_VARIABLE)?;
            Some((secret, from_variable(FILE_VARIABLE)))
        });
    if let Some(Backend::Emulator(_)) = backend {
        return (found.is_some() || wanted == Some(true)).then_some(Authority::EmulatorOwner);
    }
    if let Some((secret, from)) = found {
        return ServiceAccount::parse(&secret)
            .inspect_err(|error| section.note(given.unwrap_or(KEYS.inline), format!("{error}{from}")))
            .ok()
            .map(Authority::ServiceAccount);
    }
    if wanted == Some(true) && given.is_none() {
        section.note(
            CHECK,
            format!(
                "needs the key of a service account; write {} = \"/path/to/its.json\", or set {FILE_VARIABLE} or {VARIABLE} in the \
                 environment",
                KEYS.file
            ),
        );
    }
    None
}
