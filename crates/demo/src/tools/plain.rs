use std::time::Duration;

use rmcp::handler::server::wrapper::{Json, Parameters};
use rmcp::model::RequestMetaObject;
use rmcp::schemars::{self, JsonSchema};
use rmcp::{ErrorData, Peer, RoleServer, tool, tool_router};
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

use crate::countdown::{Countdown, MAX_INTERVAL_MS, MAX_STEPS};
use crate::server::DemoServer;
use crate::slug::slugify;

#[derive(Debug, Deserialize, JsonSchema)]
struct Text {
    /// The text.
    text: String,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Slug {
    /// The text as the last part of a URL.
    slug: String,
}

#[derive(Debug, Deserialize, JsonSchema)]
struct Start {
    /// From which number to count, 60 at most.
    #[serde(default = "five")]
    from: u32,
    /// How long to wait between two numbers, in milliseconds, 10,000 at most.
    #[serde(default = "one_second")]
    interval_ms: u64,
}

fn five() -> u32 {
    5
}

fn one_second() -> u64 {
    1000
}

#[derive(Debug, Serialize, JsonSchema)]
struct Counted {
    /// How many numbers were counted.
    counted: u32,
}

#[derive(Debug, Serialize, JsonSchema)]
struct PublicInfo {
    /// What this is.
    about: String,
    /// The version of the server.
    version: String,
    /// The server, as tokens name it.
    resource: String,
    /// Who issues tokens for it.
    authorization_server: String,
}

#[tool_router(router = plain_tools, vis = "pub(crate)")]
impl DemoServer {
    #[tool(name = "slugify", description = "Turns a text into the last part of a URL.")]
    fn make_slug(Parameters(Text { text }): Parameters<Text>) -> Json<Slug> {
        let slug = slugify(&text);
        Json(Slug { slug })
    }

    #[tool(description = "Counts down to zero, and tells its progress as it goes.")]
    async fn countdown(
        &self,
        Parameters(Start { from, interval_ms }): Parameters<Start>,
        meta: RequestMetaObject,
        peer: Peer<RoleServer>,
        cancelled: CancellationToken,
    ) -> Result<Json<Counted>, ErrorData> {
        if from > MAX_STEPS || interval_ms > MAX_INTERVAL_MS {
            let why = format!("count from {MAX_STEPS} at most, every {MAX_INTERVAL_MS} ms at most");
            return Err(ErrorData::invalid_params(why, None));
        }
        let countdown = Countdown {
            from,
            interval: Duration::from_millis(interval_ms),
            progress: meta.get_progress_token(),
        };
        let counted = countdown.run(&peer, &cancelled).await;
        Ok(Json(Counted { counted }))
    }

    #[tool(description = "Says what this server is. Open to callers without a token.")]
    fn public_info(&self) -> Json<PublicInfo> {
        Json(PublicInfo {
            about: "A sample MCP server, protected by Vestibule.".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            resource: self.shared.resource.to_string(),
            authorization_server: self.shared.issuer.to_string(),
        })
    }
}
