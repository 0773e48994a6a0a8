//! Secrets: inline, from a file or from the environment; exactly one of the three.

use std::path::Path;

use vestibule_protocol::Secret;

use super::filled::SecretPlace;
use super::section::Section;

/// The three keys under which one secret can stand.
#[derive(Debug, Clone, Copy)]
pub(super) struct SecretKeys {
    pub(super) inline: &'static str,
    pub(super) file: &'static str,
    pub(super) env: &'static str,
}

impl SecretKeys {
    /// All three.
    pub(super) fn all(self) -> [&'static str; 3] {
        [self.inline, self.file, self.env]
    }
}

/// Names `x`, `x_file` and `x_env`.
macro_rules! secret_keys {
    ($name:literal) => {
        $crate::config::secret::SecretKeys {
            inline: $name,
            file: concat!($name, "_file"),
            env: concat!($name, "_env"),
        }
    };
}
pub(super) use secret_keys;

/// Where secrets outside the file come from.
pub struct Outside<'a> {
    /// Reads an environment variable.
    pub env: &'a dyn Fn(&str) -> Option<String>,
    /// What relative paths are relative to.
    pub folder: &'a Path,
}

impl Section<'_> {
    /// The secret, if one of its keys is there.
    pub(super) fn secret(&self, keys: SecretKeys, outside: &Outside<'_>) -> Option<Secret> {
        // Anything may stand in a secret, only not a blank alone.
        let inline = match self.raw_text(keys.inline) {
            Some(text) if text.starts_with('<') && text.ends_with('>') => self.text(keys.inline),
            text => text,
        };
        let file = self.text(keys.file);
        let variable = self.text(keys.env);
        match (inline, file, variable) {
            (Some(text), None, None) => {
                self.found_secret(SecretPlace::Inline(self.key(keys.inline)));
                Some(Secret::new(text))
            }
            (None, Some(path), None) => self.secret_from_file(keys.file, &outside.folder.join(path), ""),
            (None, None, Some(name)) => {
                let value = (outside.env)(name).filter(|value| !value.is_empty());
                if value.is_none() {
                    self.note(
                        keys.env,
                        format!("the environment variable {name} is not set or empty; set it"),
                    );
                }
                value.map(Secret::new)
            }
            (None, None, None) => None,
            _ => {
                let message = format!(
                    "is given more than once; keep one of {}, {} and {}",
                    keys.inline, keys.file, keys.env
                );
                self.note(keys.inline, message);
                None
            }
        }
    }

    /// The secret, which must be there.
    pub(super) fn required_secret(&self, keys: SecretKeys, outside: &Outside<'_>) -> Option<Secret> {
        let given = keys.all().iter().any(|key| self.has(key));
        if !given {
            let message = format!(
                "is missing; write {} = \"/path/to/a/file\", {} = \"A_VARIABLE\", or the secret itself",
                keys.file, keys.env
            );
            self.note(keys.inline, message);
        }
        self.secret(keys, outside)
    }

    /// The secret in a file; `from` says where the path stands, if not under the key.
    pub(super) fn secret_from_file(&self, key: &str, path: &Path, from: &str) -> Option<Secret> {
        self.found_secret(SecretPlace::File {
            key: self.key(key),
            path: path.to_owned(),
        });
        let shown = path.display();
        let problem = match std::fs::read_to_string(path) {
            Ok(text) if text.trim().is_empty() => format!("is empty{from}; write the secret into it"),
            Ok(text) => return Some(Secret::new(text.trim())),
            Err(error) => format!("cannot be read{from}: {error}"),
        };
        self.note(key, format!("the file {shown} {problem}"));
        None
    }
}
