//! How far the tokens of one answer reach.

use std::time::Duration;

use vestibule_protocol::{ProviderId, ResourceUri, Scope, ScopeSet};

use super::TokenError;
use crate::settings::{DpopBinding, Lifetimes, Resource, Resources};

/// The scopes that are about the user and belong to no resource.
const IDENTITY: [&str; 4] = [Scope::OPENID, Scope::PROFILE, Scope::EMAIL, Scope::OFFLINE_ACCESS];

/// What a token request asks for; what it leaves out it inherits.
pub(super) struct Asked {
    pub(super) resources: Vec<String>,
    pub(super) scopes: Option<ScopeSet>,
}

impl Asked {
    /// All that was granted, for grants that have narrowed it already.
    pub(super) fn all() -> Self {
        Self {
            resources: Vec::new(),
            scopes: None,
        }
    }
}

/// The resources and scopes of the tokens in one answer.
pub(super) struct Reach<'a> {
    resources: Vec<&'a Resource>,
    pub(super) scopes: ScopeSet,
}

impl Asked {
    /// Judges what is asked for against what was granted. Both can only be narrowed.
    ///
    /// > The requested scope MUST NOT include any scope not originally granted by the resource owner
    /// > ([RFC 6749 §6](https://www.rfc-editor.org/rfc/rfc6749#section-6))
    pub(super) fn narrow<'a>(
        &self,
        granted_resources: &[ResourceUri],
        granted_scopes: &ScopeSet,
        configured: &'a Resources,
        provider: &ProviderId,
    ) -> Result<Reach<'a>, TokenError> {
        let resources = self.narrow_resources(granted_resources, configured, provider)?;
        let scopes = match &self.scopes {
            Some(asked) if !asked.is_subset(granted_scopes) => {
                return Err(TokenError::ScopeNotGranted(asked.difference(granted_scopes)));
            }
            Some(asked) => asked,
            None => granted_scopes,
        };
        let scopes = known_scopes(scopes, &resources);
        if scopes.is_empty() {
            return Err(TokenError::NoScopeLeft);
        }
        Ok(Reach { resources, scopes })
    }

    /// > If the client omits the resource parameter when requesting a token, the authorization server SHOULD process the
    /// > request with no specific resource
    ///
    /// which here are all that were granted
    /// ([RFC 8707 §2.2](https://www.rfc-editor.org/rfc/rfc8707#section-2.2)). One that the operator has taken out of the
    /// configuration since, or that no longer admits the user's provider, gets no more tokens.
    fn narrow_resources<'a>(
        &self,
        granted: &[ResourceUri],
        configured: &'a Resources,
        provider: &ProviderId,
    ) -> Result<Vec<&'a Resource>, TokenError> {
        let wanted = if self.resources.is_empty() {
            granted.iter().collect()
        } else {
            self.named_among(granted)?
        };
        let resources: Vec<&Resource> = wanted
            .into_iter()
            .filter_map(|uri| configured.find(uri))
            .filter(|resource| resource.admits(provider))
            .collect();
        if resources.is_empty() {
            Err(TokenError::ResourceGone)
        } else {
            Ok(resources)
        }
    }

    /// Those of the granted resources that are asked for, however they are spelt.
    fn named_among<'g>(&self, granted: &'g [ResourceUri]) -> Result<Vec<&'g ResourceUri>, TokenError> {
        let mut named = Vec::with_capacity(self.resources.len());
        for text in &self.resources {
            let found = granted.iter().find(|granted| granted.is_spelt(text));
            let found = found.ok_or(TokenError::ResourceNotGranted)?;
            if !named.contains(&found) {
                named.push(found);
            }
        }
        Ok(named)
    }
}

impl Reach<'_> {
    /// The canonical URIs, for `aud`.
    pub(super) fn audience(&self) -> impl Iterator<Item = &str> {
        self.resources.iter().map(|resource| resource.uri.as_str())
    }

    /// A resource that takes only tokens that are bound to a key.
    pub(super) fn wants_proof(&self) -> Option<&Resource> {
        let wanting = |resource: &&&Resource| resource.dpop == DpopBinding::Required;
        self.resources.iter().find(wanting).copied()
    }

    /// The resources, for the audit log.
    pub(super) fn uris(&self) -> Vec<ResourceUri> {
        self.resources
            .iter()
            .map(|resource| resource.uri.clone())
            .collect()
    }

    /// How long an access token lives: as long as the strictest of its resources allows.
    pub(super) fn access_token_lifetime(&self, lifetimes: &Lifetimes) -> Duration {
        self.resources
            .iter()
            .map(|resource| resource.access_token_lifetime.unwrap_or(lifetimes.access_token))
            .min()
            .unwrap_or(lifetimes.access_token)
    }
}

/// The scopes that mean something at one of these resources, or are about the user.
fn known_scopes(scopes: &ScopeSet, resources: &[&Resource]) -> ScopeSet {
    let known = |scope: &&Scope| {
        let at = |resource: &&Resource| resource.scopes.iter().any(|known| known.scope == **scope);
        IDENTITY.contains(&scope.as_str()) || resources.iter().any(at)
    };
    if scopes.iter().all(|scope| known(&scope)) {
        scopes.clone()
    } else {
        scopes.iter().filter(known).cloned().collect()
    }
}
