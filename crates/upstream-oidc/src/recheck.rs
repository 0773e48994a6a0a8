//! Whether a user still stands, by the refresh grant.

use openidconnect::RefreshToken;
use url::Url;
use vestibule_protocol::Timestamp;
use vestibule_provider::{ProviderError, Standing, UpstreamSession};

use crate::RelyingParty;
use crate::id_token::is_name_of_issuer;
use crate::kept::Kept;
use crate::metadata::Metadata;
use crate::relying_party::assertion_params;
use crate::token::{Refreshing, TokenAnswer};

impl RelyingParty {
    /// Refreshes the login. Only the provider's own word ends it; an outage is an error.
    pub(crate) async fn refresh(
        &self,
        upstream: &UpstreamSession,
        now: Timestamp,
    ) -> Result<Standing, ProviderError> {
        let mut kept = Kept::unseal(&upstream.kept)?;
        let metadata = self.metadata().await;
        // The operator may have put another issuer under the provider's name: it is no judge of this user, and the refresh
        // token is none of its business.
        if let Ok(metadata) = &metadata
            && !is_name_of_issuer(&kept.issuer, &self.upstream, metadata)
        {
            return Ok(Standing::Gone("the provider is another issuer by now".to_owned()));
        }
        let Some(token) = kept.refresh_token() else {
            return Ok(Standing::Unknown);
        };
        let metadata = metadata?;
        let answer = match self.ask(token, &metadata, now).await {
            Ok(answer) => answer,
            Err(Refreshing::Ended(error)) => return Ok(Standing::Gone(error.text())),
            Err(Refreshing::Failed(error)) => return Err(error),
        };
        kept.renew(answer.refresh_token(), None);
        let id_token = answer.id_token();
        let checked = match &id_token {
            Some(raw) => {
                self.check_renewed(raw.expose(), &answer, &kept, upstream, &metadata, now)
                    .await
            }
            None => self.check_user(&answer, &kept, &metadata, now).await,
        };
        let doubt = match checked {
            Ok(()) => {
                kept.renew(None, id_token);
                None
            }
            Err(ProviderError::Denied(reason)) => return Ok(Standing::Gone(reason)),
            Err(error) => Some(error.to_string()),
        };
        let after = UpstreamSession {
            kept: kept.seal()?,
            ..upstream.clone()
        };
        // The earlier refresh token may be spent. Losing the new one together with the answer would look like a theft the next time.
        Ok(match doubt {
            None => Standing::Good(after),
            Some(cause) => Standing::Unproven(after, cause),
        })
    }

    async fn ask(&self, token: &str, metadata: &Metadata, now: Timestamp) -> Result<TokenAnswer, Refreshing> {
        let proof = self
            .upstream
            .client_auth
            .prove(&self.upstream.client_id, metadata, now)
            .map_err(Refreshing::Failed)?;
        // The callback is of no use to a refresh; any address does.
        let callback: &Url = &metadata.token_endpoint;
        let client = self
            .client(metadata, callback, &proof)
            .map_err(Refreshing::Failed)?;
        let token = RefreshToken::new(token.to_owned());
        let mut request = client.exchange_refresh_token(&token);
        for (name, value) in assertion_params(&proof) {
            request = request.add_extra_param(name, value);
        }
        request
            .request_async(&self.caller)
            .await
            .map_err(|error| Refreshing::of(error, &self.upstream.own_endings))
    }

    /// [OpenID Connect Core §12.2](https://openid.net/specs/openid-connect-core-1_0.html#RefreshTokenResponse): issuer, subject
    /// and audience of a new ID token are those of the first.
    async fn check_renewed(
        &self,
        raw: &str,
        answer: &TokenAnswer,
        kept: &Kept,
        upstream: &UpstreamSession,
        metadata: &Metadata,
        now: Timestamp,
    ) -> Result<(), ProviderError> {
        let verified = self.verify("ID token", raw, &["jwt"]).await?;
        self.check_id_token(&verified, metadata, now)?;
        let same = |name: &str, earlier: &str| verified.claims.text(name) == Some(earlier);
        if !same("iss", &kept.issuer) || !same("sub", &kept.sub) {
            return Err(ProviderError::Denied(
                "the refreshed ID token is about another user".to_owned(),
            ));
        }
        let evidence = self
            .gather(metadata, verified.claims, &answer.access_token(), now)
            .await?;
        let identity = self.identify(&evidence, kept.auth_time)?;
        if identity.subject != upstream.subject {
            return Err(ProviderError::Denied(
                "the refreshed ID token is about another user".to_owned(),
            ));
        }
        Ok(())
    }
    /// Where a refresh brings no new ID token, userinfo may say that the new access token is another user's. What it does not say
    /// leaves no doubt: the provider has vouched by answering.
    async fn check_user(
        &self,
        answer: &TokenAnswer,
        kept: &Kept,
        metadata: &Metadata,
        now: Timestamp,
    ) -> Result<(), ProviderError> {
        let Some(endpoint) = &metadata.userinfo_endpoint else {
            return Ok(());
        };
        let token = answer.access_token();
        match self.ask_userinfo(metadata, endpoint, &token, now).await {
            Ok(claims) if claims.text("sub").is_some_and(|sub| sub != kept.sub) => Err(
                ProviderError::Denied("the refreshed login is another user's".to_owned()),
            ),
            Ok(_) => Ok(()),
            Err(error) => {
                tracing::warn!(provider = %self.id, %error, "userinfo says nothing of a refreshed login");
                Ok(())
            }
        }
    }
}
