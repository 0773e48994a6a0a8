//! The grant `jwt-bearer` ([RFC 7523 §2.1](https://www.rfc-editor.org/rfc/rfc7523#section-2.1)): what an issuer that the operator
//! trusts says is taken for a token, without a browser.
//!
//! An issuer says one of two things: which of its users a client acts for
//! ([ID-JAG](https://datatracker.ietf.org/doc/draft-ietf-oauth-identity-assertion-authz-grant/), MCP's enterprise-managed
//! authorization), or which workload it is that asks for itself (MCP's workload identity federation).

use std::time::Duration;

use vestibule_jose::foreign::{AssertionClaims, Clocks, Jws, Signature, SigningAlgorithm};
use vestibule_protocol::{GrantType, ResourceUri, ScopeSet, Secret, Timestamp};

use super::{Claim, TokenError};
use crate::client_auth::Caller;
use crate::settings::{Resource, Trust, TrustedIssuer};
use crate::store::Remembered;
use crate::{Broker, Digest};

/// What issuers may sign with: only what a public key verifies.
const ALGORITHMS: [SigningAlgorithm; 6] = [
    SigningAlgorithm::Es256,
    SigningAlgorithm::Es384,
    SigningAlgorithm::EdDsa,
    SigningAlgorithm::Rs256,
    SigningAlgorithm::Rs384,
    SigningAlgorithm::Ps256,
];

/// How far an issuer's clock may be off.
const SKEW: Duration = Duration::from_secs(60);
/// Longer than any assertion has to be, in bytes.
const LONGEST: usize = 16 * 1024;
/// The longest `jti` that is remembered, in bytes.
const LONGEST_ID: usize = 512;
/// The type of an assertion about a user.
const ID_JAG: &str = "oauth-id-jag+jwt";

/// What is shown, and what is asked for.
pub(super) struct Presented {
    pub(super) assertion: Secret,
    pub(super) resources: Vec<String>,
    pub(super) scopes: Option<ScopeSet>,
}

/// An assertion whose signature and times hold.
pub(super) struct Asserted<'a> {
    pub(super) issuer: &'a TrustedIssuer,
    pub(super) claims: AssertionClaims,
}

impl Broker {
    /// Judges an assertion, and finds what it is good for. It is spent from here on.
    pub(super) async fn find_asserted(
        &self,
        caller: Option<&Caller>,
        presented: Presented,
        now: Timestamp,
    ) -> Result<Claim, TokenError> {
        if caller.is_some_and(|caller| !caller.proven || !caller.client.allows_grant(GrantType::JwtBearer)) {
            return Err(TokenError::GrantNotAllowed(GrantType::JwtBearer));
        }
        let asserted = self.verify_grant_assertion(&presented.assertion, now).await?;
        let opening = match (&asserted.issuer.trust, caller) {
            (Trust::Users { provider }, Some(caller)) => {
                self.act_for_user(&caller.client, provider, &asserted, &presented, now)?
            }
            // An assertion about a user is made for one client, which has to show that it is that one.
            (Trust::Users { .. }, None) => return Err(TokenError::AssertionNeedsClient),
            (Trust::Workloads { audiences, rules, .. }, caller) => {
                let client = caller.map(|caller| caller.client.id());
                self.act_as_workload(client, audiences, rules, &asserted, &presented, now)?
            }
        };
        self.spend_assertion(&asserted, now).await?;
        Ok(Claim::Open(Box::new(opening)))
    }

    async fn verify_grant_assertion(
        &self,
        assertion: &Secret,
        now: Timestamp,
    ) -> Result<Asserted<'_>, TokenError> {
        let text = assertion.expose();
        if text.len() > LONGEST {
            return Err(TokenError::AssertionMalformed);
        }
        let token = Jws::parse(text, &ALGORITHMS).map_err(|_| TokenError::AssertionMalformed)?;
        let claims = AssertionClaims::read(&token).ok_or(TokenError::AssertionMalformed)?;
        // The type says which kind of assertion it is: one kind is never taken for the other.
        let about_user = token.says_type(&[ID_JAG]);
        let mut issuers = self.settings.grants.trusted_issuers.iter();
        let issuer = issuers
            .find(|issuer| {
                issuer.issuer == claims.iss && about_user == matches!(issuer.trust, Trust::Users { .. })
            })
            .ok_or(TokenError::IssuerNotTrusted)?;
        let judged = self.judge_by_issuer(issuer, &token, now).await;
        match judged.map_err(TokenError::IssuerKeys)? {
            Signature::Good => {}
            Signature::UnknownKey | Signature::Bad => return Err(TokenError::AssertionSignature),
        }
        if claims.iat.is_none() {
            return Err(TokenError::AssertionMalformed);
        }
        claims.check_times(clocks(issuer), now)?;
        Ok(Asserted { issuer, claims })
    }

    /// > the authorization server MUST […] ensure that the JWT has not been replayed
    ///
    /// as far as the operator does not say otherwise for workloads.
    async fn spend_assertion(&self, asserted: &Asserted<'_>, now: Timestamp) -> Result<(), TokenError> {
        let Asserted { issuer, claims } = asserted;
        if issuer.trust.is_reusable() {
            return Ok(());
        }
        let id = claims.jti.as_deref();
        let id = id.filter(|id| (1..=LONGEST_ID).contains(&id.len()));
        let id = id.ok_or(TokenError::AssertionWithoutId)?;
        let key = Digest::of(&format!("grant-assertion\n{}\n{id}", issuer.id));
        let until = claims.forgettable_at(clocks(issuer));
        match self.store.remember(key, until, now).await? {
            Remembered::First => Ok(()),
            Remembered::Seen => Err(TokenError::AssertionReplayed),
        }
    }

    /// The one server that a token is asked for: among those that the assertion names, if it names any.
    pub(super) fn asserted_target(
        &self,
        asked: &[String],
        within: Option<&[String]>,
    ) -> Result<&Resource, TokenError> {
        let named = match (asked, within) {
            ([one], None) | ([], Some([one])) => Some(one),
            ([one], Some(within)) if within.iter().any(|named| same(named, one)) => Some(one),
            ([_], Some(_)) => return Err(TokenError::ResourceNotGranted),
            ([], None) => None,
            _ => return Err(TokenError::OneTarget),
        };
        let resources = &self.settings.resources;
        match named {
            Some(name) => ResourceUri::parse(name).ok().and_then(|uri| resources.find(&uri)),
            None => resources.default(),
        }
        .ok_or(TokenError::ResourceNotGranted)
    }
}

fn same(one: &str, other: &str) -> bool {
    ResourceUri::parse(one).is_ok_and(|uri| uri.is_spelt(other))
}

fn clocks(issuer: &TrustedIssuer) -> Clocks {
    Clocks {
        skew: SKEW,
        longest: issuer.longest,
    }
}
