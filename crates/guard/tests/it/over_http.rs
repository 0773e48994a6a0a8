//! The guard and a real authorization server on the network, in front of rmcp's own service.

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::response::Response;
use http::StatusCode;
use rmcp::ServerHandler;
use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;
use rmcp::transport::{StreamableHttpServerConfig, StreamableHttpService};
use tokio::net::TcpListener;
use tower::{Layer, ServiceExt};
use vestibule_guard::Guard;

use crate::support::{Answer, AuthServer, TestClock, issuer, resource};

struct Server;

impl ServerHandler for Server {}

/// Serves an authorization server on a port of its own.
async fn serve_auth(clock: TestClock) -> AuthServer {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let auth = AuthServer::new(&format!("http://{address}"), clock);
    let answering = auth.clone();
    let app = axum::Router::new().fallback(async move |request: Request| -> Response {
        let (head, body) = request.into_parts();
        let body = to_bytes(body, usize::MAX).await.unwrap();
        answering
            .answer(&http::Request::from_parts(head, body))
            .map(Body::from)
    });
    tokio::spawn(async move { axum::serve(listener, app).await });
    auth
}

fn initialize(token: Option<&str>) -> http::Request<Body> {
    let body = r#"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}"#;
    let mut request = http::Request::post("/mcp")
        .header("host", "localhost")
        .header("content-type", "application/json")
        .header("accept", "application/json, text/event-stream");
    if let Some(token) = token {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    request.body(Body::from(body)).unwrap()
}

#[tokio::test]
async fn rmcps_service_stands_behind_the_guard_as_it_is() {
    let clock = TestClock::new();
    let auth = serve_auth(clock.clone()).await;
    let guard = Guard::builder(resource(), issuer(auth.issuer()))
        .clock(Arc::new(clock))
        .build()
        .unwrap();
    let sessions = Arc::<LocalSessionManager>::default();
    let mcp = StreamableHttpService::new(|| Ok(Server), sessions, StreamableHttpServerConfig::default());
    let service = guard.layer().layer(mcp);

    let refused = service.clone().oneshot(initialize(None)).await.unwrap();
    assert_eq!(Answer::read(refused).await.status, StatusCode::UNAUTHORIZED);

    let token = auth.sign(&auth.token().listed(3));
    let admitted = service.clone().oneshot(initialize(Some(&token))).await.unwrap();
    assert_eq!(admitted.status(), StatusCode::OK);
    assert!(admitted.headers().contains_key("mcp-session-id"));
    assert_eq!(auth.asked("/oauth/keys"), 1);
    assert_eq!(auth.asked("/oauth/status/1"), 1);
}

#[tokio::test]
async fn an_answer_beyond_the_limit_is_not_read() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let app = axum::Router::new().fallback(|| async { vec![b' '; vestibule_guard::MAX_ANSWER_BYTES + 1] });
    tokio::spawn(async move { axum::serve(listener, app).await });
    let guard = Guard::builder(resource(), issuer(&format!("http://{address}")))
        .build()
        .unwrap();
    let refusal = guard.authenticate("a.b.c").await.unwrap_err();
    assert_eq!(
        root_cause(&refusal),
        vestibule_guard::FetchError::TooLarge.to_string()
    );
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let app = axum::Router::new().fallback(|| async { axum::response::Redirect::temporary("/elsewhere") });
    tokio::spawn(async move { axum::serve(listener, app).await });
    let guard = Guard::builder(resource(), issuer(&format!("http://{address}")))
        .build()
        .unwrap();
    let refusal = guard.authenticate("a.b.c").await.unwrap_err();
    assert!(root_cause(&refusal).contains("307"), "{refusal:?}");
}

fn root_cause(error: &dyn std::error::Error) -> String {
    let mut error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    error.to_string()
}
