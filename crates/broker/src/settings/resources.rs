//! The MCP servers that tokens are issued for.

use std::time::Duration;

use vestibule_protocol::{ProviderId, ResourceUri, Scope, ScopeSet};

use super::DpopBinding;

/// One MCP server.
#[derive(Debug, Clone)]
pub struct Resource {
    /// Its canonical URI: the `aud` of every token for it.
    pub uri: ResourceUri,
    /// What the consent page calls it.
    pub name: String,
    /// Its scopes, each with a sentence for the consent page.
    pub scopes: Vec<ScopeText>,
    /// What a request without `scope` asks for; never empty.
    pub default_scopes: ScopeSet,
    /// How long access tokens live, if not as long as elsewhere.
    pub access_token_lifetime: Option<Duration>,
    /// The providers whose users may come; all of them when absent.
    pub providers: Option<Vec<ProviderId>>,
    /// Whether its tokens have to be bound to a key.
    pub dpop: DpopBinding,
}

/// A scope and what it means to a person.
#[derive(Debug, Clone)]
pub struct ScopeText {
    /// The scope.
    pub scope: Scope,
    /// What it allows, in a plain sentence.
    pub text: String,
    /// The narrower scopes that come with it.
    pub implies: ScopeSet,
}

impl Resource {
    /// Whether users of this provider may come.
    pub fn admits(&self, provider: &ProviderId) -> bool {
        self.providers
            .as_ref()
            .is_none_or(|admitted| admitted.contains(provider))
    }

    /// All scopes of this resource.
    pub fn known_scopes(&self) -> ScopeSet {
        self.scopes.iter().map(|known| known.scope.clone()).collect()
    }

    /// `scopes`, and all the narrower ones that come with those of them that are this resource's.
    #[must_use]
    pub fn with_implied(&self, scopes: &ScopeSet) -> ScopeSet {
        let broad = self.scopes.iter().filter(|known| !known.implies.is_empty());
        let broad: Vec<&ScopeText> = broad.collect();
        let mut all = scopes.clone();
        loop {
            let more = broad.iter().filter(|known| all.contains(known.scope.as_str()));
            let more = more.fold(ScopeSet::default(), |more, known| more.union(&known.implies));
            if more.is_subset(&all) {
                return all;
            }
            all = all.union(&more);
        }
    }
}

/// All resources, and the one that is meant when a request names none.
#[derive(Debug, Clone)]
pub struct Resources {
    all: Vec<Resource>,
    default: Option<usize>,
}

impl Resources {
    /// The resources; `default` is the one meant when a request names none. A single resource is its own default.
    pub fn new(all: Vec<Resource>, default: Option<&ResourceUri>) -> Self {
        let default = match default {
            Some(uri) => all.iter().position(|resource| resource.uri.same_resource(uri)),
            None if all.len() == 1 => Some(0),
            None => None,
        };
        Self { all, default }
    }

    /// All of them, in the order of the configuration.
    pub fn iter(&self) -> impl Iterator<Item = &Resource> {
        self.all.iter()
    }

    /// The configured resource that `uri` names, however it is spelt.
    pub fn find(&self, uri: &ResourceUri) -> Option<&Resource> {
        self.all.iter().find(|resource| resource.uri.same_resource(uri))
    }

    /// The resource that is meant when a request names none.
    pub fn default(&self) -> Option<&Resource> {
        self.default.and_then(|index| self.all.get(index))
    }
}
