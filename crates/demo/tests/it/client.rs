use axum::Router;
use axum::body::Body;
use http::header::WWW_AUTHENTICATE;
use http::{HeaderMap, Request, StatusCode};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;
use vestibule_demo::{DemoConfig, NotesStore, router};
use vestibule_protocol::{ResourceUri, WwwAuthenticate};

use crate::auth_server::{AuthServer, RESOURCE};

/// The sample server and the authorization server behind it.
pub(crate) struct World {
    pub(crate) auth: AuthServer,
    pub(crate) app: Router,
}

/// An MCP client of the sample server.
pub(crate) struct Client<'a> {
    world: &'a World,
    token: Option<String>,
    revision: &'static str,
    session: Option<String>,
}

/// An answer, with the messages of its stream.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) messages: Vec<Value>,
}

pub(crate) fn config(auth: &AuthServer, notes: NotesStore) -> DemoConfig {
    DemoConfig {
        resource: ResourceUri::parse(RESOURCE).unwrap(),
        issuer: auth.issuer.clone(),
        tokens: vestibule_demo::Tokens::Any,
        notes,
        shutdown: CancellationToken::new(),
    }
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::with_notes(NotesStore::in_memory().unwrap()).await
    }

    pub(crate) async fn with_notes(notes: NotesStore) -> Self {
        let auth = AuthServer::start().await;
        let app = router(config(&auth, notes)).await.unwrap();
        Self { auth, app }
    }

    /// A client of the current revision, which has no sessions.
    pub(crate) fn client(&self, user: &str, scopes: &str) -> Client<'_> {
        self.client_with(Some(self.auth.log_in(user, scopes)), "2026-07-28")
    }

    pub(crate) fn client_with(&self, token: Option<String>, revision: &'static str) -> Client<'_> {
        Client {
            world: self,
            token,
            revision,
            session: None,
        }
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.app.clone().oneshot(request).await.unwrap();
        let (head, body) = response.into_parts();
        let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        let body = String::from_utf8(body.to_vec()).unwrap();
        let events = body
            .lines()
            .map(|line| line.strip_prefix("data:").unwrap_or(line).trim());
        Answer {
            status: head.status,
            headers: head.headers,
            messages: events
                .filter_map(|event| serde_json::from_str(event).ok())
                .collect(),
        }
    }
}

impl Client<'_> {
    /// Opens an MCP session, as the revisions before 2026-07-28 begin.
    pub(crate) async fn initialize(&mut self) -> Answer {
        let params = json!({
            "protocolVersion": self.revision,
            "capabilities": {},
            "clientInfo": { "name": "test", "version": "1" },
        });
        let answer = self.request("initialize", params).await;
        if let Some(id) = answer.headers.get("mcp-session-id") {
            self.session = Some(id.to_str().unwrap().to_owned());
            let initialized = json!({ "jsonrpc": "2.0", "method": "notifications/initialized" });
            let accepted = self.send(&initialized).await;
            assert_eq!(accepted.status, StatusCode::ACCEPTED);
        }
        answer
    }

    pub(crate) fn in_session_of(mut self, other: &Client<'_>) -> Self {
        self.session.clone_from(&other.session);
        self
    }

    pub(crate) fn session(&self) -> Option<&str> {
        self.session.as_deref()
    }

    pub(crate) async fn call(&self, tool: &str, arguments: Value) -> Answer {
        self.request("tools/call", json!({ "name": tool, "arguments": arguments }))
            .await
    }

    pub(crate) async fn request(&self, method: &str, mut params: Value) -> Answer {
        if self.is_stateless() {
            let meta = params
                .as_object_mut()
                .unwrap()
                .entry("_meta")
                .or_insert(json!({}));
            meta["io.modelcontextprotocol/protocolVersion"] = json!(self.revision);
            meta["io.modelcontextprotocol/clientCapabilities"] = json!({});
        }
        let message = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
        self.send(&message).await
    }

    fn is_stateless(&self) -> bool {
        self.revision >= "2026"
    }

    pub(crate) async fn send(&self, message: &Value) -> Answer {
        let mut request = Request::post("/mcp")
            .header("host", "localhost:3001")
            .header("content-type", "application/json")
            .header("accept", "application/json, text/event-stream");
        if let Some(token) = &self.token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        if let Some(session) = &self.session {
            request = request.header("mcp-session-id", session);
        }
        if message["method"] != "initialize" {
            request = request.header("mcp-protocol-version", self.revision);
        }
        if self.is_stateless() {
            request = request.header("mcp-method", message["method"].as_str().unwrap());
            let params = &message["params"];
            if let Some(name) = params["name"].as_str().or(params["uri"].as_str()) {
                request = request.header("mcp-name", name);
            }
        }
        let request = request.body(Body::from(message.to_string())).unwrap();
        self.world.send(request).await
    }
}

impl Answer {
    /// The result of the request.
    #[track_caller]
    pub(crate) fn result(&self) -> &Value {
        assert_eq!(self.status, StatusCode::OK, "{self:?}");
        let last = self.messages.last().expect("an answer");
        assert!(last["result"].is_object(), "{last}");
        &last["result"]
    }

    /// What a tool returned.
    #[track_caller]
    pub(crate) fn returned(&self) -> &Value {
        let result = self.result();
        assert_ne!(result["isError"], true, "{result}");
        &result["structuredContent"]
    }

    #[track_caller]
    pub(crate) fn error(&self) -> &Value {
        &self.messages.last().expect("an answer")["error"]
    }

    #[track_caller]
    pub(crate) fn challenge(&self) -> WwwAuthenticate {
        let header = self.headers.get(WWW_AUTHENTICATE).expect("a challenge");
        WwwAuthenticate::parse(header.to_str().unwrap()).unwrap()
    }
}
