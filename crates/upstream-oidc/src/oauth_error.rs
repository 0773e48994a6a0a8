//! What a provider's error codes mean.

use vestibule_provider::ProviderError;

use crate::foreign_text;

/// A refusal in the provider's own words.
#[derive(Debug, Clone)]
pub(crate) struct OAuthError {
    pub(crate) code: String,
    description: Option<String>,
}

impl OAuthError {
    pub(crate) fn new(code: &str, description: Option<&str>) -> Self {
        Self {
            code: foreign_text::line(code),
            description: description.map(foreign_text::line),
        }
    }

    /// The code and what the provider says about it.
    pub(crate) fn text(&self) -> String {
        match &self.description {
            Some(description) => format!("{}: {description}", self.code),
            None => self.code.clone(),
        }
    }

    /// What the error says about a whole login.
    pub(crate) fn at(&self, place: &str) -> ProviderError {
        let text = format!("{place}: {}", self.text());
        match self.code.as_str() {
            "access_denied" => ProviderError::Denied(text),
            "temporarily_unavailable" | "server_error" | "slow_down" => ProviderError::Unavailable(text),
            "invalid_client" | "unauthorized_client" => ProviderError::Misconfigured(format!(
                "{text}; check client_id, the client's secret or key, and how it authenticates"
            )),
            "invalid_scope"
            | "invalid_request"
            | "invalid_target"
            | "unsupported_response_type"
            | "unsupported_response_mode"
            | "unsupported_grant_type"
            | "request_not_supported"
            | "request_uri_not_supported"
            | "redirect_uri_mismatch"
            | "invalid_redirect_uri" => ProviderError::Misconfigured(text),
            _ => ProviderError::Rejected(text),
        }
    }

    /// Whether it says that the user has to log in again before the provider vouches for them any longer.
    pub(crate) fn ends_the_login(&self) -> bool {
        matches!(
            self.code.as_str(),
            "invalid_grant"
                | "interaction_required"
                | "login_required"
                | "consent_required"
                | "access_denied"
        )
    }
}
