use vestibule_protocol::{ResourceUri, ScopeSet, Secret};

use super::{Issue, TokenEndpoint, TokenError, read, refused};
use crate::form::Form;

impl TokenEndpoint<'_> {
    /// Asks for new tokens in place of those that came with this refresh token, with all their scopes.
    pub(crate) async fn refresh(
        &self,
        refresh_token: &Secret,
        resource: &ResourceUri,
        scope: &ScopeSet,
    ) -> Result<Issue, TokenError> {
        let mut form = Form::default();
        form.add("grant_type", "refresh_token")
            .add("refresh_token", refresh_token.expose())
            .add("resource", resource.as_str());
        let answer = self.ask(&form).await?;
        if let Some(refusal) = refused(&answer)? {
            return Ok(Issue::Refused(refusal));
        }
        let mut tokens = read(self, &answer, scope)?;
        // RFC 6749 §6: "The authorization server MAY issue a new refresh token"; else the old one stays good.
        tokens.refresh.get_or_insert_with(|| refresh_token.clone());
        Ok(Issue::Issued(tokens))
    }
}
