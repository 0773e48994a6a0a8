use http::HeaderValue;
use vestibule_protocol::SessionId;

use crate::cache::BoundedCache;
use crate::principal::Principal;

/// The header in which MCP revisions before 2026-07-28 carry their protocol session.
pub(crate) const MCP_SESSION_ID: &str = "mcp-session-id";

/// Ties each MCP session to whoever opened it.
///
/// MCP, Security Best Practices, "Session Hijacking": "MCP servers MUST NOT use sessions for authentication" and "SHOULD bind
/// session IDs to user-specific information".
pub(crate) struct McpSessions {
    holders: BoundedCache<HeaderValue, Holder>,
}

/// Who may use an MCP session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Holder {
    /// Whoever has a token of this session, also after it was refreshed.
    Session(SessionId),
    /// Callers without a token.
    Anyone,
}

impl Holder {
    pub(crate) fn of(principal: Option<&Principal>) -> Self {
        principal.map_or(Self::Anyone, |principal| {
            Self::Session(principal.session_id().clone())
        })
    }
}

impl McpSessions {
    pub(crate) fn new(capacity: usize) -> Self {
        Self {
            holders: BoundedCache::new(capacity),
        }
    }

    /// Says whether the MCP session is this caller's. One that is not known is nobody's.
    pub(crate) fn is_held_by(&self, id: &HeaderValue, holder: &Holder) -> bool {
        self.holders.get(id).as_ref() == Some(holder)
    }

    /// Makes the MCP session this caller's, unless somebody else has it.
    pub(crate) fn bind(&self, id: HeaderValue, holder: &Holder) {
        if self.holders.get_or_put(id, holder.clone()) != *holder {
            tracing::error!("the MCP server gave one session id to two callers; the first one keeps it");
        }
    }

    /// Forgets an MCP session that has ended.
    pub(crate) fn unbind(&self, id: &HeaderValue) {
        self.holders.remove(id);
    }
}
