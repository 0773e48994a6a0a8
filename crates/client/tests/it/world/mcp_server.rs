//! A small MCP server behind a guard of its own.

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, ErrorData, ListToolsResult,
    PaginatedRequestParams, ServerCapabilities, ServerConfig, Tool,
};
use rmcp::service::RequestContext;
use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};
use rmcp::{RoleServer, ServerHandler};
use serde_json::{Map, Value, json};

use super::{Ledger, Twist, proofs};

pub(super) fn router(ledger: &Arc<Ledger>) -> Router {
    if ledger.is(Twist::NoEndpoint) {
        return Router::new();
    }
    let service = StreamableHttpService::new(
        || Ok(Tools),
        Arc::new(LocalSessionManager::default()),
        StreamableHttpServerConfig::default(),
    );
    Router::new()
        .route_service("/mcp", service)
        .layer(middleware::from_fn_with_state(Arc::clone(ledger), guard))
        .route(place(ledger), get(metadata))
        .with_state(Arc::clone(ledger))
}

/// Where the metadata are.
fn place(ledger: &Ledger) -> &'static str {
    if ledger.is(Twist::HostMetadata) {
        "/.well-known/oauth-protected-resource"
    } else {
        "/.well-known/oauth-protected-resource/mcp"
    }
}

async fn metadata(State(ledger): State<Arc<Ledger>>) -> Response {
    let resource = if ledger.is(Twist::ForeignResource) {
        "https://bank.example/mcp".to_owned()
    } else if ledger.is(Twist::HostMetadata) {
        ledger.origin.clone()
    } else {
        format!("{}/mcp", ledger.origin)
    };
    let servers = if ledger.is(Twist::NoAuthorizationServer) {
        vec![]
    } else {
        vec![ledger.issuer()]
    };
    let mut document = json!({
        "resource": resource,
        "authorization_servers": servers,
        "scopes_supported": ["mcp:read", "mcp:write"],
    });
    if ledger.is(Twist::McpTakesBoundAlone) {
        document["dpop_bound_access_tokens_required"] = true.into();
    }
    Json(document).into_response()
}

async fn guard(State(ledger): State<Arc<Ledger>>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, 1 << 20).await.unwrap();
    let message: Value = serde_json::from_slice(&body).unwrap_or_default();
    let tool = message["params"]["name"]
        .as_str()
        .filter(|_| message["method"] == "tools/call");
    let token = parts
        .headers
        .get(header::AUTHORIZATION)
        .map(|value| value.to_str().unwrap());
    let scope = match token.map(|_| proofs::at_mcp_server(&ledger, &parts)) {
        Some(Err(refusal)) => return *refusal,
        Some(Ok(granted)) => granted.map(|granted| granted.scope),
        None => None,
    };
    let open = ledger.is(Twist::OpenToAll) && token.is_none() && tool.is_none_or(|tool| tool == "public");
    let refusal = match (scope, tool) {
        _ if open => None,
        (None, _) => Some((
            StatusCode::UNAUTHORIZED,
            "error=\"invalid_token\", scope=\"mcp:read\"",
        )),
        (Some(_), Some(_)) if ledger.is(Twist::BareForbidden) => {
            Some((StatusCode::FORBIDDEN, "error=\"access_denied\""))
        }
        (Some(_), Some(_)) if ledger.is(Twist::ScopesNeverEnough) => Some((
            StatusCode::FORBIDDEN,
            "error=\"insufficient_scope\", scope=\"mcp:more\"",
        )),
        (Some(scope), Some("write")) if !scope.contains("mcp:write") => Some((
            StatusCode::FORBIDDEN,
            "error=\"insufficient_scope\", scope=\"mcp:write\"",
        )),
        (Some(_), _) => None,
    };
    let Some((status, why)) = refusal else {
        return next.run(Request::from_parts(parts, Body::from(body))).await;
    };
    if ledger.is(Twist::NoChallenge) {
        return status.into_response();
    }
    let why = if ledger.is(Twist::NoChallengedScope) {
        "error=\"invalid_token\""
    } else {
        why
    };
    let place = format!("{}{}", ledger.origin, place(&ledger));
    let bearer = format!("Bearer resource_metadata=\"{place}\", {why}");
    let algs = if ledger.is(Twist::McpTakesProofsOf384) {
        "ES384"
    } else {
        "ES384 ES256"
    };
    let dpop = format!("DPoP resource_metadata=\"{place}\", {why}, algs=\"{algs}\"");
    let tried = token.is_some_and(|token| token.starts_with("DPoP "));
    let mut response = status.into_response();
    let mut challenge = |text: &str| {
        let value = HeaderValue::from_str(text).unwrap();
        response.headers_mut().append(header::WWW_AUTHENTICATE, value);
    };
    let both = ledger.is(Twist::McpTakesProofs) || ledger.is(Twist::McpTakesProofsOf384);
    if ledger.is(Twist::McpTakesBoundAlone) || tried {
        challenge(&dpop);
    } else {
        challenge(&bearer);
        if both {
            challenge(&dpop);
        }
    }
    response
}

struct Tools;

impl ServerHandler for Tools {
    fn get_info(&self) -> ServerConfig {
        ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
    }

    async fn list_tools(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        let tool = |name: &'static str| Tool::new(name, "A tool.", Map::new());
        Ok(ListToolsResult::with_all_items(
            ["echo", "write", "public", "broken"].map(tool).into(),
        ))
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let text = Value::Object(request.arguments.unwrap_or_default()).to_string();
        let text = vec![ContentBlock::text(text)];
        match request.name.as_ref() {
            "broken" => Ok(CallToolResult::error(text).into()),
            "echo" | "write" | "public" => Ok(CallToolResult::success(text).into()),
            other => Err(ErrorData::invalid_params(
                format!("no tool {other}\u{1b}[2J"),
                None,
            )),
        }
    }
}
