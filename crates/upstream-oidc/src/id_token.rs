//! What an ID token has to say before it is believed
//! ([OpenID Connect Core §3.1.3.7](https://openid.net/specs/openid-connect-core-1_0.html#IDTokenValidation)).

use std::sync::Arc;
use std::time::Duration;

use vestibule_jose::foreign::{Jws, Signature};
use vestibule_protocol::Timestamp;
use vestibule_provider::ProviderError;

use crate::key_set::is_signed_with;
use crate::metadata::{Metadata, TENANT};
use crate::{Claims, IssuerRule, RelyingParty, SigningAlgorithm, Upstream, foreign_text, jws};

/// How far the provider's clock may be off.
pub(crate) const LEEWAY: Duration = Duration::from_secs(60);

/// How far ahead `iat` may lie.
const MOST_AHEAD: Duration = Duration::from_secs(300);

/// A token whose signature holds.
pub(crate) struct Verified {
    pub(crate) claims: Claims,
    pub(crate) algorithm: SigningAlgorithm,
}

impl RelyingParty {
    /// Verifies a token's signature with the provider's keys, or with the client secret where that is configured; `types` are
    /// what its `typ` may be.
    pub(crate) async fn verify(
        &self,
        what: &str,
        token: &str,
        types: &[&str],
    ) -> Result<Verified, ProviderError> {
        let token = jws::parse(what, token, &self.upstream)?;
        if !token.is_typed(types) {
            return Err(ProviderError::Rejected(format!(
                "the {what} is a token of another type"
            )));
        }
        let good = match (token.algorithm(), self.upstream.client_auth.secret()) {
            (SigningAlgorithm::Hs256, Some(secret)) => is_signed_with(secret, &token),
            (SigningAlgorithm::Hs256, None) => false,
            _ => self.is_signed_by_provider(what, &token).await?,
        };
        if !good {
            return Err(ProviderError::Rejected(format!(
                "the {what}'s signature is wrong"
            )));
        }
        let claims = jws::claims(&token)
            .ok_or_else(|| ProviderError::Rejected(format!("the {what} has no claims")))?;
        Ok(Verified {
            claims,
            algorithm: token.algorithm(),
        })
    }

    /// Keys that do not know the token are asked for again once, in case that the provider has changed them.
    async fn is_signed_by_provider(&self, what: &str, jws: &Jws<'_>) -> Result<bool, ProviderError> {
        let known = self.keys.get().await?;
        match known.judge(jws) {
            Signature::Good => return Ok(true),
            Signature::UnknownKey | Signature::Bad => {}
        }
        let newer = self.keys.newer_than(Arc::clone(&known)).await?;
        match newer.judge(jws) {
            Signature::Good => Ok(true),
            Signature::Bad => Ok(false),
            Signature::UnknownKey => Err(ProviderError::Rejected(format!(
                "the {what} is signed with a {} key, {}, that the provider does not publish",
                jws.algorithm(),
                foreign_text::line(jws.kid().unwrap_or("without a kid")),
            ))),
        }
    }

    /// Checks the claims that every token of the provider's has: issuer, audience, times.
    pub(crate) fn check_registered(
        &self,
        what: &str,
        claims: &Claims,
        metadata: &Metadata,
        audience: &str,
        now: Timestamp,
    ) -> Result<(), ProviderError> {
        let rejected = |text: &str| Err(ProviderError::Rejected(format!("the {what} {text}")));
        let Some(issuer) = claims.text("iss") else {
            return rejected("has no iss");
        };
        if !is_issuer(issuer, claims.text("tid"), &self.upstream, metadata)? {
            return rejected(&format!(
                "is from another issuer, {}, than {}",
                foreign_text::line(issuer),
                metadata.issuer
            ));
        }
        let Some(audiences) = claims.audience() else {
            return rejected("has no aud");
        };
        if !audiences.contains(&audience) {
            return rejected("is for another audience than this client");
        }
        check_times(what, claims, now)
    }

    /// Checks an ID token's own claims, its signature being good.
    pub(crate) fn check_id_token(
        &self,
        verified: &Verified,
        metadata: &Metadata,
        now: Timestamp,
    ) -> Result<(), ProviderError> {
        let claims = &verified.claims;
        let rejected = |text: &str| Err(ProviderError::Rejected(format!("the ID token {text}")));
        let client_id = self.upstream.client_id.as_str();
        self.check_registered("ID token", claims, metadata, client_id, now)?;
        let several = claims.audience().is_some_and(|audiences| audiences.len() > 1);
        match claims.get("azp") {
            Some(azp) if azp != client_id => return rejected("was issued to another client (azp)"),
            None if several => {
                return rejected("is for several audiences and does not say to whom it was issued (azp)");
            }
            _ => {}
        }
        if claims.text("sub").is_none_or(|sub| sub.len() > 255) {
            return rejected("has no sub");
        }
        Ok(())
    }
}

/// [OpenID Connect Core §3.1.3.7](https://openid.net/specs/openid-connect-core-1_0.html#IDTokenValidation), 9 and 10, and `nbf`.
fn check_times(what: &str, claims: &Claims, now: Timestamp) -> Result<(), ProviderError> {
    let clocks = "; compare the clocks of this machine and of the provider";
    let rejected = |text: String| Err(ProviderError::Rejected(format!("the {what} {text}")));
    let Some(expires) = claims.moment("exp") else {
        return rejected("has no exp".to_owned());
    };
    if now >= expires + LEEWAY {
        let ago = now.since(expires).as_secs();
        return rejected(format!("expired {ago} seconds ago{clocks}"));
    }
    let Some(issued) = claims.moment("iat") else {
        return rejected("has no iat".to_owned());
    };
    if issued > now + MOST_AHEAD {
        let ahead = issued.since(now).as_secs();
        return rejected(format!("was issued {ahead} seconds in the future{clocks}"));
    }
    match (claims.get("nbf"), claims.moment("nbf")) {
        (None, _) => Ok(()),
        (Some(_), Some(begins)) if begins <= now + LEEWAY => Ok(()),
        (Some(_), _) => rejected(format!("is not good yet{clocks}")),
    }
}

/// Whether `issuer` is the provider. “The Issuer Identifier for the OpenID Provider […] MUST exactly match the value of the iss
/// (issuer) Claim.”
pub(crate) fn is_issuer(
    issuer: &str,
    tenant: Option<&str>,
    upstream: &Upstream,
    metadata: &Metadata,
) -> Result<bool, ProviderError> {
    match &upstream.issuer_rule {
        IssuerRule::Exact | IssuerRule::AlsoCalled(_) => Ok(is_name_of_issuer(issuer, upstream, metadata)),
        IssuerRule::OfTenant(tenants) => {
            let Some(tenant) = tenant.filter(|tenant| issuer == metadata.issuer.replace(TENANT, tenant))
            else {
                return Ok(false);
            };
            if tenants.iter().any(|allowed| allowed == tenant) {
                return Ok(true);
            }
            Err(ProviderError::Denied(format!(
                "the user is of tenant {}, which is not among allowed_tenants",
                foreign_text::line(tenant)
            )))
        }
    }
}

/// Whether `issuer` is the provider or one of its allowed tenants, where no `tid` says which.
pub(crate) fn is_name_of_issuer(issuer: &str, upstream: &Upstream, metadata: &Metadata) -> bool {
    match &upstream.issuer_rule {
        IssuerRule::Exact => issuer == metadata.issuer,
        IssuerRule::AlsoCalled(names) => issuer == metadata.issuer || names.iter().any(|name| name == issuer),
        IssuerRule::OfTenant(tenants) => tenants
            .iter()
            .any(|tenant| issuer == metadata.issuer.replace(TENANT, tenant)),
    }
}
