use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use url::Url;
use vestibule_protocol::{ResourceUri, ScopeSet, Secret, Timestamp};

use super::exposed;
use crate::{McpUrl, authorize::Handoff, discovery::Discovery, registration::ClientIdentity};

/// A login at one MCP server: what it takes to call the server, to refresh, and to leave.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Entry {
    #[serde(flatten)]
    pub(crate) account: Account,
    pub(crate) tokens: Tokens,
}

/// Where a login's tokens come from, and who asks for them how.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Account {
    pub(crate) server: McpUrl,
    /// The server's own name for itself, which every token request repeats.
    pub(crate) resource: ResourceUri,
    pub(crate) issuer: String,
    pub(crate) token_endpoint: Url,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) revocation_endpoint: Option<Url>,
    /// Nobody, where a workload comes in by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) client: Option<ClientIdentity>,
    pub(crate) way: Way,
    /// The key that the tokens are bound to: without it they are good for whoever has them.
    #[serde(with = "exposed::option", default, skip_serializing_if = "Option::is_none")]
    pub(crate) proof_key: Option<Secret>,
}

impl Account {
    /// An account at the authorization server that was found for `server`, without a client and a key.
    pub(crate) fn at(server: &McpUrl, discovery: &Discovery, way: Way) -> Self {
        Self {
            server: server.clone(),
            resource: discovery.resource.clone(),
            issuer: discovery.server.issuer.to_string(),
            token_endpoint: discovery.server.token_endpoint.clone(),
            revocation_endpoint: discovery.server.revocation_endpoint.clone(),
            client: None,
            way,
            proof_key: None,
        }
    }
}

/// The way in, which a step-up goes again.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Way {
    /// A person logs in, and the code comes back like this.
    Person(Handoff),
    /// Nobody is asked.
    Unattended(Unattended),
}

/// Who comes in where no person is.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Unattended {
    /// The client as itself.
    Itself,
    /// A workload, with what its platform says of it.
    Workload { token_file: PathBuf },
    /// The client, for a user of an identity provider's.
    Enterprise(Box<Enterprise>),
}

/// Who says for which user the client comes.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Enterprise {
    pub(crate) issuer: String,
    pub(crate) token_endpoint: Url,
    /// The client as the identity provider knows it.
    pub(crate) client: ClientIdentity,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) id_token_file: Option<PathBuf>,
    /// What was given at the login and is not kept.
    #[serde(skip)]
    pub(crate) id_token: Option<Secret>,
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
