//! Who may read answers from a script on another site: everybody, on the endpoints for programs; nobody, on pages.

use std::time::Duration;

use http::Method;
use http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderName, RETRY_AFTER, WWW_AUTHENTICATE};
use tower_http::cors::{Any, CorsLayer};

/// What MCP clients in a browser send.
const ALLOWED: [HeaderName; 8] = [
    AUTHORIZATION,
    CONTENT_TYPE,
    HeaderName::from_static("mcp-protocol-version"),
    HeaderName::from_static("mcp-session-id"),
    HeaderName::from_static("mcp-method"),
    HeaderName::from_static("mcp-name"),
    HeaderName::from_static("dpop"),
    HeaderName::from_static("last-event-id"),
];

/// What they need to read.
const EXPOSED: [HeaderName; 3] = [
    WWW_AUTHENTICATE,
    HeaderName::from_static("mcp-session-id"),
    RETRY_AFTER,
];

/// Opens an endpoint to scripts of every site, without credentials: no cookie is sent and none is read here.
pub(crate) fn open_to_all() -> CorsLayer {
    CorsLayer::new()
        .allow_origin(Any)
        .allow_methods([
            Method::GET,
            Method::HEAD,
            Method::POST,
            Method::PUT,
            Method::DELETE,
        ])
        .allow_headers(ALLOWED)
        .expose_headers(EXPOSED)
        .max_age(Duration::from_secs(24 * 60 * 60))
        // The answer is the same for every origin, so caches need not tell them apart.
        .vary([])
}
