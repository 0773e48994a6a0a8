//! The grants that are served beside the code flow, each only when the operator says so.

use std::time::Duration;

use vestibule_protocol::{ClientId, GrantType, ProviderId, ResourceUri, Scope, ScopeSet};

use super::policy::giver;
use super::{Explanation, Resource, Source, Trust, TrustedIssuer};

/// What each grant needs to know; one that is absent is not served.
#[derive(Debug, Clone, Default)]
pub struct GrantSettings {
    /// `device_code`: terminals without a browser.
    pub device_code: Option<DeviceCodeSettings>,
    /// `client_credentials`: which client may use which MCP server by itself; none, and the grant is not served.
    pub client_credentials: Vec<ClientRule>,
    /// `token-exchange`: which MCP server may call which other one for its users; none, and the grant is not served.
    pub token_exchange: Vec<ClientRule>,
    /// `jwt-bearer`: whose assertions count; nobody's, and the grant is not served.
    pub trusted_issuers: Vec<TrustedIssuer>,
}

/// Lets a client use an MCP server: by itself ([RFC 6749 §4.4](https://www.rfc-editor.org/rfc/rfc6749#section-4.4)), or as a
/// server that calls another one for its users ([RFC 8693](https://www.rfc-editor.org/rfc/rfc8693)).
#[derive(Debug, Clone)]
pub struct ClientRule {
    /// The client; an MCP server is the one as which it authenticates.
    pub client: ClientId,
    /// The server that is called.
    pub resource: ResourceUri,
    /// What it may do there; for a user, of what policy gives them.
    pub scopes: ScopeSet,
}

/// The device authorization grant ([RFC 8628](https://www.rfc-editor.org/rfc/rfc8628)).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeviceCodeSettings {
    /// How long a device waits for somebody.
    pub lifetime: Duration,
    /// How long it waits between two polls.
    pub interval: Duration,
}

impl Default for DeviceCodeSettings {
    fn default() -> Self {
        Self {
            lifetime: Duration::from_secs(10 * 60),
            interval: Duration::from_secs(5),
        }
    }
}

impl GrantSettings {
    /// Whether the token endpoint serves this grant.
    pub fn serves(&self, grant: GrantType) -> bool {
        match grant {
            GrantType::AuthorizationCode | GrantType::RefreshToken => true,
            GrantType::DeviceCode => self.device_code.is_some(),
            GrantType::TokenExchange => !self.token_exchange.is_empty(),
            GrantType::JwtBearer => !self.trusted_issuers.is_empty(),
            GrantType::ClientCredentials => !self.client_credentials.is_empty(),
        }
    }

    /// Whether the client may come by itself to some MCP server.
    pub fn lets_in(&self, client: &ClientId) -> bool {
        self.client_credentials.iter().any(|rule| rule.client == *client)
    }

    /// What the client may do by itself at an MCP server: nothing that no rule names, and nothing that is about a user.
    pub fn own_scopes(&self, client: &ClientId, resource: &Resource) -> ScopeSet {
        let named: ScopeSet = self
            .own_rules(client, resource)
            .flat_map(|(_, rule)| rule.scopes.iter().cloned())
            .collect();
        let known = resource
            .with_implied(&named)
            .intersection(&resource.known_scopes());
        known.difference(&Scope::identity())
    }

    /// Says why the client may have `scope` at `resource` by itself, or why not.
    pub fn explain_own(&self, client: &ClientId, resource: &Resource, scope: &Scope) -> Explanation<'static> {
        let rules = self.own_rules(client, resource);
        let given = rules
            .filter_map(|(number, rule)| giver(Source::ClientRule(number), &rule.scopes, resource, scope));
        Explanation {
            given: given.collect(),
            missed: Vec::new(),
        }
    }

    /// The rules, each with its number; the first is 1.
    fn own_rules(
        &self,
        client: &ClientId,
        resource: &Resource,
    ) -> impl Iterator<Item = (usize, &ClientRule)> {
        (1..)
            .zip(&self.client_credentials)
            .filter(move |(_, rule)| rule.client == *client && rule.resource.same_resource(&resource.uri))
    }

    /// Whether somebody is trusted to say which of its users lets a client in.
    pub(crate) fn trusts_users(&self) -> bool {
        self.trusts(|trust| matches!(trust, Trust::Users { .. }))
    }

    /// Whether somebody is trusted to say which workload it is that asks.
    pub(crate) fn trusts_workloads(&self) -> bool {
        self.trusts(|trust| matches!(trust, Trust::Workloads { .. }))
    }

    /// Whether the workloads of some issuer are called after it, as users are after their provider.
    pub(crate) fn names_workloads_of(&self, name: &ProviderId) -> bool {
        let mut issuers = self.trusted_issuers.iter();
        issuers.any(|issuer| issuer.id == *name && matches!(issuer.trust, Trust::Workloads { .. }))
    }

    fn trusts(&self, kind: fn(&Trust) -> bool) -> bool {
        self.trusted_issuers.iter().any(|issuer| kind(&issuer.trust))
    }

    /// The grants that the token endpoint serves.
    pub fn served(&self) -> Vec<GrantType> {
        GrantType::ALL
            .into_iter()
            .filter(|grant| self.serves(*grant))
            .collect()
    }
}
