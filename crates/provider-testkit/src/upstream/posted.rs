//! An upstream whose own script signs the user in and posts the tokens: what is left to call are the keys, and refresh tokens
//! that are exchanged as Firebase does.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use serde_json::json;

use super::routes::Route;
use super::{Books, Endpoint, Lie, claims};

pub(super) fn routes() -> Vec<Route> {
    vec![(Endpoint::Token, post(refresh))]
}

async fn refresh(State(books): State<Arc<Books>>, body: Bytes) -> Response {
    let form: BTreeMap<String, String> = url::form_urlencoded::parse(&body).into_owned().collect();
    let asked = |name: &str| form.get(name).map(String::as_str).unwrap_or_default();
    let mut register = books.open();
    if asked("grant_type") != "refresh_token" {
        return refused("INVALID_GRANT_TYPE");
    }
    if !register.person.enabled {
        return refused("USER_DISABLED");
    }
    if !register.take_refresh_token(asked("refresh_token")) {
        return refused("INVALID_REFRESH_TOKEN");
    }
    let (_, refresh_token) = register.issue_tokens();
    let mut claims = claims::of_login(&books, &register, None, None);
    if register.lie == Some(Lie::AnotherUserOnRefresh) {
        claims.insert("sub".to_owned(), json!("another user"));
    }
    let id_token = register.sign("JWT", claims);
    Json(json!({
        "id_token": id_token,
        "access_token": id_token,
        "refresh_token": refresh_token,
        "token_type": "Bearer",
        "expires_in": "600",
        "user_id": register.person.subject,
        "project_id": "1",
    }))
    .into_response()
}

pub(super) fn unknown_client() -> Response {
    refused("API key not valid. Please pass a valid API key.")
}

fn refused(reason: &str) -> Response {
    let answer = json!({"error": {"code": 400, "message": reason, "errors": [{"message": reason}]}});
    (StatusCode::BAD_REQUEST, Json(answer)).into_response()
}
