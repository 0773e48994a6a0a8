use std::fmt;

use serde::Deserialize;

use crate::{ForeignText, http::Answer};

/// The error answer of an OAuth endpoint
/// ([RFC 6749 §5.2](https://www.rfc-editor.org/rfc/rfc6749#section-5.2)).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    endpoint: String,
    code: ForeignText,
    description: Option<ForeignText>,
}

/// Codes and descriptions as servers write them, known to us or not.
#[derive(Deserialize)]
struct Wire {
    error: String,
    error_description: Option<String>,
}

impl Refusal {
    /// Reads an answer that is not a success; one that is no OAuth error is known by its status.
    pub(crate) fn read(answer: &Answer) -> Self {
        let wire = answer.json::<Wire>("OAuth error (RFC 6749)").ok();
        let status = || format!("status {}", answer.status.as_u16());
        Self {
            endpoint: answer.url.to_string(),
            code: ForeignText::line(&wire.as_ref().map_or_else(status, |wire| wire.error.clone())),
            description: wire
                .and_then(|wire| wire.error_description)
                .map(|text| ForeignText::line(&text)),
        }
    }

    /// The error code, or the status of an answer that has none.
    pub fn code(&self) -> &str {
        self.code.as_str()
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} refused with {}", self.endpoint, self.code)?;
        self.description
            .as_ref()
            .map_or(Ok(()), |text| write!(f, ": {text}"))
    }
}
