//! The upstream's endpoints, whatever it speaks.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_TYPE, LOCATION};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{MethodRouter, get};
use axum::{Json, Router};
use serde_json::{Value, json};

use super::{Books, Dialect, Endpoint, Failure, openid, posted, rest};

/// How much an oversized answer holds.
const TEN_MEGABYTES: usize = 10 * 1024 * 1024;

/// An endpoint and what answers there.
pub(super) type Route = (Endpoint, MethodRouter<Arc<Books>>);

/// All endpoints that are called by the provider. The browser's are played by [`Upstream::allow`](super::Upstream::allow).
pub(super) fn router(books: Arc<Books>) -> Router {
    let mut endpoints = match books.shape.dialect {
        Dialect::OpenIdConnect => openid::routes(),
        Dialect::Posted => posted::routes(),
        Dialect::Rest => rest::routes(),
    };
    endpoints.extend([
        (Endpoint::Keys, get(keys)),
        (Endpoint::Trap, get(|| async { "caught" })),
    ]);
    let mut router = Router::new();
    for (endpoint, handler) in endpoints {
        let handler = handler.layer(from_fn_with_state((Arc::clone(&books), endpoint), guard));
        router = router.route(books.shape.path(endpoint), handler);
    }
    for (path, document) in books.shape.documents.clone() {
        router = router.route(path, get(|| async { Json(document) }));
    }
    router.with_state(books)
}

/// Counts a call, and fails where it was told to.
async fn guard(
    State((books, endpoint)): State<(Arc<Books>, Endpoint)>,
    request: Request,
    next: Next,
) -> Response {
    let failure = {
        let mut register = books.open();
        *register.calls.entry(endpoint).or_default() += 1;
        register.failures.get(&endpoint).copied()
    };
    match failure {
        None => next.run(request).await,
        Some(Failure::Down) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
        Some(Failure::Nonsense) => ([(CONTENT_TYPE, "text/html")], "<h1>Welcome</h1>").into_response(),
        Some(Failure::Oversized) => {
            let mut body = b"{\"padding\": \"".to_vec();
            body.resize(TEN_MEGABYTES, b' ');
            ([(CONTENT_TYPE, "application/json")], Body::from(body)).into_response()
        }
        Some(Failure::Redirect) => (StatusCode::FOUND, [(LOCATION, books.url("/trap"))]).into_response(),
        Some(Failure::Silent) => std::future::pending().await,
        Some(Failure::UnknownClient) => match books.shape.dialect {
            Dialect::OpenIdConnect => openid::unknown_client(),
            Dialect::Posted => posted::unknown_client(),
            Dialect::Rest => rest::unknown_client(),
        },
    }
}

/// The key set, with a key that no provider knows what to do with.
async fn keys(State(books): State<Arc<Books>>) -> Json<Value> {
    let key = books.open().key().public();
    Json(json!({"keys": [{"kty": "a kind that nobody knows", "kid": "odd"}, key]}))
}
