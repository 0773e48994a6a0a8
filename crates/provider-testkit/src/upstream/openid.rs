//! OpenID Connect: metadata, tokens for codes, userinfo, pushed requests.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{FromRequestParts, State};
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::routes::Route;
use super::{Books, Endpoint, Lie, claims, key};
use crate::sample::{CLIENT_ID, CLIENT_SECRET};

type Form = BTreeMap<String, String>;

pub(super) fn routes() -> Vec<Route> {
    vec![
        (Endpoint::Discovery, get(discovery)),
        (Endpoint::Token, post(token)),
        (Endpoint::Userinfo, get(userinfo)),
        (Endpoint::Pushed, post(pushed)),
    ]
}

async fn discovery(State(books): State<Arc<Books>>) -> Json<Value> {
    let issuer = match books.open().lie {
        Some(Lie::AnotherIssuerInTheMetadata) => "https://another.example".to_owned(),
        _ => books.issuer.clone(),
    };
    let shape = &books.shape;
    let mut metadata = json!({
        "issuer": issuer,
        "authorization_endpoint": books.url(shape.authorization),
        "token_endpoint": books.url(shape.token),
        "userinfo_endpoint": books.url(shape.userinfo),
        "jwks_uri": books.url(shape.keys),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query", "form_post"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": [books.open().key().algorithm()],
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": true,
        "backchannel_logout_supported": true,
        "backchannel_logout_session_supported": true,
        "a_member_that_nobody_knows": {"and": ["what", "not"]},
    });
    if !shape.end_session.is_empty() {
        metadata["end_session_endpoint"] = json!(books.url(shape.end_session));
    }
    if shape.pushed_requests {
        metadata["pushed_authorization_request_endpoint"] = json!(books.url(shape.path(Endpoint::Pushed)));
        metadata["require_pushed_authorization_requests"] = json!(true);
    }
    Json(metadata)
}

async fn token(State(books): State<Arc<Books>>, client: Client, body: Bytes) -> Response {
    let form = read(&body);
    if !client.is_known(&form) {
        return error(StatusCode::UNAUTHORIZED, "invalid_client");
    }
    let asked = |name: &str| form.get(name).map(String::as_str).unwrap_or_default();
    let invalid_grant = || error(StatusCode::BAD_REQUEST, "invalid_grant");
    let mut register = books.open();
    let nonce = match asked("grant_type") {
        "authorization_code" => {
            let Some(request) = register.take_code(asked("code")) else {
                return invalid_grant();
            };
            let challenge = key::digest(asked("code_verifier"), 32);
            let holds = request.get("code_challenge") == Some(&challenge)
                && request.get("redirect_uri").map(String::as_str) == Some(asked("redirect_uri"));
            if !holds || !register.person.enabled {
                return invalid_grant();
            }
            request.get("nonce").cloned()
        }
        "refresh_token" => {
            if !register.take_refresh_token(asked("refresh_token")) {
                return invalid_grant();
            }
            None
        }
        _ => return error(StatusCode::BAD_REQUEST, "unsupported_grant_type"),
    };
    let (access_token, refresh_token) = register.issue_tokens();
    let mut claims = claims::of_login(&books, &register, nonce.as_deref(), Some(&access_token));
    if register.lie == Some(Lie::AnotherUserOnRefresh) && nonce.is_none() {
        claims.insert("sub".to_owned(), json!("another user"));
    }
    let mut answer = json!({
        "access_token": access_token,
        "refresh_token": refresh_token,
        "token_type": "bearer",
        "expires_in": 600,
    });
    let refreshed = asked("grant_type") == "refresh_token";
    if register.lie != Some(Lie::NoIdToken) && (!refreshed || books.shape.refreshed_id_token) {
        answer["id_token"] = json!(register.sign("JWT", claims));
    }
    Json(answer).into_response()
}

async fn userinfo(State(books): State<Arc<Books>>, headers: HeaderMap) -> Response {
    let header = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token = header.and_then(|value| value.strip_prefix("Bearer "));
    let register = books.open();
    if !token.is_some_and(|token| register.knows_access_token(token)) || !register.person.enabled {
        return error(StatusCode::UNAUTHORIZED, "invalid_token");
    }
    let person = &register.person;
    let answer = match register.lie {
        Some(Lie::AnotherUserinfo | Lie::AnotherUserOnRefresh) => {
            json!({"sub": "another user", "name": "Eve", "email": "eve@example.com", "email_verified": true})
        }
        _ => json!({
            "sub": person.subject,
            "name": person.name,
            "email": person.email,
            "email_verified": person.email_verified,
        }),
    };
    Json(answer).into_response()
}

async fn pushed(State(books): State<Arc<Books>>, client: Client, body: Bytes) -> Response {
    let form = read(&body);
    if !client.is_known(&form) {
        return error(StatusCode::UNAUTHORIZED, "invalid_client");
    }
    if form.get("client_id").map(String::as_str) != Some(CLIENT_ID) {
        return error(StatusCode::BAD_REQUEST, "invalid_request");
    }
    let handle = books.open().push(form);
    (
        StatusCode::CREATED,
        Json(json!({"request_uri": handle, "expires_in": 60})),
    )
        .into_response()
}

/// The client's credentials in the header, where they stand there.
struct Client(Option<(String, String)>);

impl<S: Sync> FromRequestParts<S> for Client {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Self::Rejection> {
        let header = parts.headers.get(AUTHORIZATION);
        let basic = header.and_then(|value| value.to_str().ok()?.strip_prefix("Basic "));
        let decoded = basic.and_then(|text| String::from_utf8(STANDARD.decode(text).ok()?).ok());
        // RFC 6749 §2.3.1: both are form-encoded before they are joined.
        let decode = |text: &str| {
            let pair = format!("x={text}");
            let mut pairs = url::form_urlencoded::parse(pair.as_bytes());
            pairs
                .next()
                .map(|(_, value)| value.into_owned())
                .unwrap_or_default()
        };
        let pair = decoded.and_then(|text| {
            let (id, secret) = text.split_once(':')?;
            Some((decode(id), decode(secret)))
        });
        Ok(Self(pair))
    }
}

impl Client {
    fn is_known(&self, form: &Form) -> bool {
        let posted = || Some((form.get("client_id")?.clone(), form.get("client_secret")?.clone()));
        let presented = self.0.clone().or_else(posted);
        presented == Some((CLIENT_ID.to_owned(), CLIENT_SECRET.to_owned()))
    }
}

fn read(body: &[u8]) -> Form {
    url::form_urlencoded::parse(body).into_owned().collect()
}

fn error(status: StatusCode, code: &str) -> Response {
    let answer = json!({"error": code, "error_description": "the upstream says no"});
    (status, Json(answer)).into_response()
}

pub(super) fn unknown_client() -> Response {
    error(StatusCode::BAD_REQUEST, "invalid_client")
}
