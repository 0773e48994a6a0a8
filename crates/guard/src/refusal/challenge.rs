use http::StatusCode;
use vestibule_jose::dpop::algorithm_names;
use vestibule_protocol::{ChallengeScheme, ScopeSet, WwwAuthenticate};

use super::Refusal;
use crate::scope_rules::without_offline_access;

/// The schemes that challenges name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Schemes {
    /// Both, each in a header of its own: clients that know no other than `Bearer` read the first.
    BearerThenDpop,
    /// `DPoP` alone: for a client that uses it, and where there is no other way in. Some look for exactly one challenge.
    Dpop,
}

/// What a challenge says beside the error.
pub(crate) struct ChallengeContext<'a> {
    /// Where the protected-resource metadata is.
    pub(crate) resource_metadata: &'a str,
    /// What a caller without a token is told to ask for.
    pub(crate) initial_scopes: &'a ScopeSet,
    /// How tokens can be presented.
    pub(crate) schemes: Schemes,
}

impl Refusal {
    /// What the caller is asked for: the scheme that was tried says what is wrong, and on a 401 the other stands beside it.
    pub(super) fn challenges(&self, context: &ChallengeContext<'_>) -> Vec<WwwAuthenticate> {
        let scope = match self {
            Self::InsufficientScope { needed, granted } => Some(step_up(needed, granted)),
            _ if self.status() == StatusCode::UNAUTHORIZED => Some(context.initial_scopes.clone()),
            Self::SeveralTokens => None,
            _ => return Vec::new(),
        };
        // RFC 6750 §3.1: "If the request lacks any authentication information [...], the resource server SHOULD NOT include an
        // error code or other error information."
        let says_why = !matches!(self, Self::NoToken);
        let plain = WwwAuthenticate {
            scope,
            resource_metadata: Some(context.resource_metadata.to_owned()),
            ..WwwAuthenticate::default()
        };
        let mut told = WwwAuthenticate {
            error: says_why.then(|| self.code()),
            error_description: says_why.then(|| self.description()),
            ..plain.clone()
        };
        match context.schemes {
            Schemes::Dpop => {
                told.scheme = dpop_scheme();
                vec![told]
            }
            Schemes::BearerThenDpop if self.status() == StatusCode::UNAUTHORIZED => vec![
                told,
                WwwAuthenticate {
                    scheme: dpop_scheme(),
                    ..plain
                },
            ],
            Schemes::BearerThenDpop => vec![told],
        }
    }
}

fn dpop_scheme() -> ChallengeScheme {
    ChallengeScheme::Dpop {
        algs: algorithm_names().collect::<Vec<_>>().join(" "),
    }
}

/// What a client asks for so that it can make this call and all those that it could make before: the scopes of a challenge
/// replace the former ones in clients that do not join them.
fn step_up(needed: &ScopeSet, granted: &ScopeSet) -> ScopeSet {
    without_offline_access(needed.union(granted))
}
