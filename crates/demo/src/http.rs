use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use rmcp::transport::StreamableHttpService;
use rmcp::transport::streamable_http_server::StreamableHttpServerConfig;
use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;
use vestibule_guard::Principal;
use vestibule_protocol::ResourceUri;

use crate::config::DemoConfig;
use crate::error::DemoError;
use crate::server::{DemoServer, Shared};

type Mcp = StreamableHttpService<DemoServer, LocalSessionManager>;

/// The MCP endpoint for callers with a token and for those without.
#[derive(Clone)]
struct Endpoints {
    /// With protocol sessions, for the MCP revisions that have them; the guard ties each to its caller.
    signed_in: Mcp,
    /// Without: a caller who is nobody in particular has no session to be tied to.
    anonymous: Mcp,
}

/// Returns the sample server, to be served where its resource URI points.
///
/// # Errors
/// When its guard cannot be built. Nothing is asked of the issuer before the first token comes.
pub async fn router(config: DemoConfig) -> Result<Router, DemoError> {
    let path = config.resource.url().path().trim_end_matches('/').to_owned();
    let transport = StreamableHttpServerConfig::default()
        .with_allowed_hosts(hosts(&config.resource))
        .with_cancellation_token(config.shutdown.clone());
    let shared = Arc::new(Shared::new(config)?);
    let guard = shared.guard.clone();
    let server = move || Ok(DemoServer::over_http(Arc::clone(&shared)));
    let endpoints = Endpoints {
        signed_in: Mcp::new(server.clone(), Arc::default(), transport.clone()),
        anonymous: Mcp::new(server, Arc::default(), transport.with_legacy_session_mode(false)),
    };
    let mut routes = Router::new().route(&format!("{path}/"), any(serve));
    if !path.is_empty() {
        routes = routes.route(&path, any(serve));
    }
    Ok(routes
        .with_state(endpoints)
        .route_layer(guard.layer())
        .merge(guard.metadata_router()))
}

async fn serve(State(endpoints): State<Endpoints>, request: Request) -> Response {
    let endpoint = match Principal::of(request.extensions()) {
        Some(_) => endpoints.signed_in,
        None => endpoints.anonymous,
    };
    endpoint.handle(request).await.into_response()
}

/// The hosts under which the server may be addressed, against DNS rebinding: its own, and on this computer each of its names.
fn hosts(resource: &ResourceUri) -> Vec<String> {
    let mut hosts = vec![resource.authority().to_owned()];
    if resource.is_loopback() {
        hosts.extend(["localhost", "127.0.0.1", "::1"].map(str::to_owned));
    }
    hosts
}
