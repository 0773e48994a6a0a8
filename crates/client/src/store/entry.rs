use serde::{Deserialize, Serialize};
use url::Url;
use vestibule_protocol::{ResourceUri, ScopeSet, Secret, Timestamp};

use super::exposed;
use crate::{McpUrl, authorize::Handoff, registration::ClientIdentity};

/// A login at one MCP server: what it takes to call the server, to refresh, and to leave.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Entry {
    pub(crate) server: McpUrl,
    /// The server's own name for itself, which every token request repeats.
    pub(crate) resource: ResourceUri,
    pub(crate) issuer: String,
    pub(crate) token_endpoint: Url,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) revocation_endpoint: Option<Url>,
    pub(crate) client: ClientIdentity,
    /// How the person came back, so that a step-up asks in the same way; none where the client logged in as itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) handoff: Option<Handoff>,
    pub(crate) tokens: Tokens,
}

/// The tokens of a login.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Tokens {
    #[serde(with = "exposed")]
    pub(crate) access: Secret,
    #[serde(with = "exposed::option", default, skip_serializing_if = "Option::is_none")]
    pub(crate) refresh: Option<Secret>,
    /// Absent when the authorization server did not say; then the 401 tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) expires_at: Option<Timestamp>,
    pub(crate) scope: ScopeSet,
}
