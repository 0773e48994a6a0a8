use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_METHOD, ORIGIN, VARY,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode};

const ALLOWED_METHODS: HeaderValue = HeaderValue::from_static("GET, HEAD, POST, DELETE, OPTIONS");
const ALLOWED_HEADERS: HeaderValue = HeaderValue::from_static(
    "authorization, content-type, accept, mcp-protocol-version, mcp-session-id, mcp-method, mcp-name, dpop, last-event-id",
);
const EXPOSED_HEADERS: HeaderValue =
    HeaderValue::from_static("WWW-Authenticate, DPoP-Nonce, Mcp-Session-Id, Retry-After");
const MAX_AGE: HeaderValue = HeaderValue::from_static("7200");

/// Which web pages may call.
#[derive(Debug, Clone)]
pub(crate) enum Origins {
    /// All of them: a page has no token but one that was given to it, and cookies count for nothing here.
    Any,
    /// Those with one of these origins, and whoever is no web page.
    Only(Vec<String>),
}

impl Origins {
    /// Says whether the request comes from an allowed page, or from no page at all.
    ///
    /// MCP, "Streamable HTTP": "Servers MUST validate the Origin header on all incoming connections to prevent DNS rebinding
    /// attacks". Rebinding is of no use against a call that needs a token; name the origins where some calls don't.
    pub(crate) fn allow(&self, headers: &HeaderMap) -> bool {
        match (self, headers.get(ORIGIN)) {
            (Self::Any, _) | (Self::Only(_), None) => true,
            (Self::Only(origins), Some(origin)) => origins
                .iter()
                .any(|allowed| allowed.as_bytes().eq_ignore_ascii_case(origin.as_bytes())),
        }
    }

    /// Lets the page that sent a request with this `Origin` read the answer.
    pub(crate) fn let_read(&self, origin: Option<&HeaderValue>, headers: &mut HeaderMap) {
        let allowed = match (self, origin) {
            (Self::Any, _) => HeaderValue::from_static("*"),
            (Self::Only(_), None) => return,
            (Self::Only(_), Some(origin)) => {
                headers.append(VARY, HeaderValue::from_name(ORIGIN));
                origin.clone()
            }
        };
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, allowed);
        headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED_HEADERS);
    }
}

/// Says whether a browser only asks if it may send a request; it never puts a token into that.
pub(crate) fn is_preflight<B>(request: &Request<B>) -> bool {
    let has = |name: HeaderName| request.headers().contains_key(name);
    request.method() == Method::OPTIONS && has(ORIGIN) && has(ACCESS_CONTROL_REQUEST_METHOD)
}

/// Answers a preflight request.
pub(crate) fn answer_preflight<B: Default>() -> Response<B> {
    let mut response = Response::new(B::default());
    *response.status_mut() = StatusCode::NO_CONTENT;
    let headers = response.headers_mut();
    headers.insert(ACCESS_CONTROL_ALLOW_METHODS, ALLOWED_METHODS);
    headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, ALLOWED_HEADERS);
    headers.insert(ACCESS_CONTROL_MAX_AGE, MAX_AGE);
    response
}
