//! A house to knock at: a guarded MCP endpoint, and the authorization server that it trusts.

mod answer;
mod auth_server;
mod clock;
mod house;
mod prover;
mod token;

pub(crate) use answer::Answer;
pub(crate) use auth_server::AuthServer;
pub(crate) use clock::TestClock;
pub(crate) use house::{House, call, get, initialize, mcp_app, post, proven};
pub(crate) use prover::{Proof, Prover};
pub(crate) use token::Token;

use vestibule_protocol::{Issuer, ResourceUri, ScopeSet};

pub(crate) const RESOURCE: &str = "https://mcp.test/mcp";
pub(crate) const METADATA: &str = "https://mcp.test/.well-known/oauth-protected-resource/mcp";
pub(crate) const LIST: u32 = 64;

pub(crate) fn resource() -> ResourceUri {
    ResourceUri::parse(RESOURCE).unwrap()
}

pub(crate) fn issuer(text: &str) -> Issuer {
    Issuer::parse(text).unwrap()
}

pub(crate) fn scopes(text: &str) -> ScopeSet {
    ScopeSet::parse(text).unwrap()
}
