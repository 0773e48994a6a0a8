//! From the address of an MCP server to the authorization server that guards it.

mod issuer;
mod probe;
mod resource;
mod server;

use thiserror::Error;
use vestibule_protocol::{ResourceUri, Scope, ScopeSet};

use crate::{
    ForeignText, McpUrl, ReachError,
    http::{Http, HttpError},
    reach::Reach,
};
pub(crate) use issuer::ServerIssuer;
use resource::BoundTokens;
pub(crate) use resource::well_known as resource_metadata_places;
pub(crate) use server::{AuthorizationServer, well_known as server_metadata_places};

/// What an MCP server and its authorization server say about themselves, validated.
#[derive(Debug, Clone)]
pub(crate) struct Discovery {
    /// The server's own name for itself, as it stands in its metadata.
    pub(crate) resource: ResourceUri,
    pub(crate) server: AuthorizationServer,
    /// What the challenge asked for, else what the resource offers.
    scope: ScopeSet,
    bound_tokens: BoundTokens,
}

/// Whether a login's tokens are bound to a key ([RFC 9449](https://www.rfc-editor.org/rfc/rfc9449)).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Binding {
    /// Where both servers say that they take such tokens.
    #[default]
    WherePossible,
    /// Always.
    Always,
}

/// Why the way to the authorization server was not found.
#[derive(Debug, Error)]
pub enum DiscoveryError {
    /// A server could not be asked.
    #[error(transparent)]
    Http(#[from] HttpError),
    /// The address is not an MCP server's.
    #[error("the server at {url} answered {status}; is this the address of its MCP endpoint?")]
    NotAnEndpoint {
        /// What was given.
        url: String,
        /// The answer.
        status: u16,
    },
    /// The server is there and does not work.
    #[error("the server at {url} answered {status}; try again later, or ask its owner")]
    Failing {
        /// What was asked for.
        url: String,
        /// The answer.
        status: u16,
    },
    /// The server publishes no metadata.
    #[error(
        "the server at {url} says nowhere who issues its tokens: no metadata (RFC 9728) at {}{}",
        tried.join(" or "),
        if *open { "; it answers without a token, so perhaps no login is needed" } else { "" }
    )]
    NoResourceMetadata {
        /// What was given.
        url: String,
        /// Where metadata was looked for.
        tried: Vec<String>,
        /// Whether the server answered without a token.
        open: bool,
    },
    /// The metadata is another server's.
    #[error(
        "the metadata at {metadata} is for \"{found}\" and the address is {url}; log in with that address, \
         or have the server's owner set its public URL"
    )]
    WrongResource {
        /// What was given.
        url: String,
        /// Where the metadata was found.
        metadata: String,
        /// Whom it is for.
        found: ForeignText,
    },
    /// The metadata names nobody.
    #[error("the metadata at {metadata} names no authorization server; its owner must list one")]
    NoAuthorizationServer {
        /// Where the metadata was found.
        metadata: String,
    },
    /// The metadata names somebody whose name is not an issuer's.
    #[error("the authorization server \"{found}\" cannot be used: {why}")]
    NotAnIssuer {
        /// The name.
        found: ForeignText,
        /// What is wrong with it.
        why: String,
    },
    /// The authorization server publishes no metadata.
    #[error("the authorization server {issuer} has no metadata (RFC 8414) at {}", tried.join(" or "))]
    NoServerMetadata {
        /// The server.
        issuer: String,
        /// Where metadata was looked for.
        tried: Vec<String>,
    },
    /// The metadata is another authorization server's.
    #[error("the metadata at {metadata} is of the issuer \"{found}\", not of {issuer}; it is not used")]
    WrongIssuer {
        /// Who was asked for.
        issuer: String,
        /// Where the metadata was found.
        metadata: String,
        /// Whose it is.
        found: ForeignText,
    },
    /// The metadata lacks an endpoint.
    #[error("the metadata of {issuer} has no {field}")]
    MissingEndpoint {
        /// The server.
        issuer: String,
        /// The field.
        field: &'static str,
    },
    /// Without S256 a stolen code can be redeemed.
    #[error(
        "{issuer} does not offer PKCE with S256 (code_challenge_methods_supported), which MCP requires; \
         its owner must turn it on"
    )]
    NoPkce {
        /// The server.
        issuer: String,
    },
    /// There would be no token that the server takes.
    #[error(
        "{resource} takes only tokens that are bound to a key, and {issuer} binds none to a key of this client's \
         (no ES256 in dpop_signing_alg_values_supported); its owner must turn DPoP on"
    )]
    NoBoundTokens {
        /// The MCP server.
        resource: String,
        /// Its authorization server.
        issuer: String,
    },
    /// The tokens would not be what they are to be.
    #[error(
        "{issuer} binds no tokens to a key of this client's (no ES256 in dpop_signing_alg_values_supported); \
         leave --dpop out to log in with a token that is good for whoever has it"
    )]
    NoProofs {
        /// The authorization server.
        issuer: String,
    },
    /// A document points where the client does not go.
    #[error(transparent)]
    Reach(#[from] ReachError),
}

impl Discovery {
    /// Walks from `url` to its authorization server.
    pub(crate) async fn of(http: &Http, url: &McpUrl) -> Result<Self, DiscoveryError> {
        let reach = Reach::of(url);
        let challenge = probe::challenge(http, url).await?;
        let resource = resource::find(http, url, &challenge, reach).await?;
        let server = AuthorizationServer::find(http, &resource.authorization_server, reach).await?;
        // MCP, scope selection: the challenge's scope is authoritative; without one, all that the resource
        // offers.
        let scope = challenge.scope.unwrap_or(resource.scopes);
        Ok(Self {
            resource: resource.name,
            server,
            scope,
            bound_tokens: resource.bound_tokens,
        })
    }

    /// Whether tokens are to be bound to a key, which is settled before anybody logs in.
    pub(crate) fn binds(&self, binding: Binding) -> Result<bool, DiscoveryError> {
        let issuer = || self.server.issuer.to_string();
        match (self.bound_tokens, binding, self.server.takes_proofs) {
            (BoundTokens::Required, _, false) => Err(DiscoveryError::NoBoundTokens {
                resource: self.resource.as_str().to_owned(),
                issuer: issuer(),
            }),
            (_, Binding::Always, false) => Err(DiscoveryError::NoProofs { issuer: issuer() }),
            (BoundTokens::Unsaid, Binding::WherePossible, _) | (_, _, false) => Ok(false),
            (_, _, true) => Ok(true),
        }
    }

    /// The scopes that a client asks for itself, which needs no refresh token.
    pub(crate) fn own_scope(&self, wanted: Option<&ScopeSet>) -> ScopeSet {
        wanted.unwrap_or(&self.scope).clone()
    }

    /// The scopes to ask for, with `wanted` in place of what the server suggests.
    pub(crate) fn scope(&self, wanted: Option<&ScopeSet>) -> ScopeSet {
        let scope = wanted.unwrap_or(&self.scope).clone();
        let offline = self
            .server
            .offline_access
            .then(|| Scope::parse(Scope::OFFLINE_ACCESS).ok())
            .flatten();
        scope.iter().cloned().chain(offline).collect()
    }
}
