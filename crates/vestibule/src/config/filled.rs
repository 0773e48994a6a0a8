//! Keys that the environment filled.

use std::fmt;

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
