//! Bringing together what is known of a user.

use vestibule_protocol::{Secret, Timestamp};
use vestibule_provider::ProviderError;

use crate::metadata::Metadata;
use crate::{Claims, Evidence, RelyingParty};

impl RelyingParty {
    /// Brings together all that is known of the user.
    pub(crate) async fn gather(
        &self,
        metadata: &Metadata,
        id_token: Claims,
        access_token: &Secret,
        now: Timestamp,
    ) -> Result<Evidence, ProviderError> {
        let userinfo = self.userinfo(metadata, &id_token, access_token, now).await?;
        let access_token = match &self.upstream.access_token_audience {
            Some(audience) => Some(
                self.read_access_token(metadata, access_token, audience, &id_token, now)
                    .await?,
            ),
            None => None,
        };
        Ok(Evidence {
            id_token,
            userinfo,
            access_token,
        })
    }

    /// Verifies an access token whose claims count: it is for this audience, and about the ID token's user.
    async fn read_access_token(
        &self,
        metadata: &Metadata,
        token: &Secret,
        audience: &str,
        id_token: &Claims,
        now: Timestamp,
    ) -> Result<Claims, ProviderError> {
        let what = "access token";
        let claims = self
            .verify(what, token.expose(), &["jwt", "at+jwt"])
            .await?
            .claims;
        self.check_registered(what, &claims, metadata, audience, now)?;
        if claims.text("sub") != id_token.text("sub") {
            return Err(ProviderError::Rejected(
                "the access token is about another user".to_owned(),
            ));
        }
        for name in ["azp", "client_id"] {
            if claims
                .get(name)
                .is_some_and(|client| client != self.upstream.client_id.as_str())
            {
                return Err(ProviderError::Rejected(
                    "the access token was issued to another client".to_owned(),
                ));
            }
        }
        Ok(claims)
    }
}
