//! Whose assertions count.

use std::sync::Arc;
use std::time::Duration;

use url::Url;
use vestibule_jose::foreign::KeySet;
use vestibule_protocol::{ProviderId, ResourceUri, ScopeSet};

use super::Pattern;

/// An issuer whose assertions are taken for tokens ([RFC 7523 §2.1](https://www.rfc-editor.org/rfc/rfc7523#section-2.1)).
#[derive(Debug, Clone)]
pub struct TrustedIssuer {
    /// The operator's name for it.
    pub id: ProviderId,
    /// Its `iss`, byte for byte.
    pub issuer: String,
    /// Where its keys are.
    pub keys: IssuerKeys,
    /// How far ahead the end of an assertion may lie.
    pub longest: Duration,
    /// What it is trusted with.
    pub trust: Trust,
}

/// Where the keys of an issuer are.
#[derive(Debug, Clone)]
pub enum IssuerKeys {
    /// In the configuration.
    Fixed(Arc<KeySet>),
    /// At this address.
    At(Url, IssuerNetwork),
    /// Where the metadata of the issuer say that they are; the address is the issuer's own.
    Published(Url, IssuerNetwork),
}

/// Where an issuer may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IssuerNetwork {
    /// On the public internet.
    Public,
    /// There, or on a network of the operator's own.
    AlsoPrivate,
}

/// What an issuer is trusted with.
#[derive(Debug, Clone)]
pub enum Trust {
    /// To say which of its users lets which client in (enterprise-managed authorization).
    Users {
        /// The provider whose users they are: their `sub` is the same as if they had logged in there.
        provider: ProviderId,
    },
    /// To say which workload it is that asks for itself (workload identity federation).
    Workloads {
        /// The names under which its assertions may be meant for us.
        audiences: Vec<String>,
        /// Whether an assertion is good more than once.
        reuse: Reuse,
        /// Which workload may have what.
        rules: Vec<WorkloadRule>,
    },
}

/// Whether an assertion is good more than once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reuse {
    /// Once; it has to have a `jti`.
    Never,
    /// Until it ends: platforms that put it into a file replace that every hour, and not each time that it is read.
    UntilItEnds,
}

/// Lets workloads have scopes at an MCP server.
#[derive(Debug, Clone)]
pub struct WorkloadRule {
    /// Their `sub`.
    pub subject: Pattern,
    /// What their other claims have to be; a name that begins with a slash is a JSON Pointer.
    pub claims: Vec<(String, Pattern)>,
    /// The server.
    pub resource: ResourceUri,
    /// What they may do there.
    pub scopes: ScopeSet,
}

impl Trust {
    /// Whether an assertion is good more than once.
    pub(crate) fn is_reusable(&self) -> bool {
        match self {
            Self::Users { .. } => false,
            Self::Workloads { reuse, .. } => *reuse == Reuse::UntilItEnds,
        }
    }
}
