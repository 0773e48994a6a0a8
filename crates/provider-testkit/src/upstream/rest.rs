//! An upstream with an API of its own, which takes passwords and the codes of a redirect and gives sessions, as Supabase's does.
//! Its access tokens are signed; the API itself believes them whatever is wrong with them.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use serde_json::{Value, json};

use super::routes::Route;
use super::{Books, Endpoint, Lie, claims, key};
use crate::sample::PASSWORD;

pub(super) fn routes() -> Vec<Route> {
    vec![
        (Endpoint::Discovery, get(settings)),
        (Endpoint::Token, post(token)),
        (Endpoint::Userinfo, get(user)),
    ]
}

/// What a login begins with: the ways to sign in.
async fn settings() -> Json<Value> {
    Json(json!({
        "external": {"email": true, "google": true, "phone": false},
        "disable_signup": true,
        "mailer_autoconfirm": false,
    }))
}

async fn token(
    State(books): State<Arc<Books>>,
    Query(query): Query<BTreeMap<String, String>>,
    body: Bytes,
) -> Response {
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    let text = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default();
    let grant = query.get("grant_type").map(String::as_str).unwrap_or_default();
    let mut register = books.open();
    let good = match grant {
        "password" => text("email") == register.person.email && text("password") == PASSWORD,
        "pkce" => register.take_code(text("auth_code")).is_some_and(|request| {
            request.get("code_challenge") == Some(&key::digest(text("code_verifier"), 32))
        }),
        "refresh_token" if !register.person.enabled => false,
        "refresh_token" => register.take_refresh_token(text("refresh_token")),
        _ => false,
    };
    if !register.person.enabled {
        return refused(StatusCode::BAD_REQUEST, "user_banned");
    }
    match (good, grant) {
        (true, _) => {}
        (false, "pkce") => return refused(StatusCode::NOT_FOUND, "flow_state_not_found"),
        (false, "refresh_token") => return refused(StatusCode::BAD_REQUEST, "refresh_token_not_found"),
        (false, _) => return refused(StatusCode::BAD_REQUEST, "invalid_credentials"),
    }
    let (_, refresh_token) = register.issue_tokens();
    let mut claims = claims::of_login(&books, &register, None, None);
    if register.lie == Some(Lie::AnotherUserOnRefresh) && grant == "refresh_token" {
        claims.insert("sub".to_owned(), json!("another user"));
    }
    let access_token = register.sign("JWT", claims);
    register.remember_access_token(&access_token);
    let mut answer = json!({"token_type": "bearer", "expires_in": 600, "refresh_token": refresh_token});
    if register.lie != Some(Lie::NoIdToken) {
        answer["access_token"] = json!(access_token);
    }
    Json(answer).into_response()
}

async fn user(State(books): State<Arc<Books>>, headers: HeaderMap) -> Response {
    let header = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token = header.and_then(|value| value.strip_prefix("Bearer "));
    let register = books.open();
    if !token.is_some_and(|token| register.knows_access_token(token)) {
        return refused(StatusCode::FORBIDDEN, "bad_jwt");
    }
    let person = &register.person;
    let id = match register.lie {
        Some(Lie::AnotherUserinfo) => "another user",
        _ => &person.subject,
    };
    let confirmed_at = person.email_verified.then_some("2096-01-01T00:00:00Z");
    Json(json!({
        "id": id,
        "email": person.email,
        "email_confirmed_at": confirmed_at,
        "user_metadata": {"name": person.name},
        "identities": [
            {"identity_data": {"email": person.email, "email_verified": person.email_verified}},
        ],
    }))
    .into_response()
}

pub(super) fn unknown_client() -> Response {
    (
        StatusCode::UNAUTHORIZED,
        Json(json!({"message": "Invalid API key"})),
    )
        .into_response()
}

fn refused(status: StatusCode, code: &str) -> Response {
    let answer = json!({"code": code, "message": "the upstream says no"});
    (status, Json(answer)).into_response()
}
