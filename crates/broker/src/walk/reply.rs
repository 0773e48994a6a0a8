//! What comes back from a form or a script: what was asked for, and nothing else.

use std::collections::BTreeMap;

use vestibule_protocol::Secret;
use vestibule_provider::{Alternative, FieldKind, Form, ProviderError};

use super::WalkError;
use crate::record::Pending;

/// The names by which the page tells its forms apart, so that no field can have them.
const RESERVED: [&str; 3] = ["action", "decision", "provider"];

/// What a person answered.
pub(super) struct Answered {
    pub(super) fields: BTreeMap<String, Secret>,
    /// The account that the answer is about.
    pub(super) account: Option<Secret>,
    /// What the answer stakes.
    pub(super) stake: Stake,
}

/// What an answer stakes, which decides how often it may be given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stake {
    /// It may be a guess at a password.
    Password,
    /// It may be a guess at a one-time code.
    Code,
    /// It guesses nothing, and may have the provider send somebody a message.
    Message,
    /// It is the word of a provider's script, which no guessing leads to.
    Credential,
}

/// Reads the fields that were asked for; others are dropped.
pub(super) fn read(pending: &Pending, mut sent: BTreeMap<String, Secret>) -> Result<Answered, WalkError> {
    match pending {
        Pending::Away(_) => Err(WalkError::Stale),
        Pending::Form(form) => {
            let way = sent.remove(Alternative::FIELD);
            // A button takes no guess along: it would be counted as none.
            let goes_along = |kind| way.is_none() || matches!(kind, FieldKind::Username | FieldKind::Email);
            sent.retain(|name, _| {
                let mut fields = form.fields.iter();
                fields.any(|field| field.name == *name && goes_along(field.kind))
            });
            let account = account(form, &sent);
            let stake = match &way {
                Some(_) => Stake::Message,
                None => stake(form),
            };
            if let Some(way) = way {
                // A button of another form: the page is an old one.
                if !form.alternatives.iter().any(|known| way.matches(&known.value)) {
                    return Err(WalkError::Stale);
                }
                sent.insert(Alternative::FIELD.to_owned(), way);
            }
            Ok(Answered {
                fields: sent,
                account,
                stake,
            })
        }
        Pending::Script(script) => {
            sent.retain(|name, _| script.fields.contains(name));
            Ok(Answered {
                fields: sent,
                account: None,
                stake: Stake::Credential,
            })
        }
    }
}

/// Refuses a form or script of which the page could not tell the fields from its own buttons.
pub(super) fn check_names(pending: &Pending) -> Result<(), ProviderError> {
    let names: Vec<&str> = match pending {
        Pending::Away(_) => Vec::new(),
        Pending::Form(form) => {
            let names = form.fields.iter().map(|field| field.name.as_str());
            names.collect()
        }
        Pending::Script(script) => script.fields.iter().map(String::as_str).collect(),
    };
    match names
        .into_iter()
        .find(|name| RESERVED.contains(name) || *name == Alternative::FIELD)
    {
        Some(name) => Err(ProviderError::Misconfigured(format!(
            "no field of a login can be called {name}: rename it"
        ))),
        None => Ok(()),
    }
}

fn stake(form: &Form) -> Stake {
    let has = |kind| form.fields.iter().any(|field| field.kind == kind);
    if has(FieldKind::OneTimeCode) {
        Stake::Code
    } else if has(FieldKind::Password) {
        Stake::Password
    } else {
        Stake::Message
    }
}

/// The account that the provider names, or else the one that the user typed.
fn account(form: &Form, sent: &BTreeMap<String, Secret>) -> Option<Secret> {
    if let Some(account) = &form.account {
        return Some(Secret::new(account.as_str()));
    }
    form.fields
        .iter()
        .filter(|field| matches!(field.kind, FieldKind::Username | FieldKind::Email))
        .find_map(|field| sent.get(&field.name))
        .filter(|account| !account.expose().trim().is_empty())
        .cloned()
}
