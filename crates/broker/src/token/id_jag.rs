//! Assertions about users: a client acts for the user of an identity provider that the operator trusts to say so
//! ([draft-ietf-oauth-identity-assertion-authz-grant §4.4](https://datatracker.ietf.org/doc/html/draft-ietf-oauth-identity-assertion-authz-grant-04#section-4.4)).

use std::sync::Arc;

use serde_json::Value;
use vestibule_protocol::{ProviderId, ScopeSet, Subject, Timestamp};
use vestibule_provider::Identity;

use super::TokenError;
use super::jwt_bearer::{Asserted, Presented};
use super::open::{Opening, Stay};
use crate::{Broker, Client};

impl Broker {
    /// What a client may do for the user that the assertion names.
    pub(super) fn act_for_user(
        &self,
        client: &Client,
        provider: &ProviderId,
        asserted: &Asserted<'_>,
        presented: &Presented,
        now: Timestamp,
    ) -> Result<Opening, TokenError> {
        let claims = &asserted.claims;
        // Whoever else it is for could use it here, and we there.
        let mut audience = claims.aud.iter();
        if audience.next() != Some(self.settings.issuer.as_str()) || audience.next().is_some() {
            return Err(TokenError::AssertionAudience);
        }
        if text(claims.rest.get("client_id")) != Some(client.id().as_str()) {
            return Err(TokenError::AssertionOfAnotherClient);
        }
        let named = resources(claims.rest.get("resource"))?;
        let resource = self.asserted_target(&presented.resources, named.as_deref())?;
        let subject = Subject::of(provider, &claims.sub).map_err(|_| TokenError::AssertionMalformed)?;
        let verified = claims.rest.get("email_verified") == Some(&Value::Bool(true));
        let identity = Identity {
            issuer: Some(claims.iss.clone()),
            email: text(claims.rest.get("email")).map(str::to_owned),
            email_verified: verified,
            ..Identity::of(provider, subject, claims.iat.unwrap_or(now))
        };
        let said = match claims.rest.get("scope") {
            None => resource.default_scopes.clone(),
            Some(scope) => text(Some(scope))
                .and_then(|scope| ScopeSet::parse(scope).ok())
                .ok_or(TokenError::AssertionMalformed)?,
        };
        let allowed = self.settings.policy.allowed(&identity, client.id(), resource);
        let mut scopes = said.intersection(&allowed);
        if let Some(own) = client.scopes() {
            scopes = scopes.intersection(own);
        }
        if let Some(asked) = &presented.scopes {
            scopes = scopes.intersection(asked);
        }
        Ok(Opening {
            session: self.entropy.session_id(),
            identity: Arc::new(identity),
            upstream: None,
            client_id: client.id().clone(),
            resources: vec![resource.uri.clone()],
            scopes,
            nonce: None,
            stay: Stay::Once,
        })
    }
}

fn text(claim: Option<&Value>) -> Option<&str> {
    claim.and_then(Value::as_str)
}

/// The servers that the assertion names: one, several, or none at all.
fn resources(claim: Option<&Value>) -> Result<Option<Vec<String>>, TokenError> {
    match claim {
        None => Ok(None),
        Some(Value::String(one)) => Ok(Some(vec![one.clone()])),
        Some(Value::Array(several)) => several
            .iter()
            .map(|one| one.as_str().map(str::to_owned))
            .collect::<Option<Vec<_>>>()
            .map(Some)
            .ok_or(TokenError::AssertionMalformed),
        Some(_) => Err(TokenError::AssertionMalformed),
    }
}
