use vestibule_protocol::{CodeVerifier, ResourceUri, ScopeSet, Secret};

use super::{TokenEndpoint, TokenError, read};
use crate::{form::Form, refusal::Refusal, store::Tokens};

/// A code and what must be shown with it.
pub(crate) struct Redemption<'a> {
    pub(crate) code: &'a Secret,
    pub(crate) redirect_uri: &'a str,
    pub(crate) verifier: &'a CodeVerifier,
    pub(crate) resource: &'a ResourceUri,
    /// What was asked for, which is granted where the answer does not say otherwise.
    pub(crate) scope: &'a ScopeSet,
}

impl TokenEndpoint<'_> {
    /// Redeems a code.
    pub(crate) async fn redeem(&self, redemption: &Redemption<'_>) -> Result<Tokens, TokenError> {
        let mut form = Form::default();
        form.add("grant_type", "authorization_code")
            .add("code", redemption.code.expose())
            .add("redirect_uri", redemption.redirect_uri)
            .add("code_verifier", redemption.verifier.expose())
            .add("resource", redemption.resource.as_str());
        let answer = self.ask(&form).await?;
        if !answer.status.is_success() {
            return Err(TokenError::Refused(Refusal::read(&answer)));
        }
        read(self, &answer, redemption.scope)
    }
}
