//! The form that a provider asks for.

use askama::Template;
use vestibule_provider::{Alternative, Field, FieldKind, Form};

use super::Frame;

/// The page that asks the person to log in.
#[derive(Debug, Template)]
#[template(path = "login.html")]
pub(crate) struct LoginPage<'a> {
    pub(crate) frame: &'a Frame,
    pub(crate) client: String,
    /// The code that the asking device shows.
    pub(crate) device: Option<String>,
    pub(crate) provider: &'a str,
    pub(crate) intro: Option<&'a str>,
    pub(crate) problem: Option<&'a str>,
    pub(crate) fields: Vec<FieldView<'a>>,
    /// The text of the button; a form without fields may have none.
    pub(crate) submit: Option<&'a str>,
    pub(crate) alternatives: &'a [Alternative],
    /// Whether the person may go back and pick another provider.
    pub(crate) others: bool,
}

impl<'a> LoginPage<'a> {
    pub(crate) fn new(frame: &'a Frame, client: String, provider: &'a str, form: &'a Form) -> Self {
        let first_empty = form.fields.iter().position(|field| shown_value(field).is_empty());
        let fields = form
            .fields
            .iter()
            .enumerate()
            .map(|(index, field)| FieldView::new(index, field, Some(index) == first_empty))
            .collect();
        let submit = match form.submit.as_str() {
            "" if form.fields.is_empty() && !form.alternatives.is_empty() => None,
            "" => Some("Go on"),
            text => Some(text),
        };
        Self {
            frame,
            client,
            device: None,
            provider,
            intro: form.intro.as_deref(),
            problem: form.problem.as_deref(),
            fields,
            submit,
            alternatives: &form.alternatives,
            others: false,
        }
    }
}

/// One field, as the template writes it.
#[derive(Debug)]
pub(crate) struct FieldView<'a> {
    pub(crate) id: String,
    pub(crate) name: &'a str,
    pub(crate) label: &'a str,
    pub(crate) value: &'a str,
    pub(crate) input_type: &'static str,
    pub(crate) autocomplete: &'static str,
    pub(crate) input_mode: Option<&'static str>,
    pub(crate) plain_text: bool,
    pub(crate) focused: bool,
}

impl<'a> FieldView<'a> {
    fn new(index: usize, field: &'a Field, focused: bool) -> Self {
        let (input_type, autocomplete, input_mode) = match field.kind {
            FieldKind::Username => ("text", "username", None),
            FieldKind::Email => ("email", "username", Some("email")),
            FieldKind::Password => ("password", "current-password", None),
            FieldKind::OneTimeCode => ("text", "one-time-code", Some("numeric")),
        };
        Self {
            id: format!("field-{index}"),
            name: &field.name,
            label: &field.label,
            value: shown_value(field),
            input_type,
            autocomplete,
            input_mode,
            plain_text: input_type == "text",
            focused,
        }
    }
}

/// A secret is never written into a page, whatever the provider put there.
fn shown_value(field: &Field) -> &str {
    match field.kind {
        FieldKind::Username | FieldKind::Email => &field.value,
        FieldKind::Password | FieldKind::OneTimeCode => "",
    }
}
