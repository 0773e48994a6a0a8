//! Userinfo, for claims that the ID token leaves out
//! ([OpenID Connect Core §5.3](https://openid.net/specs/openid-connect-core-1_0.html#UserInfo)).

use http::header::CONTENT_TYPE;
use url::Url;
use vestibule_protocol::{Secret, Timestamp};
use vestibule_provider::ProviderError;

use crate::id_token::is_issuer;
use crate::metadata::Metadata;
use crate::{Claims, EmailTrust, RelyingParty};

impl RelyingParty {
    /// Asks for the claims that are needed and missing; `None` when there are none, or nobody to ask.
    pub(crate) async fn userinfo(
        &self,
        metadata: &Metadata,
        id_token: &Claims,
        access_token: &Secret,
        now: Timestamp,
    ) -> Result<Option<Claims>, ProviderError> {
        let Some(endpoint) = metadata
            .userinfo_endpoint
            .as_ref()
            .filter(|_| self.lacks_claims(id_token))
        else {
            return Ok(None);
        };
        let claims = self.ask_userinfo(metadata, endpoint, access_token, now).await?;
        // “The sub Claim in the UserInfo Response MUST be verified to exactly match the sub Claim in the ID Token; if they do
        // not match, the UserInfo Response values MUST NOT be used.”
        if claims.text("sub").is_none() || claims.text("sub") != id_token.text("sub") {
            return Err(ProviderError::Rejected(
                "userinfo is about another user than the ID token".to_owned(),
            ));
        }
        Ok(Some(claims))
    }

    /// What userinfo says of whoever an access token belongs to. Nobody has compared its `sub` yet.
    pub(crate) async fn ask_userinfo(
        &self,
        metadata: &Metadata,
        endpoint: &Url,
        access_token: &Secret,
        now: Timestamp,
    ) -> Result<Claims, ProviderError> {
        let accept = "application/json, application/jwt";
        let answer = self.caller.get(endpoint, accept, Some(access_token)).await?;
        if !answer.status().is_success() {
            return Err(ProviderError::Rejected(format!(
                "the provider's userinfo endpoint answered with {}",
                answer.status()
            )));
        }
        let media_type = answer
            .headers()
            .get(CONTENT_TYPE)
            .and_then(|value| value.to_str().ok());
        let is_jwt =
            media_type.is_some_and(|value| value.to_ascii_lowercase().starts_with("application/jwt"));
        if is_jwt {
            let token = std::str::from_utf8(answer.body()).unwrap_or_default().trim();
            self.verify_userinfo(metadata, token, now).await
        } else {
            Claims::from_json(answer.body())
                .ok_or_else(|| ProviderError::Rejected("userinfo is not a JSON object".to_owned()))
        }
    }

    async fn verify_userinfo(
        &self,
        metadata: &Metadata,
        token: &str,
        now: Timestamp,
    ) -> Result<Claims, ProviderError> {
        let claims = self.verify("userinfo answer", token, &["jwt"]).await?.claims;
        let rejected = |text: &str| Err(ProviderError::Rejected(format!("the userinfo answer {text}")));
        if let Some(issuer) = claims.text("iss")
            && !is_issuer(issuer, claims.text("tid"), &self.upstream, metadata)?
        {
            return rejected("is from another issuer");
        }
        if claims.get("aud").is_some()
            && claims
                .audience()
                .is_none_or(|all| !all.contains(&self.upstream.client_id.as_str()))
        {
            return rejected("is for another client");
        }
        if claims.get("exp").is_some()
            && claims
                .moment("exp")
                .is_none_or(|expires| now >= expires + crate::id_token::LEEWAY)
        {
            return rejected("has expired");
        }
        Ok(claims)
    }

    fn lacks_claims(&self, id_token: &Claims) -> bool {
        let map = &self.upstream.claims;
        let asks_for = |scope: &str| self.upstream.scopes.iter().any(|asked| asked == scope);
        let unproven =
            || map.email_trust == EmailTrust::WhereVerified && id_token.get("email_verified").is_none();
        let lacks = |path: &crate::ClaimPath| id_token.at(path).is_none();
        (asks_for("email") && (lacks(&map.email) || unproven()))
            || (asks_for("profile") && lacks(&map.name) && lacks(&map.username))
            || map.subject.iter().any(lacks)
            || map.groups.as_ref().is_some_and(lacks)
            || map.roles.as_ref().is_some_and(lacks)
    }
}
