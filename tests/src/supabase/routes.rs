//! Which path is whose.

use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use axum::http::header::{CONNECTION, HeaderValue};
use axum::middleware::{from_fn_with_state, map_response};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::{get, post};
use axum::{Form, Json, Router};
use serde_json::Value;

use super::Shared;
use super::authorize::Query as Parameters;
use super::calls::gate;
use super::error::{ApiError, answer};

pub(super) fn router(shared: Shared) -> Router {
    let api = Router::new()
        .route("/settings", get(settings))
        .route("/.well-known/jwks.json", get(keys))
        .route("/.well-known/openid-configuration", get(openid_metadata))
        .route("/.well-known/oauth-authorization-server", get(oauth_metadata))
        .route("/oauth/authorize", get(oauth_authorize))
        .route("/oauth/token", post(oauth_token))
        .route("/oauth/userinfo", get(userinfo))
        .route("/oauth/authorizations/{id}", get(authorization))
        .route("/oauth/authorizations/{id}/consent", post(consent))
        .route("/authorize", get(authorize))
        .route("/callback", get(callback))
        .route("/token", post(token))
        .route("/otp", post(otp))
        .route("/verify", post(verify))
        .route("/user", get(user))
        .route("/factors/{factor}/challenge", post(challenge))
        .route("/factors/{factor}/verify", post(verify_factor))
        .route("/logout", post(logout));
    Router::new()
        .nest("/auth/v1", api)
        .route("/social/{provider}", get(social))
        .route("/mail", get(mail))
        .route("/consent", get(page))
        .layer(from_fn_with_state(shared.clone(), gate))
        .layer(map_response(parting))
        .with_state(shared)
}

/// Keeps no connection open: one that outlives the stand-in would go on to be answered.
async fn parting(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(CONNECTION, HeaderValue::from_static("close"));
    response
}

async fn settings(State(shared): State<Shared>) -> Response {
    Json(shared.world().settings()).into_response()
}

async fn keys(State(shared): State<Shared>) -> Response {
    Json(shared.world().keys()).into_response()
}

async fn authorize(
    State(shared): State<Shared>,
    Query(query): Query<Parameters>,
    headers: HeaderMap,
) -> Response {
    sent(shared.world().authorize(&query), &headers)
}

async fn social(State(shared): State<Shared>, Query(query): Query<Parameters>) -> Response {
    let back = shared.world().at_social(&query);
    Redirect::to(&back).into_response()
}

async fn openid_metadata(State(shared): State<Shared>) -> Response {
    Json(shared.world().openid_metadata()).into_response()
}

async fn oauth_metadata(State(shared): State<Shared>, headers: HeaderMap) -> Response {
    answer(shared.world().oauth_metadata(), &headers)
}

async fn oauth_authorize(
    State(shared): State<Shared>,
    Query(query): Query<Parameters>,
    headers: HeaderMap,
) -> Response {
    sent(shared.world().oauth_authorize(&query), &headers)
}

async fn oauth_token(
    State(shared): State<Shared>,
    headers: HeaderMap,
    Form(form): Form<Parameters>,
) -> Response {
    match shared.world().oauth_token(&headers, &form) {
        Ok(body) => Json(body).into_response(),
        Err(error) => error.answer(&headers),
    }
}

async fn authorization(State(shared): State<Shared>, Path(id): Path<String>, headers: HeaderMap) -> Response {
    answer(shared.world().authorization(&headers, &id), &headers)
}

async fn consent(
    State(shared): State<Shared>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let said = json(&body).and_then(|body| shared.world().consent(&headers, &id, &body));
    answer(said, &headers)
}

/// The page on the project's own site, which the operator builds.
async fn page(State(shared): State<Shared>, Query(query): Query<Parameters>, headers: HeaderMap) -> Response {
    sent(shared.world().page(&query), &headers)
}

async fn userinfo(State(shared): State<Shared>, headers: HeaderMap) -> Response {
    answer(shared.world().userinfo(&headers), &headers)
}

/// What somebody finds in their mail: the code that was last sent to them.
async fn mail(State(shared): State<Shared>, Query(query): Query<Parameters>) -> String {
    let to = query.get("to").map(String::as_str).unwrap_or_default();
    shared.world().sent_code(to).unwrap_or_default()
}

async fn callback(
    State(shared): State<Shared>,
    Query(query): Query<Parameters>,
    headers: HeaderMap,
) -> Response {
    sent(shared.world().callback(&query), &headers)
}

async fn token(
    State(shared): State<Shared>,
    Query(query): Query<Parameters>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let grant_type = query.get("grant_type").map(String::as_str).unwrap_or_default();
    let said = json(&body).and_then(|body| shared.world().grant(grant_type, &body));
    answer(said, &headers)
}

async fn otp(State(shared): State<Shared>, headers: HeaderMap, body: Bytes) -> Response {
    answer(
        json(&body).and_then(|body| shared.world().send_code(&body)),
        &headers,
    )
}

async fn verify(State(shared): State<Shared>, headers: HeaderMap, body: Bytes) -> Response {
    answer(
        json(&body).and_then(|body| shared.world().verify_code(&body)),
        &headers,
    )
}

async fn user(State(shared): State<Shared>, headers: HeaderMap) -> Response {
    answer(shared.world().user(&headers), &headers)
}

async fn challenge(State(shared): State<Shared>, Path(factor): Path<String>, headers: HeaderMap) -> Response {
    answer(shared.world().challenge(&headers, &factor), &headers)
}

async fn verify_factor(
    State(shared): State<Shared>,
    Path(factor): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let said = json(&body).and_then(|body| shared.world().verify_factor(&headers, &factor, &body));
    answer(said, &headers)
}

async fn logout(
    State(shared): State<Shared>,
    Query(query): Query<Parameters>,
    headers: HeaderMap,
) -> Response {
    let scope = query.get("scope").map(String::as_str).unwrap_or_default();
    answer(shared.world().log_out(&headers, scope), &headers)
}

fn json(body: &[u8]) -> Result<Value, ApiError> {
    serde_json::from_slice(body)
        .map_err(|_| ApiError::new(400, "bad_json", "Could not parse request body as JSON"))
}

fn sent(to: Result<String, ApiError>, headers: &HeaderMap) -> Response {
    match to {
        Ok(to) => Redirect::to(&to).into_response(),
        Err(error) => error.answer(headers),
    }
}
