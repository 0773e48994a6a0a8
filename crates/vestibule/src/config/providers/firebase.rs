//! `kind = "firebase"`: one project of Firebase Authentication.

mod service_account;

use vestibule_provider_firebase::{
    AuthDomain, Backend, ClaimName, EmulatorHost, FirebaseSettings, Mode, ProjectId, Recaptcha, SecondFactor,
    Way,
};

use super::entry::public_variables;
use super::{Entry, ProviderKind};
use crate::config::section::Section;

pub(super) fn read(entry: &Entry<'_>) -> Option<ProviderKind> {
    let section = &entry.section;
    let project = entry.required_or_env::<ProjectId>("project_id", &PROJECT, "my-app-1a2b3");
    let api_key = entry.required_text_or_env("api_key", public_variables!["FIREBASE_API_KEY"], "AIza…");
    let auth_domain =
        entry.parsed_or_env::<AuthDomain>("auth_domain", public_variables!["FIREBASE_AUTH_DOMAIN"]);
    let tenant = section.text("tenant_id").map(str::to_owned);
    let mode = read_mode(section);
    let sign_in_providers = section.texts("sign_in_providers");
    let second_factor = match section.flag("require_mfa") {
        Some(true) => SecondFactor::Required,
        Some(false) | None => SecondFactor::IfEnrolled,
    };
    let roles_from = section.parsed_list::<ClaimName>("roles_claims");
    let groups_from = section.parsed_list::<ClaimName>("groups_claims");
    let backend = read_backend(entry);
    let admin = service_account::read(entry, backend.as_ref());
    let backend = backend?;

    let (project, mode) = (project?, mode?);
    Some(ProviderKind::Firebase(Box::new(FirebaseSettings {
        auth_domain: auth_domain.unwrap_or_else(|| AuthDomain::of(&project)),
        project,
        api_key: api_key?,
        tenant,
        sign_in_providers: sign_in_providers.map_or_else(
            || mode.sign_in_providers(),
            |names| names.into_iter().map(str::to_owned).collect(),
        ),
        mode,
        second_factor,
        roles_from: roles_from.unwrap_or_default(),
        groups_from: groups_from.unwrap_or_default(),
        admin,
        broker: entry.issuer?.clone(),
        backend,
    })))
}

/// What Google's own libraries read, and what front ends do.
const PROJECT: [&str; 5] = [
    "FIREBASE_PROJECT_ID",
    "GOOGLE_CLOUD_PROJECT",
    "GCLOUD_PROJECT",
    "NEXT_PUBLIC_FIREBASE_PROJECT_ID",
    "VITE_FIREBASE_PROJECT_ID",
];

fn read_mode(section: &Section<'_>) -> Option<Mode> {
    let ways = section.parsed_list::<Way>("providers");
    let recaptcha = section.flag("recaptcha");
    match section.text("mode").unwrap_or("page") {
        "page" => {
            let ways = if section.has("providers") {
                ways?
            } else {
                vec![Way::Password]
            };
            if ways.is_empty() {
                section.note(
                    "providers",
                    "is empty; nobody could sign in: write [\"password\"]",
                );
            }
            let recaptcha = match recaptcha {
                Some(true) => Recaptcha::Allowed,
                Some(false) | None => Recaptcha::Stopped,
            };
            Some(Mode::Page { ways, recaptcha })
        }
        "server" => {
            for key in ["providers", "recaptcha"] {
                if section.has(key) {
                    section.note(
                        key,
                        "is for mode = \"page\"; the forms of mode = \"server\" take an email address and a password",
                    );
                }
            }
            Some(Mode::Server)
        }
        other => {
            let text = format!("\"{other}\" is not a mode; write \"page\" or \"server\"");
            section.note("mode", text);
            None
        }
    }
}

/// The emulator's tokens are unsigned: anybody on this machine can be anybody.
fn read_backend(entry: &Entry<'_>) -> Option<Backend> {
    const KEY: &str = "emulator_host";
    const VARIABLE: &str = "FIREBASE_AUTH_EMULATOR_HOST";
    let host = entry.text_or_env(KEY, &[VARIABLE]);
    let from = if entry.section.has(KEY) {
        ""
    } else {
        " in the environment variable FIREBASE_AUTH_EMULATOR_HOST"
    };
    let Some(text) = host else {
        return (!entry.section.has(KEY)).then_some(Backend::Google);
    };
    if entry.issuer.is_some_and(|issuer| !issuer.is_loopback()) {
        entry.section.note(
            KEY,
            format!(
                "\"{text}\"{from} makes the broker believe unsigned tokens, which it does only for an issuer on this \
                 machine; remove it{}",
                if from.is_empty() { "" } else { " from the environment" }
            ),
        );
    }
    text.parse::<EmulatorHost>()
        .inspect_err(|error| entry.section.note(KEY, format!("\"{text}\"{from} {error}")))
        .map(Backend::Emulator)
        .ok()
}

#[cfg(test)]
mod tests;
