//! `kind = "local"`: users listed in the configuration.

use vestibule_protocol::{Scope, Secret};
use vestibule_provider_local::{LocalUser, Password};

use super::{Entry, ProviderKind};
use crate::config::Purpose;
use crate::config::section::Section;

pub(super) fn read(entry: &Entry<'_>) -> Option<ProviderKind> {
    let section = &entry.section;
    let public = entry.issuer.is_some_and(|issuer| !issuer.is_loopback());
    let allowed = section.flag("allow_public_issuer").unwrap_or(false);
    if public && !allowed {
        section.note(
            "kind",
            "\"local\" keeps passwords in this file, which is for one machine; use another provider, or write \
             allow_public_issuer = true",
        );
    }
    let mut users: Vec<LocalUser> = Vec::new();
    for user in section.tables("users") {
        if let Some(read) = read_user(&user, entry.purpose) {
            if users.iter().any(|earlier| earlier.username == read.username) {
                user.note(
                    "username",
                    format!("\"{}\" is there already; each user stands once", read.username),
                );
            }
            users.push(read);
        }
        user.finish();
    }
    if users.is_empty() && !section.has("users") {
        section.note(
            "users",
            "is missing; nobody could log in: add [[providers.<id>.users]]",
        );
        return None;
    }
    Some(ProviderKind::Local(users))
}

fn read_user(section: &Section<'_>, purpose: Purpose) -> Option<LocalUser> {
    let username = section.required_text("username", "alice");
    let password = read_password(section, purpose);
    let scopes = section.parsed_list::<Scope>("scopes").unwrap_or_default();
    let name = section.text("name").map(str::to_owned);
    let email = section.text("email").map(str::to_owned);
    let owned = |texts: Option<Vec<&str>>| texts.unwrap_or_default().into_iter().map(str::to_owned).collect();
    let groups = owned(section.texts("groups"));
    let roles = owned(section.texts("roles"));
    let username = username?;
    if username.trim() != username {
        section.note("username", "has a space at its beginning or end; remove it");
    }
    Some(LocalUser {
        username: username.to_owned(),
        password: password?,
        name,
        email,
        groups,
        roles,
        scopes: scopes.into_iter().collect(),
    })
}

fn read_password(section: &Section<'_>, purpose: Purpose) -> Option<Password> {
    let hash = section.text("password_hash");
    let plain = section.text("password");
    match (hash, plain, purpose) {
        (Some(hash), None, _) => Password::hashed(hash)
            .inspect_err(|error| section.note("password_hash", error.to_string()))
            .ok(),
        (None, Some(plain), Purpose::Demo) => Some(Password::plain(Secret::new(plain))),
        (_, Some(_), Purpose::Serve) => {
            section.note(
                "password",
                "is in clear, which only the demo accepts; write password_hash with what `vestibule hash-password` prints",
            );
            None
        }
        (Some(_), Some(_), Purpose::Demo) => {
            section.note("password", "stands beside password_hash; keep one of the two");
            None
        }
        (None, None, _) => {
            section.note(
                "password_hash",
                "is missing; make one with `vestibule hash-password`",
            );
            None
        }
    }
}
