//! Who may call what.

use vestibule_guard::{DpopPolicy, Guard, GuardBuilder};
use vestibule_protocol::{Issuer, ResourceUri, ScopeSet};

use crate::config::Tokens;
use crate::error::DemoError;

/// Builds the guard of the sample server.
///
/// A first login asks for `mcp:read` alone; a client that calls more is told to come back with more. Tools without a rule are
/// open to any valid token, and `public_info` to everybody.
pub(crate) fn guard(resource: ResourceUri, issuer: Issuer, tokens: Tokens) -> Result<Guard, DemoError> {
    let read = ScopeSet::parse("mcp:read")?;
    let write = ScopeSet::parse("mcp:write")?;
    let admin = ScopeSet::parse("mcp:admin")?;
    let dpop = match tokens {
        Tokens::Any => DpopPolicy::default(),
        Tokens::Bound => DpopPolicy::required().nonces(),
    };
    let builder: GuardBuilder = Guard::builder(resource, issuer)
        .name("Vestibule sample server")
        .scopes_supported(read.union(&write).union(&admin))
        .initial_scopes(read.clone())
        .tool("read_data", &read)
        .tool("write_data", &write)
        .tool("admin_operation", &admin)
        .open_tool("public_info")
        .dpop(dpop)
        .mirror_issuer_metadata();
    Ok(builder.build()?)
}
