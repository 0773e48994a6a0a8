//! What stands before every endpoint: a log of calls, the gateway's key, and failures on demand.

use axum::Json;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{AUTHORIZATION, LOCATION};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use serde_json::json;

use super::Shared;
use super::error::ApiError;
use super::world::PUBLISHABLE_KEY;

/// How an endpoint fails.
#[derive(Debug, Clone)]
pub enum Trouble {
    /// With this status and no word of Supabase's.
    Status(u16),
    /// With this error: its status, code and message.
    Says(u16, &'static str, &'static str),
    /// With this body, and a status of 200.
    Body(String),
    /// With ten megabytes.
    TenMegabytes,
    /// By never answering.
    Silence,
    /// With a redirect to this address.
    Redirect(String),
}

/// The endpoints that browsers come to, which have no key to send, and the public documents.
const OPEN: [&str; 4] = ["/authorize", "/callback", "/oauth/", "/.well-known/"];

pub(super) async fn gate(State(shared): State<Shared>, request: Request, next: Next) -> Response {
    let uri = request.uri();
    let path = uri
        .path()
        .strip_prefix("/auth/v1")
        .unwrap_or(uri.path())
        .to_owned();
    let of_the_api = uri.path().starts_with("/auth/v1/");
    let shown = match (without_ids(&path), uri.query()) {
        (path, Some(query)) if !OPEN.iter().any(|open| path.starts_with(open)) => format!("{path}?{query}"),
        (path, _) => path,
    };
    let trouble = {
        let mut world = shared.world();
        if of_the_api {
            world.calls.push(format!("{} {shown}", request.method()));
        }
        let found = world.troubles.iter().find(|(at, _)| path.starts_with(at));
        found.map(|(_, trouble)| trouble.clone())
    };
    if let Some(trouble) = trouble {
        return fail(trouble, request.headers()).await;
    }
    let outside = ["/social/", "/mail", "/consent"]
        .iter()
        .any(|outside| path.starts_with(outside));
    let open = outside || OPEN.iter().any(|open| path.starts_with(open));
    match refuse(request.headers()).filter(|_| !open) {
        Some(refusal) => refusal,
        None => next.run(request).await,
    }
}

/// The hosted gateway: no call without the key, and the key is no token.
fn refuse(headers: &HeaderMap) -> Option<Response> {
    let key = headers.get("apikey").and_then(|key| key.to_str().ok());
    if key != Some(PUBLISHABLE_KEY) {
        let body = json!({"message": "Invalid API key", "hint": "Double check your API key."});
        return Some((StatusCode::UNAUTHORIZED, Json(body)).into_response());
    }
    let bearer = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    bearer.filter(|value| value.contains("sb_")).map(|_| {
        let error = ApiError::new(403, "bad_jwt", "invalid JWT: unable to parse or verify signature");
        error.answer(headers)
    })
}

async fn fail(trouble: Trouble, headers: &HeaderMap) -> Response {
    match trouble {
        Trouble::Status(status) => StatusCode::from_u16(status)
            .expect("a status is one")
            .into_response(),
        Trouble::Says(status, code, message) => ApiError::new(status, code, message).answer(headers),
        Trouble::Body(body) => body.into_response(),
        Trouble::TenMegabytes => Response::new(Body::from(vec![b' '; 10 * 1024 * 1024])),
        Trouble::Silence => std::future::pending().await,
        Trouble::Redirect(to) => (StatusCode::TEMPORARY_REDIRECT, [(LOCATION, to)]).into_response(),
    }
}

/// A path without its ids, which differ from run to run.
fn without_ids(path: &str) -> String {
    let steps = path
        .split('/')
        .map(|step| if step.len() == 36 { "{id}" } else { step });
    steps.collect::<Vec<_>>().join("/")
}
