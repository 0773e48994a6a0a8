//! A form that the broker renders in its own style, so that a provider never writes HTML.

use serde::{Deserialize, Serialize};

/// What to ask the user for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Form {
    /// The fields, in the order in which they are asked.
    pub fields: Vec<Field>,
    /// The text of the button.
    pub submit: String,
    /// What went wrong at the last try, in a sentence for the user.
    pub problem: Option<String>,
}

/// One field of a [`Form`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    /// The name under which the reply carries the value.
    pub name: String,
    /// What the user reads.
    pub label: String,
    /// What kind of value it is.
    pub kind: FieldKind,
    /// What stands in the field already; never a secret.
    pub value: String,
}

/// What kind of value a [`Field`] takes; it decides keyboard, masking and what a password manager fills in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldKind {
    /// A user name.
    Username,
    /// An email address.
    Email,
    /// A password.
    Password,
    /// A one-time code.
    OneTimeCode,
}
