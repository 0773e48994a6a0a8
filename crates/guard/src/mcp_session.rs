use http::HeaderValue;
use vestibule_protocol::{ClientId, ScopeSet, SessionId, Subject};

use crate::cache::BoundedCache;
use crate::principal::Principal;

/// The header in which MCP revisions before 2026-07-28 carry their protocol session.
pub(crate) const MCP_SESSION_ID: &str = "mcp-session-id";

/// Ties each MCP session to whoever opened it.
///
/// MCP, Security Best Practices, "Session Hijacking": "MCP servers MUST NOT use sessions for authentication" and "SHOULD bind
/// session IDs to user-specific information".
///
/// A step-up is a new authorization, and its token is of a new session. Clients go on in the MCP session that they were in, so
/// the one token that may take it over is the one that the guard has asked for: of the same person through the same client,
/// with the scopes that were missing.
pub(crate) struct McpSessions {
    bindings: BoundedCache<HeaderValue, Binding>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Binding {
    holder: Holder,
    /// What the holder was told to come back with.
    asked_for: Option<ScopeSet>,
}

/// Who may use an MCP session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Holder {
    /// Whoever has a token of this session, also after it was refreshed.
    Session {
        /// The session that the token was issued under.
        id: SessionId,
        /// The person behind it.
        person: Subject,
        /// The client that they use.
        client: ClientId,
    },
    /// Callers without a token.
    Anyone,
}

impl Holder {
    pub(crate) fn of(principal: Option<&Principal>) -> Self {
        principal.map_or(Self::Anyone, |principal| Self::Session {
            id: principal.session_id().clone(),
            person: principal.subject().clone(),
            client: principal.client_id().clone(),
        })
    }

    /// Whether both are the same person through the same client, in whichever session.
    fn is_same_person(&self, other: &Self) -> bool {
        match (self, other) {
            (
                Self::Session { person, client, .. },
                Self::Session {
                    person: other_person,
                    client: other_client,
                    ..
                },
            ) => person == other_person && client == other_client,
            _ => false,
        }
    }
}

impl McpSessions {
    pub(crate) fn new(capacity: usize) -> Self {
        Self {
            bindings: BoundedCache::new(capacity),
        }
    }

    /// Says whether the MCP session is this caller's. One that is not known is nobody's.
    pub(crate) fn admit(&self, id: &HeaderValue, caller: &Holder, granted: &ScopeSet) -> bool {
        let Some(binding) = self.bindings.get(id) else {
            return false;
        };
        if binding.holder == *caller {
            return true;
        }
        let asked_for = binding.asked_for.as_ref();
        let succeeds = asked_for.is_some_and(|scopes| scopes.is_subset(granted))
            && binding.holder.is_same_person(caller);
        if succeeds {
            self.bindings.put(id.clone(), Binding::of(caller));
        }
        succeeds
    }

    /// Makes the MCP session this caller's, unless somebody else has it.
    pub(crate) fn bind(&self, id: HeaderValue, holder: &Holder) {
        if self.bindings.get_or_put(id, Binding::of(holder)).holder != *holder {
            tracing::error!("the MCP server gave one session id to two callers; the first one keeps it");
        }
    }

    /// Remembers what the holder of the MCP session was told to come back with.
    pub(crate) fn ask_for(&self, id: &HeaderValue, holder: &Holder, scopes: &ScopeSet) {
        let binding = Binding {
            holder: holder.clone(),
            asked_for: Some(scopes.clone()),
        };
        self.bindings.put(id.clone(), binding);
    }

    /// Forgets an MCP session that has ended.
    pub(crate) fn unbind(&self, id: &HeaderValue) {
        self.bindings.remove(id);
    }
}

impl Binding {
    fn of(holder: &Holder) -> Self {
        Self {
            holder: holder.clone(),
            asked_for: None,
        }
    }
}
