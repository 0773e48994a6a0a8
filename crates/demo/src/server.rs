use std::sync::Arc;

use rmcp::handler::server::router::tool::ToolRouter;
use rmcp::handler::server::tool::ToolCallContext;
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, Implementation,
    ListResourceTemplatesResult, ListResourcesResult, ListToolsResult, PaginatedRequestParams,
    ReadResourceRequestParams, ReadResourceResponse, ServerCapabilities, ServerConfig, Tool,
};
use rmcp::service::RequestContext;
use rmcp::{ErrorData, RoleServer, ServerHandler};
use vestibule_guard::{Guard, Principal, SystemClock, ToolAccess};
use vestibule_protocol::{Issuer, ResourceUri, Secret};

use crate::board::Board;
use crate::config::DemoConfig;
use crate::error::DemoError;
use crate::notes::NotesStore;
use crate::usage::Usage;
use crate::{access, resources};

/// The sample server, as rmcp sees it.
#[derive(Clone)]
pub(crate) struct DemoServer {
    pub(crate) shared: Arc<Shared>,
    entrance: Entrance,
}

/// What all conversations have in common.
pub(crate) struct Shared {
    pub(crate) guard: Guard,
    pub(crate) resource: ResourceUri,
    pub(crate) issuer: Issuer,
    pub(crate) notes: NotesStore,
    pub(crate) board: Board,
    pub(crate) usage: Usage,
    pub(crate) clock: SystemClock,
    tools: ToolRouter<DemoServer>,
}

/// How callers come in.
#[derive(Clone)]
enum Entrance {
    /// Over HTTP: the guard's layer has put a [`Principal`] into each request.
    Http,
    /// On standard input and output: one caller, with the token that the program was started with.
    Stdio { token: Option<Secret> },
}

impl Shared {
    pub(crate) fn new(config: DemoConfig) -> Result<Self, DemoError> {
        Ok(Self {
            guard: access::guard(config.resource.clone(), config.issuer.clone(), config.tokens)?,
            resource: config.resource,
            issuer: config.issuer,
            notes: config.notes,
            board: Board::default(),
            usage: Usage::default(),
            clock: SystemClock,
            tools: DemoServer::profile_tools()
                + DemoServer::note_tools()
                + DemoServer::data_tools()
                + DemoServer::plain_tools(),
        })
    }
}

impl DemoServer {
    pub(crate) fn over_http(shared: Arc<Shared>) -> Self {
        Self {
            shared,
            entrance: Entrance::Http,
        }
    }

    pub(crate) fn on_stdio(shared: Arc<Shared>, token: Option<Secret>) -> Self {
        Self {
            shared,
            entrance: Entrance::Stdio { token },
        }
    }

    /// Finds out who is calling. On stdio the token is verified at each call, so that one which has expired or been revoked
    /// meanwhile counts no longer; that costs microseconds.
    async fn caller(&self, context: &RequestContext<RoleServer>) -> Result<Option<Principal>, ErrorData> {
        match &self.entrance {
            Entrance::Http => {
                let head = context.extensions.get::<http::request::Parts>();
                Ok(head.and_then(|head| Principal::of(&head.extensions)).cloned())
            }
            Entrance::Stdio { token: None } => Ok(None),
            Entrance::Stdio { token: Some(token) } => {
                let verified = self.shared.guard.authenticate(token.expose()).await;
                verified
                    .map(Some)
                    .map_err(|refusal| ErrorData::invalid_request(refusal.to_string(), None))
            }
        }
    }

    /// The caller, where there has to be one.
    async fn known_caller(&self, context: &RequestContext<RoleServer>) -> Result<Principal, ErrorData> {
        let caller = self.caller(context).await?;
        caller.ok_or_else(|| ErrorData::invalid_request("this needs an access token", None))
    }
}

impl ServerHandler for DemoServer {
    fn get_info(&self) -> ServerConfig {
        let capabilities = ServerCapabilities::builder()
            .enable_tools()
            .enable_resources()
            .build();
        ServerConfig::new(capabilities)
            .with_server_info(
                Implementation::new("vestibule-demo", env!("CARGO_PKG_VERSION"))
                    .with_title("Vestibule sample server"),
            )
            .with_instructions(
                "A sample server: notes that belong to the user, a board that needs scopes, and a few tools to play with.",
            )
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        mut context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let caller = self.caller(&context).await?;
        // Over HTTP the guard's layer has asked this already, and a client was told how to get what it lacks. On stdio
        // nobody has.
        match self.shared.guard.tool_access(caller.as_ref(), &request.name) {
            ToolAccess::Granted => {}
            ToolAccess::NeedsToken => return Ok(refused("This tool needs an access token.")),
            ToolAccess::NeedsScopes(scopes) => {
                return Ok(refused(&format!("This tool needs the scopes: {scopes}.")));
            }
        }
        if let Some(caller) = caller {
            if self.shared.tools.has_route(&request.name) {
                self.shared.usage.count(caller.subject(), &request.name);
            }
            context.extensions.insert(caller);
        }
        let call = ToolCallContext::new(self, request, context);
        self.shared.tools.call(call).await
    }

    async fn list_tools(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        Ok(ListToolsResult::with_all_items(self.shared.tools.list_all()))
    }

    fn get_tool(&self, name: &str) -> Option<Tool> {
        self.shared.tools.get(name).cloned()
    }

    async fn list_resources(
        &self,
        _: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListResourcesResult, ErrorData> {
        let caller = self.known_caller(&context).await?;
        resources::list(&self.shared, &caller).await
    }

    async fn list_resource_templates(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListResourceTemplatesResult, ErrorData> {
        Ok(resources::templates())
    }

    async fn read_resource(
        &self,
        request: ReadResourceRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<ReadResourceResponse, ErrorData> {
        let caller = self.known_caller(&context).await?;
        let read = resources::read(&self.shared, &caller, &request.uri).await?;
        Ok(read.into())
    }
}

fn refused(why: &str) -> CallToolResponse {
    CallToolResult::error(vec![ContentBlock::text(why)]).into()
}
