use vestibule_protocol::{ResourceUri, ScopeSet};

use super::{Issue, TokenEndpoint, TokenError};
use crate::form::Form;

impl TokenEndpoint<'_> {
    /// Asks for tokens of the client's own, for nobody else
    /// ([RFC 6749 §4.4](https://www.rfc-editor.org/rfc/rfc6749#section-4.4)).
    pub(crate) async fn client_credentials(
        &self,
        resource: &ResourceUri,
        scope: &ScopeSet,
    ) -> Result<Issue, TokenError> {
        let mut form = Form::default();
        form.add("grant_type", "client_credentials");
        self.ask_unattended(form, resource, scope).await
    }
}
