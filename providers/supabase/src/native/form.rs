//! The pieces that forms are made of, and what comes back in them.

use std::collections::BTreeMap;

use vestibule_protocol::Secret;
use vestibule_provider::{Alternative, Field, FieldKind};

/// The alternative that leads back to the first form.
pub(super) const START: &str = "start";

/// The fields of a form, as the browser sent them.
pub(super) struct Answers(BTreeMap<String, Secret>);

impl From<BTreeMap<String, Secret>> for Answers {
    fn from(fields: BTreeMap<String, Secret>) -> Self {
        Self(fields)
    }
}

impl Answers {
    /// The alternative that was taken instead of the form.
    pub(super) fn alternative(&self) -> Option<&str> {
        self.0.get(Alternative::FIELD).map(Secret::expose)
    }

    /// A field's text, without spaces around it.
    pub(super) fn text(&self, name: &str) -> String {
        self.0
            .get(name)
            .map(|value| value.expose().trim().to_owned())
            .unwrap_or_default()
    }

    /// A field that is not to be seen.
    pub(super) fn secret(&self, name: &str) -> Secret {
        self.0.get(name).cloned().unwrap_or_else(|| Secret::new(""))
    }

    /// A code, without the spaces that people type between its digits.
    pub(super) fn code(&self) -> Secret {
        let typed = self.secret("code");
        let code: String = typed
            .expose()
            .chars()
            .filter(|letter| !letter.is_whitespace())
            .collect();
        Secret::new(code)
    }
}

pub(super) fn email_field(value: String) -> Field {
    field("email", "Email address", FieldKind::Email, value)
}

pub(super) fn password_field() -> Field {
    field("password", "Password", FieldKind::Password, String::new())
}

pub(super) fn code_field() -> Field {
    field("code", "Code", FieldKind::OneTimeCode, String::new())
}

fn field(name: &str, label: &str, kind: FieldKind, value: String) -> Field {
    Field {
        name: name.to_owned(),
        label: label.to_owned(),
        kind,
        value,
    }
}

pub(super) fn alternative(value: impl Into<String>, label: impl Into<String>) -> Alternative {
    Alternative {
        value: value.into(),
        label: label.into(),
    }
}
