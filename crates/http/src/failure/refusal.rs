//! What a program is told that asked for something wrong.

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode};
use vestibule_broker::Limited;
use vestibule_protocol::{DuplicateParameter, OAuthErrorCode, ParamsError};

/// An answer with an error code ([RFC 6749 §5.2](https://www.rfc-editor.org/rfc/rfc6749#section-5.2)).
///
/// As a response it carries itself along, and [`explain`](crate::explain) writes the body.
#[derive(Debug, Clone)]
pub(crate) struct Refusal {
    pub(crate) status: StatusCode,
    pub(crate) code: OAuthErrorCode,
    pub(crate) description: String,
    pub(crate) challenge: Option<HeaderValue>,
    /// The nonce with which the request is welcome.
    pub(crate) dpop_nonce: Option<Box<str>>,
    /// In how many seconds the caller may try again.
    pub(crate) retry_after: Option<u64>,
    /// The limit that the caller ran into.
    pub(crate) limited: Option<Box<Limited>>,
}

impl Refusal {
    pub(crate) fn new(status: StatusCode, code: OAuthErrorCode, description: impl Into<String>) -> Self {
        Self {
            status,
            code,
            description: description.into(),
            challenge: None,
            dpop_nonce: None,
            retry_after: None,
            limited: None,
        }
    }

    pub(crate) fn invalid_request(description: impl Into<String>) -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            OAuthErrorCode::InvalidRequest,
            description,
        )
    }

    /// The refusal with a `WWW-Authenticate` header.
    pub(crate) fn challenging(self, challenge: HeaderValue) -> Self {
        Self {
            challenge: Some(challenge),
            ..self
        }
    }
}

impl From<ParamsError> for Refusal {
    fn from(error: ParamsError) -> Self {
        Self::invalid_request(sentence(&error.to_string()))
    }
}

impl From<DuplicateParameter> for Refusal {
    fn from(error: DuplicateParameter) -> Self {
        Self::invalid_request(sentence(&error.to_string()))
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// `text` with a full stop at its end, and a capital at its beginning unless a parameter's name stands there.
pub(crate) fn sentence(text: &str) -> String {
    let first_word = text.split(' ').next().unwrap_or_default();
    let end = if text.ends_with(['.', '!', '?']) { "" } else { "." };
    if !first_word.bytes().all(|byte| byte.is_ascii_lowercase()) {
        return format!("{text}{end}");
    }
    let mut rest = text.chars();
    let first: String = rest
        .next()
        .map(|first| first.to_uppercase().collect())
        .unwrap_or_default();
    format!("{first}{}{end}", rest.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameters_name_is_not_capitalised() {
        assert_eq!(
            sentence("redirect_uris[0] is no URI"),
            "redirect_uris[0] is no URI."
        );
        assert_eq!(sentence("the code is unknown"), "The code is unknown.");
        assert_eq!(sentence("Read it again!"), "Read it again!");
        assert_eq!(sentence(""), ".");
    }
}
