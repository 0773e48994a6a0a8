mod access;
mod courier;

use std::{error::Error as StdError, sync::Arc, time::Duration};

use rmcp::{
    ClientHandler, RoleClient, ServiceError,
    model::{
        CallToolRequestParams, CallToolResult, ClientConfig, Implementation, JsonObject,
        ProgressNotificationParam, ProtocolVersion, Tool,
    },
    service::{
        ClientInitializeError, ClientLifecycleMode, NotificationContext, RunningService,
        serve_client_with_lifecycle,
    },
    transport::{
        StreamableHttpClientTransport,
        streamable_http_client::{
            AuthRequiredError, InsufficientScopeError, StreamableHttpClientTransportConfig,
            StreamableHttpError,
        },
    },
};
use thiserror::Error;

use crate::{
    ForeignText, Interaction, McpUrl,
    http::{self, Http},
};

pub(crate) use access::Access;
use courier::Courier;

/// How long the goodbye to a server may take.
const GOODBYE: Duration = Duration::from_secs(2);

/// One connection to an MCP server with one access token.
pub(crate) struct Session<I: Interaction> {
    service: RunningService<RoleClient, Listener<I>>,
}

/// How a server turned a request down, or why it could not be asked.
#[derive(Debug, Error)]
pub(crate) enum SessionError {
    /// The server wants a token, or another one.
    #[error("the server asks for a token")]
    Unauthorized,
    /// The token is good, and not for this. Holds the challenge.
    #[error("the token lacks a scope")]
    InsufficientScope(String),
    /// A JSON-RPC error.
    #[error("the server answered with error {code}: {message}")]
    Refused { code: i32, message: ForeignText },
    /// Anything below MCP.
    #[error("{0}")]
    Transport(ForeignText),
}

/// A thing to do in a session, perhaps more than once with different tokens.
pub(crate) trait Operation: Sync {
    type Output: Send;

    fn run<I: Interaction>(
        &self,
        session: &Session<I>,
    ) -> impl Future<Output = Result<Self::Output, SessionError>> + Send;
}

/// Lists the tools.
pub(crate) struct ListTools;

/// Calls one tool.
pub(crate) struct CallTool<'a> {
    pub(crate) name: &'a str,
    pub(crate) arguments: &'a JsonObject,
}

impl<I: Interaction> Session<I> {
    /// Connects in the newest revision that the server speaks.
    pub(crate) async fn open(
        http: &Http,
        server: &McpUrl,
        access: Option<&Access>,
        interaction: &Arc<I>,
    ) -> Result<Self, SessionError> {
        let mut config = StreamableHttpClientTransportConfig::with_uri(server.as_str());
        config.auth_header = access.map(|access| access.token.expose().to_owned());
        let courier = Courier::new(http, access.and_then(|access| access.prover.clone()));
        let transport = StreamableHttpClientTransport::with_client(courier, config);
        let lifecycle = ClientLifecycleMode::Auto {
            preferred_versions: vec![ProtocolVersion::LATEST],
            legacy_version: Some(ProtocolVersion::LATEST_WITH_INITIALIZE),
        };
        let listener = Listener {
            interaction: Arc::clone(interaction),
        };
        let service = serve_client_with_lifecycle(listener, transport, lifecycle)
            .await
            .map_err(|error| refused_start(&error))?;
        Ok(Self { service })
    }

    /// Ends the session at the server, where it has one.
    pub(crate) async fn close(mut self) {
        // What was asked for is done; a server that fails to say goodbye does not undo it.
        drop(self.service.close_with_timeout(GOODBYE).await);
    }
}

impl Operation for ListTools {
    type Output = Vec<Tool>;

    async fn run<I: Interaction>(&self, session: &Session<I>) -> Result<Vec<Tool>, SessionError> {
        session
            .service
            .list_all_tools()
            .await
            .map_err(|error| refused(&error))
    }
}

impl Operation for CallTool<'_> {
    type Output = CallToolResult;

    async fn run<I: Interaction>(&self, session: &Session<I>) -> Result<CallToolResult, SessionError> {
        let params = CallToolRequestParams::new(self.name.to_owned()).with_arguments(self.arguments.clone());
        session
            .service
            .call_tool(params)
            .await
            .map_err(|error| refused(&error))
    }
}

/// Shows how far a tool has come.
struct Listener<I> {
    interaction: Arc<I>,
}

impl<I: Interaction> ClientHandler for Listener<I> {
    fn get_info(&self) -> ClientConfig {
        let mut info = ClientConfig::default();
        info.client_info = Implementation::new("vestibule", env!("CARGO_PKG_VERSION"));
        info
    }

    async fn on_progress(&self, progress: ProgressNotificationParam, _: NotificationContext<RoleClient>) {
        self.interaction.show(&line_of(&progress));
    }
}

/// `2/5 copying`, as far as the server says.
fn line_of(progress: &ProgressNotificationParam) -> String {
    let total = progress
        .total
        .map(|total| format!("/{total}"))
        .unwrap_or_default();
    let message = progress.message.as_deref().unwrap_or_default();
    let line = format!("{}{total} {}", progress.progress, ForeignText::line(message));
    line.trim_end().to_owned()
}

fn refused_start(error: &ClientInitializeError) -> SessionError {
    match error {
        ClientInitializeError::TransportError { error, .. } => challenged(error.error.as_ref()),
        ClientInitializeError::LegacyFallbackFailed { fallback, .. } => refused_start(fallback),
        ClientInitializeError::JsonRpcError(error) => SessionError::Refused {
            code: error.code.0,
            message: ForeignText::line(&error.message),
        },
        other => SessionError::Transport(ForeignText::line(&other.to_string())),
    }
}

fn refused(error: &ServiceError) -> SessionError {
    match error {
        ServiceError::TransportSend(error) => challenged(error.error.as_ref()),
        ServiceError::McpError(error) => SessionError::Refused {
            code: error.code.0,
            message: ForeignText::line(&error.message),
        },
        other => SessionError::Transport(ForeignText::line(&other.to_string())),
    }
}

/// Finds the server's challenge in the causes of a transport's error.
fn challenged(error: &(dyn StdError + 'static)) -> SessionError {
    let mut innermost = error;
    loop {
        if innermost.is::<AuthRequiredError>() {
            return SessionError::Unauthorized;
        }
        if let Some(error) = innermost.downcast_ref::<InsufficientScopeError>() {
            return SessionError::InsufficientScope(error.www_authenticate_header.clone());
        }
        if let Some(StreamableHttpError::Client(error)) =
            innermost.downcast_ref::<StreamableHttpError<reqwest::Error>>()
        {
            return SessionError::Transport(http::cause(error));
        }
        match innermost.source() {
            Some(source) => innermost = source,
            None => return SessionError::Transport(ForeignText::line(&innermost.to_string())),
        }
    }
}

#[cfg(test)]
mod tests {
    use rmcp::model::{NumberOrString, ProgressNotificationParam, ProgressToken};

    use super::line_of;

    #[test]
    fn progress_is_told_as_far_as_the_server_says() {
        let progress = ProgressNotificationParam::new(ProgressToken(NumberOrString::Number(1)), 2.0);
        assert_eq!(line_of(&progress), "2");
        let progress = progress.with_total(5.0).with_message("copy\u{1b}[2Jing");
        assert_eq!(line_of(&progress), "2/5 copy[2Jing");
    }
}
