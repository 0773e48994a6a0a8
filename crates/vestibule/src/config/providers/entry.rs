//! One `[providers.<id>]` while it is read, with what the environment gives for keys that are not there.

use std::fmt::Display;
use std::path::Path;
use std::str::FromStr;

use vestibule_outbound::Reach;
use vestibule_protocol::{Issuer, Secret};

use crate::config::Purpose;
use crate::config::secret::{Outside, SecretKeys};
use crate::config::section::Section;

/// One provider's table, and what a kind may have to know beside it.
///
/// Each `…_or_env` takes the environment variables that fill the key when it is not in the file: the first one that is set
/// and not empty, in the order given.
pub(super) struct Entry<'a> {
    /// The table.
    pub(super) section: Section<'a>,
    /// What the configuration is read for.
    pub(super) purpose: Purpose,
    /// The broker's own issuer, where that could be read.
    pub(super) issuer: Option<&'a Issuer>,
    /// The environment, and the folder of the file.
    pub(super) outside: &'a Outside<'a>,
}

/// The names of a variable that front ends read too: plain, and with the prefixes under which Next.js and Vite know it.
macro_rules! public_variables {
    ($($name:literal),+ $(,)?) => {
        &[$($name, concat!("NEXT_PUBLIC_", $name), concat!("VITE_", $name)),+]
    };
}
pub(super) use public_variables;

impl Entry<'_> {
    /// A text.
    pub(super) fn text_or_env(&self, key: &'static str, variables: &[&str]) -> Option<String> {
        Some(self.find(key, variables)?.text)
    }

    /// A text that must be there.
    pub(super) fn required_text_or_env(
        &self,
        key: &'static str,
        variables: &[&str],
        example: &str,
    ) -> Option<String> {
        Some(self.require(key, variables, example)?.text)
    }

    /// A text that is parsed.
    pub(super) fn parsed_or_env<T>(&self, key: &'static str, variables: &[&str]) -> Option<T>
    where
        T: FromStr,
        T::Err: Display,
    {
        let found = self.find(key, variables)?;
        self.parse(key, &found)
    }

    /// A text that must be there and is parsed.
    pub(super) fn required_or_env<T>(&self, key: &'static str, variables: &[&str], example: &str) -> Option<T>
    where
        T: FromStr,
        T::Err: Display,
    {
        let found = self.require(key, variables, example)?;
        self.parse(key, &found)
    }

    /// A secret; a variable fills it only when none of its three keys is there.
    pub(super) fn secret_or_env(&self, keys: SecretKeys, variables: &[&str]) -> Option<Secret> {
        let secret = self.section.secret(keys, self.outside);
        if keys.all().iter().any(|key| self.section.has(key)) {
            return secret;
        }
        let (variable, value) = self.first_set(variables)?;
        self.section.filled(keys.inline, variable, None);
        Some(Secret::new(value.trim()))
    }

    /// A secret in the file that a variable names, where none of its three keys is there.
    pub(super) fn secret_in_file_of_env(&self, keys: SecretKeys, variable: &str) -> Option<Secret> {
        if keys.all().iter().any(|key| self.section.has(key)) {
            return None;
        }
        let (_, path) = self.first_set(&[variable])?;
        let path = path.trim();
        self.section.filled(keys.file, variable, Some(path));
        let from = format!(" (the environment variable {variable} names it)");
        self.section.secret_from_file(keys.file, Path::new(path), &from)
    }

    /// Where calls to the provider may go: for all kinds that are reached over the network.
    pub(super) fn reach(&self) -> Reach {
        match self.section.flag("allow_private_network") {
            Some(true) => Reach::Private,
            Some(false) | None => Reach::Public,
        }
    }

    fn find<'v>(&self, key: &'static str, variables: &[&'v str]) -> Option<Found<'v>> {
        let text = self.section.text(key);
        if self.section.has(key) {
            let text = text?.to_owned();
            return Some(Found { text, variable: None });
        }
        let (variable, text) = self.first_set(variables)?;
        self.section.filled(key, variable, Some(&text));
        let variable = Some(variable);
        Some(Found { text, variable })
    }

    fn require<'v>(&self, key: &'static str, variables: &[&'v str], example: &str) -> Option<Found<'v>> {
        let found = self.find(key, variables);
        if found.is_none() && !self.section.has(key) {
            let or = alternatives(variables);
            self.section
                .note(key, format!("is missing; write {key} = \"{example}\"{or}"));
        }
        found
    }

    fn parse<T>(&self, key: &'static str, found: &Found<'_>) -> Option<T>
    where
        T: FromStr,
        T::Err: Display,
    {
        let Found { text, variable } = found;
        let from = variable.map_or_else(String::new, |name| format!(" in the environment variable {name}"));
        text.parse()
            .inspect_err(|error: &T::Err| self.section.note(key, format!("\"{text}\"{from} {error}")))
            .ok()
    }

    fn first_set<'v>(&self, variables: &[&'v str]) -> Option<(&'v str, String)> {
        variables.iter().find_map(|name| {
            let value = (self.outside.env)(name)?;
            (!value.trim().is_empty()).then_some((*name, value))
        })
    }
}

/// A text, and the variable that it comes from if it is not in the file.
struct Found<'v> {
    text: String,
    variable: Option<&'v str>,
}

/// `, or set A or B`, for the sentence that says what is missing.
fn alternatives(variables: &[&str]) -> String {
    if variables.is_empty() {
        String::new()
    } else {
        format!(", or set {} in the environment", variables.join(" or "))
    }
}

#[cfg(test)]
mod tests;
