//! Where values come from that are not plainly in the file.

use std::fmt;
use std::path::PathBuf;

/// A key that is not in the file and was filled by an environment variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filled {
    /// The key, with the tables that it stands in.
    pub key: String,
    /// The variable.
    pub variable: String,
    /// Its value; none for a secret.
    pub value: Option<String>,
}

impl fmt::Display for Filled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { key, variable, value } = self;
        write!(f, "{key} is filled by the environment variable {variable}")?;
        match value {
            Some(value) => write!(f, ": \"{value}\""),
            None => Ok(()),
        }
    }
}

/// Where a secret stands on this machine's disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretPlace {
    /// In the configuration file itself, under this key.
    Inline(String),
    /// In a file of its own.
    File {
        /// The key that names the file.
        key: String,
        /// The file.
        path: PathBuf,
    },
}
