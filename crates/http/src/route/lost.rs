//! Where nothing is: a clean 404 for programs, a page for people.

use axum::response::{IntoResponse, Response};
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, StatusCode};

use crate::failure::Problem;
use crate::respond::NO_STORE;

const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// Nothing is served here. Clients that probe every well-known form take this for an answer and go on.
pub(crate) async fn not_found() -> Response {
    const BODY: &str = r#"{"error":"invalid_request","error_description":"Nothing is served at this path."}"#;
    (StatusCode::NOT_FOUND, NO_STORE, [(CONTENT_TYPE, JSON)], BODY).into_response()
}

/// Something is served here, but not in this way.
pub(crate) async fn method_not_allowed() -> Response {
    const BODY: &str =
        r#"{"error":"invalid_request","error_description":"This path does not take this method."}"#;
    (
        StatusCode::METHOD_NOT_ALLOWED,
        NO_STORE,
        [(CONTENT_TYPE, JSON)],
        BODY,
    )
        .into_response()
}

/// The same, for a page.
pub(crate) async fn page_method_not_allowed() -> Response {
    Problem::method_not_allowed().into_response()
}

/// Any address that has no route.
pub(crate) async fn nowhere(headers: HeaderMap) -> Response {
    let person = headers
        .get_all(ACCEPT)
        .iter()
        .filter_map(|accept| accept.to_str().ok())
        .any(|accept| accept.contains("text/html"));
    if person {
        Problem::not_found().into_response()
    } else {
        not_found().await
    }
}
