//! Who may read answers from a script on another site: everybody, on the endpoints for programs; nobody, on pages.
//!
//! The same few headers go with every answer, whoever asks: no cookie is read on these endpoints, so there is nothing to
//! tell origins apart for, and caches need not either.

use axum::response::{IntoResponse, Response};
use axum::routing::MethodRouter;
use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE,
};
use http::{HeaderValue, StatusCode};
use tower::util::MapResponseLayer;

const METHODS: HeaderValue = HeaderValue::from_static("GET, HEAD, POST, PUT, DELETE");
/// What MCP clients in a browser send.
const ALLOWED: HeaderValue = HeaderValue::from_static(
    "authorization, content-type, mcp-protocol-version, mcp-session-id, mcp-method, mcp-name, dpop, last-event-id",
);
/// What they need to read.
const EXPOSED: HeaderValue = HeaderValue::from_static(
    "www-authenticate, dpop-nonce, mcp-session-id, retry-after, ratelimit, ratelimit-policy",
);
/// How long a browser may remember what is allowed, in seconds.
const REMEMBERED: HeaderValue = HeaderValue::from_static("86400");

/// Answers what a browser asks before it lets a script call
/// ([Fetch §3.3.2](https://fetch.spec.whatwg.org/#cors-preflight-request)).
pub(crate) fn preflighted<S: Clone + Send + Sync + 'static>(routes: MethodRouter<S>) -> MethodRouter<S> {
    routes.options(async || {
        let headers = [
            (ACCESS_CONTROL_ALLOW_METHODS, METHODS),
            (ACCESS_CONTROL_ALLOW_HEADERS, ALLOWED),
            (ACCESS_CONTROL_MAX_AGE, REMEMBERED),
        ];
        (StatusCode::NO_CONTENT, headers).into_response()
    })
}

/// Lets scripts of every site read the answers, without credentials.
pub(crate) fn readable() -> MapResponseLayer<fn(Response) -> Response> {
    MapResponseLayer::new(|mut response| {
        let headers = response.headers_mut();
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
        headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
        response
    })
}
