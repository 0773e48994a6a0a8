//! Assertions about workloads: a program proves itself with what its platform gave it, without a client of its own
//! ([SEP-1933](https://github.com/modelcontextprotocol/modelcontextprotocol/pull/1933)).

use std::sync::Arc;

use serde_json::{Map, Value};
use vestibule_protocol::{ClientId, ScopeSet, Subject, Timestamp};
use vestibule_provider::Identity;

use super::TokenError;
use super::jwt_bearer::{Asserted, Presented};
use super::open::{Opening, Stay};
use crate::Broker;
use crate::settings::WorkloadRule;

impl Broker {
    /// What the workload may do that the assertion names. Without a client, it is its own.
    pub(super) fn act_as_workload(
        &self,
        client: Option<&ClientId>,
        audiences: &[String],
        rules: &[WorkloadRule],
        asserted: &Asserted<'_>,
        presented: &Presented,
        now: Timestamp,
    ) -> Result<Opening, TokenError> {
        let claims = &asserted.claims;
        if !claims
            .aud
            .iter()
            .all(|name| audiences.iter().any(|ours| ours == name))
        {
            return Err(TokenError::AssertionAudience);
        }
        let resource = self.asserted_target(&presented.resources, None)?;
        let given: ScopeSet = rules
            .iter()
            .filter(|rule| rule.resource.same_resource(&resource.uri))
            .filter(|rule| rule.subject.fits(&claims.sub) && fits(rule, &claims.rest))
            .flat_map(|rule| rule.scopes.iter().cloned())
            .collect();
        if given.is_empty() {
            return Err(TokenError::WorkloadNotAllowed);
        }
        let scopes = match &presented.scopes {
            Some(asked) => given.intersection(asked),
            None => given,
        };
        let provider = &asserted.issuer.id;
        let subject = Subject::of(provider, &claims.sub).map_err(|_| TokenError::AssertionMalformed)?;
        let client_id = match client {
            Some(client) => client.clone(),
            None => ClientId::parse(subject.as_str()).map_err(|_| TokenError::AssertionMalformed)?,
        };
        Ok(Opening {
            session: self.entropy.session_id(),
            identity: Arc::new(Identity {
                issuer: Some(claims.iss.clone()),
                ..Identity::of(provider, subject, claims.iat.unwrap_or(now))
            }),
            upstream: None,
            client_id,
            resources: vec![resource.uri.clone()],
            scopes,
            nonce: None,
            stay: Stay::Once,
        })
    }
}

/// Whether every other claim is as the rule wants it; one that is missing fits nothing.
fn fits(rule: &WorkloadRule, claims: &Map<String, Value>) -> bool {
    rule.claims.iter().all(|(name, wanted)| {
        let claim = match name.strip_prefix('/') {
            None => claims.get(name),
            Some(pointer) => {
                let mut keys = pointer
                    .split('/')
                    .map(|key| key.replace("~1", "/").replace("~0", "~"));
                let first = keys.next().and_then(|key| claims.get(&key));
                keys.fold(first, |value, key| value.and_then(|value| value.get(&key)))
            }
        };
        match claim {
            Some(Value::String(text)) => wanted.fits(text),
            Some(Value::Bool(flag)) => wanted.fits(if *flag { "true" } else { "false" }),
            Some(Value::Number(number)) => wanted.fits(&number.to_string()),
            Some(Value::Null | Value::Array(_) | Value::Object(_)) | None => false,
        }
    })
}
