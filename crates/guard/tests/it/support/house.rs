use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use axum::{Json, Router};
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::request::Builder;
use http::{Method, Request};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tower::ServiceExt;
use vestibule_guard::{Clock as _, Guard, GuardBuilder, Principal, Timestamp};

use super::{Answer, AuthServer, Proof, Prover, TestClock, Token, issuer, resource, scopes};

/// A guarded MCP endpoint, and the authorization server that it trusts.
pub(crate) struct House {
    pub(crate) auth: AuthServer,
    pub(crate) clock: TestClock,
    pub(crate) guard: Guard,
    pub(crate) app: Router,
}

impl House {
    pub(crate) fn new() -> Self {
        Self::built(|builder| builder)
    }

    pub(crate) fn built(change: impl FnOnce(GuardBuilder) -> GuardBuilder) -> Self {
        Self::trusting("https://auth.test", change)
    }

    pub(crate) fn trusting(name: &str, change: impl FnOnce(GuardBuilder) -> GuardBuilder) -> Self {
        let clock = TestClock::new();
        let auth = AuthServer::new(name, clock.clone());
        let builder = Guard::builder(resource(), issuer(name))
            .scopes_supported(scopes("mcp:read mcp:write mcp:admin"))
            .initial_scopes(scopes("mcp:read"))
            .tool("write_data", &scopes("mcp:write"))
            .tool("admin_operation", &scopes("mcp:admin"))
            .method("resources/read", &scopes("mcp:read"))
            .open_tool("public_info")
            .fetch(Arc::new(auth.clone()))
            .clock(Arc::new(clock.clone()));
        let guard = change(builder).build().unwrap();
        let app = mcp_app(&guard);
        Self {
            auth,
            clock,
            guard,
            app,
        }
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        Answer::read(self.open(request).await).await
    }

    /// Sends a request, and leaves the answer's body where it is.
    pub(crate) async fn open(&self, request: Request<Body>) -> Response {
        self.app.clone().oneshot(request).await.unwrap()
    }

    /// Calls a tool that needs no scope, with a token.
    pub(crate) async fn call_with(&self, token: &str) -> Answer {
        self.send(call("get_user_profile", Some(token))).await
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Calls a tool that needs no scope, with a token and a proof.
    pub(crate) async fn prove(&self, token: &str, proof: &Proof<'_>) -> Answer {
        self.prove_by(token, &proof.sign()).await
    }

    pub(crate) async fn prove_by(&self, token: &str, proof: &str) -> Answer {
        self.send(proven(call("get_user_profile", None), token, proof))
            .await
    }

    /// A good token that is bound to a key.
    pub(crate) fn bound(&self, prover: &Prover) -> String {
        self.auth.sign(&self.auth.token().bound_to(prover))
    }

    /// Calls a tool with a token that the authorization server has signed.
    pub(crate) async fn call_as(&self, tool: &str, token: &Token) -> Answer {
        self.send(call(tool, Some(&self.auth.sign(token)))).await
    }
}

/// A request with a token or without one.
fn request(method: Method, token: Option<&str>) -> Builder {
    let builder = Request::builder().method(method).uri("/mcp");
    match token {
        Some(token) => builder.header(AUTHORIZATION, format!("Bearer {token}")),
        None => builder,
    }
}

/// Presents a token with a proof.
pub(crate) fn proven(mut request: Request<Body>, token: &str, proof: &str) -> Request<Body> {
    let headers = request.headers_mut();
    headers.insert(AUTHORIZATION, format!("DPoP {token}").parse().unwrap());
    headers.append("dpop", proof.parse().unwrap());
    request
}

pub(crate) fn get(token: Option<&str>) -> Request<Body> {
    request(Method::GET, token).body(Body::empty()).unwrap()
}

pub(crate) fn post(token: Option<&str>, body: impl Into<Body>) -> Request<Body> {
    request(Method::POST, token)
        .header(CONTENT_TYPE, "application/json")
        .body(body.into())
        .unwrap()
}

pub(crate) fn call(tool: &str, token: Option<&str>) -> Request<Body> {
    let message = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": { "name": tool } });
    post(token, message.to_string())
}

pub(crate) fn initialize(token: Option<&str>) -> Request<Body> {
    let message = json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {} });
    post(token, message.to_string())
}

/// An MCP server that only says what reached it. It opens a session at `initialize`, and streams on GET.
pub(crate) fn mcp_app(guard: &Guard) -> Router {
    Router::new()
        .route("/mcp", any(serve))
        .with_state(Arc::new(AtomicUsize::new(1)))
        .layer(guard.layer())
        .merge(guard.metadata_router())
}

async fn serve(State(sessions): State<Arc<AtomicUsize>>, request: Request<Body>) -> Response {
    if request.method() == Method::GET {
        let stream = Body::new(Endless);
        return ([(CONTENT_TYPE, "text/event-stream")], stream).into_response();
    }
    let (head, body) = request.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    let message: Value = serde_json::from_slice(&body).unwrap_or(Value::Null);
    let seen = Json(json!({
        "subject": Principal::of(&head.extensions).map(Principal::subject),
        "authorization": head.headers.contains_key(AUTHORIZATION),
        "proof": head.headers.contains_key("dpop"),
        "message": message,
    }));
    if message["method"] == "initialize" {
        let id = format!("mcp-session-{}", sessions.fetch_add(1, Ordering::SeqCst));
        return ([("mcp-session-id", id)], seen).into_response();
    }
    seen.into_response()
}

/// A body that never ends by itself.
struct Endless;

impl http_body::Body for Endless {
    type Data = bytes::Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<http_body::Frame<bytes::Bytes>, Self::Error>>> {
        std::task::Poll::Pending
    }
}
