use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use http::Method;
use vestibule_protocol::{Issuer, ResourceUri, ScopeSet};

use crate::admission::Door;
use crate::builder::GuardBuilder;
use crate::clock::Clock;
use crate::cors::Origins;
use crate::credential::Scheme;
use crate::documents::Documents;
use crate::dpop::{Dpop, Unbound};
use crate::layer::GuardLayer;
use crate::lease::Lease;
use crate::mcp_session::McpSessions;
use crate::principal::Principal;
use crate::refusal::{ChallengeContext, Schemes};
use crate::scope_rules::ScopeRules;
use crate::token_error::TokenError;
use crate::verification::{Verification, Verified};

/// The inner door of one MCP server: it lets in whoever has a token for this server, and tells everybody else where to get one.
///
/// One guard is built at start, and cheap to clone. It fetches nothing until the first token comes.
#[derive(Clone)]
pub struct Guard {
    inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) resource: ResourceUri,
    pub(crate) resource_metadata: String,
    pub(crate) initial_scopes: ScopeSet,
    pub(crate) required_scopes: ScopeSet,
    pub(crate) rules: ScopeRules,
    pub(crate) documents: Documents,
    pub(crate) origins: Origins,
    pub(crate) mcp_sessions: McpSessions,
    pub(crate) max_body_bytes: usize,
    pub(crate) leeway: Duration,
    /// How often an open stream is looked at.
    pub(crate) look_every: Duration,
    pub(crate) verification: Verification,
    pub(crate) dpop: Dpop,
    pub(crate) clock: Arc<dyn Clock>,
}

/// What a tool answers to a caller, where no HTTP request asks for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ToolAccess {
    /// The caller may call it.
    Granted,
    /// It needs a token.
    NeedsToken,
    /// It needs all of these scopes, of which the token lacks some.
    NeedsScopes(ScopeSet),
}

impl Guard {
    /// Begins to build the guard of the MCP server at `resource`, which accepts the tokens of `issuer`.
    ///
    /// `resource` is the server's public URL exactly as the issuer knows it: what stands in the `aud` of its tokens.
    pub fn builder(resource: ResourceUri, issuer: Issuer) -> GuardBuilder {
        GuardBuilder::new(resource, issuer)
    }

    pub(crate) fn from_inner(inner: Inner) -> Self {
        Self {
            inner: Arc::new(inner),
        }
    }

    /// Returns the layer for an MCP endpoint: tokens, scopes per tool and method, MCP sessions.
    ///
    /// It also answers the well-known paths that come by, so that it may as well stand around a whole router.
    pub fn layer(&self) -> GuardLayer {
        GuardLayer::new(Arc::clone(&self.inner), Door::Mcp)
    }

    /// Returns the layer for any other route: a token with these scopes.
    pub fn require(&self, scopes: ScopeSet) -> GuardLayer {
        GuardLayer::new(Arc::clone(&self.inner), Door::Route(scopes))
    }

    /// Returns the routes of the protected-resource metadata
    /// ([RFC 9728 §3](https://www.rfc-editor.org/rfc/rfc9728#section-3)): the root form and the one with the server's path.
    pub fn metadata_router<S: Clone + Send + Sync + 'static>(&self) -> Router<S> {
        self.inner.documents.router()
    }

    /// Verifies a token that came by another way than HTTP. One that is bound to a key is refused: a proof is about an HTTP
    /// request.
    ///
    /// # Errors
    /// [`TokenError`] says why it is refused, or why it could not be judged.
    pub async fn authenticate(&self, token: &str) -> Result<Principal, TokenError> {
        let now = self.inner.clock.now();
        let principal = self.inner.verification.verify(token, now).await?.principal;
        self.inner.dpop.check_unproven(&principal)?;
        Ok(principal)
    }

    /// Says whether a caller may call a tool, by the rules that the layer applies to HTTP requests.
    pub fn tool_access(&self, caller: Option<&Principal>, tool: &str) -> ToolAccess {
        let Some(caller) = caller else {
            return if self.inner.rules.is_open_tool(tool) {
                ToolAccess::Granted
            } else {
                ToolAccess::NeedsToken
            };
        };
        let needed = self
            .inner
            .required_scopes
            .union(&self.inner.rules.needed_by_tool(tool));
        if needed.is_subset(caller.scopes()) {
            ToolAccess::Granted
        } else {
            ToolAccess::NeedsScopes(needed)
        }
    }
}

impl Inner {
    /// What a challenge says to whoever presents a token in this scheme, or would.
    pub(crate) fn challenge_context(&self, tried: Scheme) -> ChallengeContext<'_> {
        ChallengeContext {
            resource_metadata: &self.resource_metadata,
            initial_scopes: &self.initial_scopes,
            schemes: match (tried, self.dpop.unbound) {
                (Scheme::Bearer, Unbound::Accepted) => Schemes::BearerThenDpop,
                (Scheme::Dpop, _) | (Scheme::Bearer, Unbound::Refused) => Schemes::Dpop,
            },
        }
    }

    /// A stream opened by GET waits for things to come and can be opened again with the next token; the stream of a call
    /// is its answer, and may outlive the token that asked for it, but not the session.
    pub(crate) fn lease(&self, verified: Verified, method: &Method) -> Lease {
        let until = (method == Method::GET).then(|| verified.principal.expires_at() + self.leeway);
        Lease::new(verified, until, self.look_every, Arc::clone(&self.clock))
    }
}
