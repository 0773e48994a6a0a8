use serde::Deserialize;
use vestibule_protocol::{ResourceUri, ScopeSet, Secret};

use super::{TokenEndpoint, TokenError, refused};
use crate::{ForeignText, form::Form};

const ID_JAG: &str = "urn:ietf:params:oauth:token-type:id-jag";
const ID_TOKEN: &str = "urn:ietf:params:oauth:token-type:id_token";

/// For what an identity provider is to give its word.
pub(crate) struct Errand<'a> {
    /// The authorization server that it is for.
    pub(crate) audience: &'a str,
    pub(crate) resource: &'a ResourceUri,
    pub(crate) scope: &'a ScopeSet,
}

/// The part of the answer that a client reads ([RFC 8693 §2.2.1](https://www.rfc-editor.org/rfc/rfc8693#section-2.2.1)).
#[derive(Deserialize)]
struct Response {
    access_token: Secret,
    issued_token_type: String,
}

impl TokenEndpoint<'_> {
    /// Has an identity provider say, for an ID token of its own, that the client acts for its user
    /// ([ID-JAG §4.3](https://datatracker.ietf.org/doc/html/draft-ietf-oauth-identity-assertion-authz-grant-04#section-4.3)).
    pub(crate) async fn exchange(
        &self,
        id_token: &Secret,
        errand: &Errand<'_>,
    ) -> Result<Secret, TokenError> {
        let mut form = Form::default();
        form.add("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange")
            .add("requested_token_type", ID_JAG)
            .add("audience", errand.audience)
            .add("resource", errand.resource.as_str())
            .add("subject_token", id_token.expose())
            .add("subject_token_type", ID_TOKEN);
        if !errand.scope.is_empty() {
            form.add("scope", &errand.scope.to_string());
        }
        let answer = self.ask(&form).await?;
        if let Some(refusal) = refused(&answer)? {
            return Err(TokenError::NotExchanged(refusal));
        }
        let response: Response = answer.json("token exchange response (RFC 8693)")?;
        if response.issued_token_type != ID_JAG {
            return Err(TokenError::NoIdJag {
                endpoint: self.url.to_string(),
                found: ForeignText::line(&response.issued_token_type),
            });
        }
        Ok(response.access_token)
    }
}
