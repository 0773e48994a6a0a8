use vestibule_protocol::{ResourceUri, ScopeSet, Secret};

use super::{Issue, TokenEndpoint, TokenError};
use crate::form::Form;

impl TokenEndpoint<'_> {
    /// Shows somebody else's word for tokens ([RFC 7523 §2.1](https://www.rfc-editor.org/rfc/rfc7523#section-2.1)).
    pub(crate) async fn jwt_bearer(
        &self,
        assertion: &Secret,
        resource: &ResourceUri,
        scope: &ScopeSet,
    ) -> Result<Issue, TokenError> {
        let mut form = Form::default();
        form.add("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer")
            .add("assertion", assertion.expose());
        self.ask_unattended(form, resource, scope).await
    }
}
