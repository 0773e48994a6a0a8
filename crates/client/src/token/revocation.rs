use super::{TokenEndpoint, TokenError};
use crate::{form::Form, refusal::Refusal, store::Tokens};

impl TokenEndpoint<'_> {
    /// Tells the server that a login is over ([RFC 7009](https://www.rfc-editor.org/rfc/rfc7009)).
    ///
    /// The refresh token is the one to name: "the authorization server SHOULD also invalidate all access tokens
    /// based on the same authorization grant" (§2.1).
    pub(crate) async fn revoke(&self, tokens: &Tokens) -> Result<(), TokenError> {
        let (token, hint) = match &tokens.refresh {
            Some(token) => (token, "refresh_token"),
            None => (&tokens.access, "access_token"),
        };
        let mut form = Form::default();
        form.add("token", token.expose()).add("token_type_hint", hint);
        let answer = self.ask(&form).await?;
        if answer.status.is_success() {
            Ok(())
        } else {
            Err(TokenError::Refused(Refusal::read(&answer)))
        }
    }
}
