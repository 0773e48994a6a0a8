//! A form that the broker renders in its own style, so that a provider never writes HTML.

use serde::{Deserialize, Serialize};

/// What to ask the user for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Form {
    /// A sentence above the fields, where the user needs one: that a code was sent, say, and where.
    #[serde(default)]
    pub intro: Option<String>,
    /// The account whose secret is asked for, where the provider knows it and the user did not type it: tries are counted
    /// against it, and nobody is shown it.
    #[serde(default)]
    pub account: Option<String>,
    /// The fields, in the order in which they are asked.
    pub fields: Vec<Field>,
    /// The text of the button; empty for a form that has nothing but alternatives.
    pub submit: String,
    /// Other ways to go on, each a button that sends the form without its fields having to be filled in.
    #[serde(default)]
    pub alternatives: Vec<Alternative>,
    /// What went wrong at the last try, in a sentence for the user.
    pub problem: Option<String>,
}

/// Another way to go on than to fill in the form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alternative {
    /// What the reply carries under [`Alternative::FIELD`] when the user takes this way.
    pub value: String,
    /// The text of the button.
    pub label: String,
}

impl Alternative {
    /// The name under which the reply says which alternative the user took; absent when the form itself was sent.
    pub const FIELD: &'static str = "alternative";
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
