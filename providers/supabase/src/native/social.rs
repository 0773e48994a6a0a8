//! A social provider: the browser goes there by way of Supabase, and comes back with a code.

use std::collections::BTreeMap;

use vestibule_protocol::{CodeChallenge, CodeVerifier};
use vestibule_provider::{LoginContext, LoginStep, ProviderError};

use super::kept::Kept;
use super::{NativeProvider, return_address};
use crate::api::printable;
use crate::method::prompt;

impl NativeProvider {
    /// Sends the browser to a social provider. Only whoever holds the verifier can redeem the code that comes back.
    pub(super) fn send_away(&self, login: &LoginContext, with: &str) -> Result<LoginStep, ProviderError> {
        let challenge = CodeChallenge::of(&verifier(login)?);
        let return_to = return_address(login);
        let mut query = vec![
            ("provider", with),
            ("redirect_to", return_to.as_str()),
            ("code_challenge", challenge.as_str()),
            ("code_challenge_method", "s256"),
        ];
        if login.force_login {
            query.extend(prompt(with));
        }
        let kept = Kept::Away {
            with: with.to_owned(),
        };
        Ok(LoginStep::Redirect(
            self.api.address(&["authorize"], &query),
            kept.seal()?,
        ))
    }

    /// Takes what the browser brought back.
    pub(super) async fn come_back(
        &self,
        login: &LoginContext,
        with: &str,
        parameters: &BTreeMap<String, String>,
    ) -> Result<LoginStep, ProviderError> {
        if let Some(error) = parameters.get("error") {
            return Err(explain(with, error, parameters));
        }
        let code = parameters
            .get("code")
            .filter(|code| !code.is_empty())
            .ok_or_else(|| {
                ProviderError::Rejected("the callback carries neither a code nor an error".to_owned())
            })?;
        let session = self.api.exchange(code, &verifier(login)?).await?;
        self.arrive(login, session, String::new()).await
    }
}

fn verifier(login: &LoginContext) -> Result<CodeVerifier, ProviderError> {
    CodeVerifier::parse(login.pkce_verifier.expose())
        .map_err(|error| ProviderError::Rejected(error.to_string()))
}

/// What Supabase says in place of a code.
fn explain(with: &str, error: &str, parameters: &BTreeMap<String, String>) -> ProviderError {
    let part = |name: &str| {
        parameters
            .get(name)
            .map(|text| printable(text))
            .unwrap_or_default()
    };
    let (error, code) = (printable(error), part("error_code"));
    let text = format!("{with}: {error} {code}: {}", part("error_description"));
    match (error.as_str(), code.as_str()) {
        (_, "provider_disabled" | "oauth_provider_not_supported") => ProviderError::Misconfigured(format!(
            "{text}; enable it under Authentication > Sign In / Providers, or leave it out of providers"
        )),
        ("access_denied", _) => ProviderError::Denied(text),
        ("server_error" | "temporarily_unavailable", _) => ProviderError::Unavailable(format!(
            "{text}; if that lasts, check the provider's client id and secret under Authentication > Sign In / Providers"
        )),
        _ => ProviderError::Rejected(text),
    }
}
