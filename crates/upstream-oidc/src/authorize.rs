//! The authorization request.

use openidconnect::core::CoreAuthenticationFlow;
use openidconnect::{CsrfToken, Nonce, PkceCodeChallenge, PkceCodeVerifier, Scope};
use url::Url;
use vestibule_protocol::CodeVerifier;
use vestibule_provider::{LoginContext, LoginStep, ProviderError, Sealed};

use crate::client_auth::Proof;
use crate::metadata::Metadata;
use crate::{FreshLogin, Pushing, RelyingParty, ResponseMode};

/// The longest hint that is passed on, in bytes.
const LONGEST_HINT: usize = 320;

impl RelyingParty {
    /// Sends the browser to the provider. Of the MCP client's own request nothing goes along but whom it expects: its scopes,
    /// state, resource and prompt mean nothing to the provider.
    pub(crate) async fn authorize(&self, login: &LoginContext) -> Result<LoginStep, ProviderError> {
        let metadata = self.metadata().await?;
        let request = self.request(&metadata, login)?;
        let address = match (self.upstream.pushing, &metadata.pushed_endpoint) {
            (Pushing::Always, None) => {
                return Err(ProviderError::Misconfigured(
                    "the provider takes no pushed authorization requests; leave par out".to_owned(),
                ));
            }
            (Pushing::Always, Some(endpoint)) => self.push(&metadata, endpoint, &request, login.now).await?,
            (Pushing::WhereRequired, Some(endpoint)) if metadata.pushing_required => {
                self.push(&metadata, endpoint, &request, login.now).await?
            }
            (Pushing::WhereRequired, _) => request,
        };
        Ok(LoginStep::Redirect(address, Sealed::default()))
    }

    fn request(&self, metadata: &Metadata, login: &LoginContext) -> Result<Url, ProviderError> {
        let verifier = login.pkce_verifier.expose();
        CodeVerifier::parse(verifier).map_err(|error| ProviderError::Rejected(error.to_string()))?;
        let challenge =
            PkceCodeChallenge::from_code_verifier_sha256(&PkceCodeVerifier::new(verifier.to_owned()));
        let client = self.client(metadata, &login.callback_url, &Proof::None)?;
        let scopes = self.upstream.scopes.iter().filter(|scope| *scope != "openid");
        let (state, nonce) = (login.state.clone(), login.nonce.clone());
        let mut request = client
            .authorize_url(
                CoreAuthenticationFlow::AuthorizationCode,
                move || CsrfToken::new(state),
                move || Nonce::new(nonce),
            )
            .add_scopes(scopes.cloned().map(Scope::new))
            .set_pkce_challenge(challenge);
        if self.upstream.response_mode == ResponseMode::FormPost {
            request = request.add_extra_param("response_mode", "form_post");
        }
        if let Some(hint) = login
            .login_hint
            .as_deref()
            .filter(|hint| hint.len() <= LONGEST_HINT)
        {
            request = request.add_extra_param("login_hint", hint.to_owned());
        }
        let (prompt, others): (Vec<_>, Vec<_>) = self
            .upstream
            .authorize_params
            .iter()
            .partition(|(name, _)| name == "prompt");
        for (name, value) in others {
            request = request.add_extra_param(name.clone(), value.clone());
        }
        let mut prompts: Vec<&str> = prompt.iter().flat_map(|(_, value)| value.split(' ')).collect();
        if login.force_login {
            match &self.upstream.fresh_login {
                FreshLogin::Proven => {
                    request = request.add_extra_param("max_age", "0");
                    prompts.push("login");
                }
                FreshLogin::Asked(prompt) => prompts.extend(prompt.split(' ')),
            }
            prompts.retain(|prompt| *prompt != "none");
        }
        prompts.sort_unstable();
        prompts.dedup();
        if !prompts.is_empty() {
            request = request.add_extra_param("prompt", prompts.join(" "));
        }
        let (address, _, _) = request.url();
        Ok(address)
    }
}
