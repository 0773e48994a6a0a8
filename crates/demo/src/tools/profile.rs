use std::collections::BTreeMap;

use rmcp::handler::server::tool::Extension;
use rmcp::handler::server::wrapper::Json;
use rmcp::schemars::{self, JsonSchema};
use rmcp::{tool, tool_router};
use serde::Serialize;
use vestibule_guard::Principal;

use crate::server::DemoServer;

/// Who is calling.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Profile {
    /// The user, unique across identity providers.
    subject: String,
    /// The identity provider that the user logged in with.
    provider: String,
    /// The name by which that provider knows the user.
    user: String,
    /// The client that the user acts through.
    client_id: String,
    /// What the user lets the client do.
    scopes: Vec<String>,
    /// The session that the token belongs to.
    session_id: String,
    /// When the user logged in, in seconds since 1970.
    authenticated_at: i64,
    /// When the token ends, in seconds since 1970.
    expires_at: i64,
}

/// How much somebody has called.
#[derive(Debug, Serialize, JsonSchema)]
struct ApiUsage {
    /// The user.
    subject: String,
    /// All calls since the server started, this one included.
    total: u64,
    /// The same by tool.
    by_tool: BTreeMap<String, u64>,
}

impl Profile {
    /// Describes a caller.
    pub(crate) fn of(caller: &Principal) -> Self {
        Self {
            subject: caller.subject().to_string(),
            provider: caller.provider().to_string(),
            user: caller.subject().upstream().to_owned(),
            client_id: caller.client_id().to_string(),
            scopes: caller.scopes().iter().map(ToString::to_string).collect(),
            session_id: caller.session_id().to_string(),
            authenticated_at: caller.claims().auth_time.as_secs(),
            expires_at: caller.expires_at().as_secs(),
        }
    }
}

#[tool_router(router = profile_tools, vis = "pub(crate)")]
impl DemoServer {
    #[tool(description = "Says who is logged in, through which client, and with which scopes.")]
    fn get_user_profile(Extension(caller): Extension<Principal>) -> Json<Profile> {
        Json(Profile::of(&caller))
    }

    #[tool(description = "Says how often you have called each tool since the server started.")]
    fn get_api_usage(&self, Extension(caller): Extension<Principal>) -> Json<ApiUsage> {
        let by_tool = self.shared.usage.of(caller.subject());
        Json(ApiUsage {
            subject: caller.subject().to_string(),
            total: by_tool.values().sum(),
            by_tool,
        })
    }
}
