//! The grants that are served beside the code flow, each only when the operator says so.

use std::time::Duration;

use vestibule_protocol::{ClientId, GrantType, ResourceUri, ScopeSet};

use super::{Trust, TrustedIssuer};

/// What each grant needs to know; one that is absent is not served.
#[derive(Debug, Clone, Default)]
pub struct GrantSettings {
    /// `device_code`: terminals without a browser.
    pub device_code: Option<DeviceCodeSettings>,
    /// `token-exchange`: which MCP server may call which other one for its users; none, and the grant is not served.
    pub token_exchange: Vec<ExchangeRule>,
    /// `jwt-bearer`: whose assertions count; nobody's, and the grant is not served.
    pub trusted_issuers: Vec<TrustedIssuer>,
}

/// Lets an MCP server call another one for its users ([RFC 8693](https://www.rfc-editor.org/rfc/rfc8693)).
#[derive(Debug, Clone)]
pub struct ExchangeRule {
    /// The server that calls, by the client as which it authenticates.
    pub client: ClientId,
    /// The server that is called.
    pub resource: ResourceUri,
    /// What it may do there, of what policy gives the user.
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
            GrantType::ClientCredentials => false,
        }
    }

    /// Whether somebody is trusted to say which of its users lets a client in.
    pub(crate) fn trusts_users(&self) -> bool {
        self.trusts(|trust| matches!(trust, Trust::Users { .. }))
    }

    /// Whether somebody is trusted to say which workload it is that asks.
    pub(crate) fn trusts_workloads(&self) -> bool {
        self.trusts(|trust| matches!(trust, Trust::Workloads { .. }))
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
