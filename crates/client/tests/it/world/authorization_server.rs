//! A small authorization server: strict about what clients must do, and twisted where a test says so.

use std::fmt::Write as _;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Query, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use vestibule_protocol::{CodeChallenge, CodeVerifier, ScopeSet};

use super::ledger::{Granted, Pairs};
use super::{Ledger, Twist, proofs};

pub(super) fn router(ledger: &Arc<Ledger>) -> Router {
    let paths = [
        "/.well-known/oauth-authorization-server",
        "/.well-known/oauth-authorization-server/tenant",
        "/.well-known/openid-configuration",
        "/.well-known/openid-configuration/tenant",
        "/tenant/.well-known/openid-configuration",
    ];
    let router = paths
        .into_iter()
        .fold(Router::new(), |router, path| router.route(path, get(metadata)));
    router
        .route("/register", post(register))
        .route("/authorize", get(authorize))
        .route("/token", post(token))
        .route("/revoke", post(revoke))
        .route("/elsewhere", post(elsewhere))
        .with_state(Arc::clone(ledger))
}

async fn metadata(State(ledger): State<Arc<Ledger>>, request: Request) -> Response {
    let path = request.uri().path();
    ledger.book().requests.push((
        "metadata".to_owned(),
        Pairs::from([("path".to_owned(), path.to_owned())]),
    ));
    let appended = path == "/tenant/.well-known/openid-configuration";
    if path.contains("/tenant") != ledger.is(Twist::IssuerWithPath)
        || (ledger.is(Twist::OpenIdAppendedOnly) && !appended)
    {
        return StatusCode::NOT_FOUND.into_response();
    }
    if ledger.is(Twist::HugeMetadata) {
        return Body::from(vec![b' '; 3 << 20]).into_response();
    }
    if ledger.is(Twist::SilentMetadata) {
        std::future::pending::<()>().await;
    }
    if ledger.is(Twist::HtmlMetadata) {
        return "<!doctype html><title>token=very-secret</title>".into_response();
    }
    if ledger.is(Twist::RedirectedMetadata) {
        return Redirect::temporary("/elsewhere").into_response();
    }
    Json(document(&ledger)).into_response()
}

fn document(ledger: &Ledger) -> Value {
    let origin = &ledger.origin;
    let mut document = json!({
        "issuer": ledger.issuer(),
        "authorization_endpoint": format!("{origin}/authorize"),
        "token_endpoint": format!("{origin}/token"),
        "registration_endpoint": format!("{origin}/register"),
        "revocation_endpoint": format!("{origin}/revoke"),
        "response_types_supported": ["code"],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": ["none", "client_secret_basic", "tls_client_auth", "private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": ["ES256"],
        "scopes_supported": ["mcp:read", "mcp:write", "offline_access"],
        "authorization_response_iss_parameter_supported": true,
    });
    let members = document.as_object_mut().unwrap();
    let twists = ledger.twists();
    for twist in twists {
        match twist {
            Twist::ForeignIssuer => members.insert("issuer".into(), "https://bank.example".into()),
            Twist::SlashedIssuer => members.insert("issuer".into(), format!("{origin}/").into()),
            Twist::NoPkce => members.remove("code_challenge_methods_supported"),
            Twist::PlainPkce => members.insert("code_challenge_methods_supported".into(), json!(["plain"])),
            Twist::NoRegistration => members.remove("registration_endpoint"),
            Twist::NoRevocation => members.remove("revocation_endpoint"),
            Twist::FileTokenEndpoint => members.insert("token_endpoint".into(), "file:///etc/passwd".into()),
            Twist::TakesProofs | Twist::IgnoresProofs => members.insert(
                "dpop_signing_alg_values_supported".into(),
                json!(["RS256", "ES256"]),
            ),
            Twist::Rs512Alone => members.insert(
                "token_endpoint_auth_signing_alg_values_supported".into(),
                json!(["RS512"]),
            ),
            Twist::SecretsOnly => members.insert(
                "token_endpoint_auth_methods_supported".into(),
                json!(["client_secret_post"]),
            ),
            _ => None,
        };
    }
    document
}

async fn register(State(ledger): State<Arc<Ledger>>, Json(mut client): Json<Value>) -> Response {
    if ledger.is(Twist::RegistrationRefused) {
        let refusal = json!({"error": "invalid_redirect_uri", "error_description": "no\u{1b}[2Jthanks"});
        return (StatusCode::BAD_REQUEST, Json(refusal)).into_response();
    }
    let mut book = ledger.book();
    let id = book.next("client");
    client["client_id"] = json!(id);
    if client["token_endpoint_auth_method"] != "none" {
        client["client_secret"] = json!("registered-secret");
    }
    book.clients.insert(id, client.clone());
    (StatusCode::CREATED, Json(client)).into_response()
}

async fn authorize(State(ledger): State<Arc<Ledger>>, Query(query): Query<Pairs>) -> Response {
    let issuer = ledger.issuer();
    let mut book = ledger.book();
    if let Some(client) = book.clients.get(&query["client_id"]) {
        let registered = client["redirect_uris"].as_array().unwrap();
        // RFC 8252 §7.3: the port of a loopback URI does not count.
        let portless = |uri: &str| uri.rsplit_once(':').map(|(host, _)| host.to_owned());
        let matches = |uri: &Value| portless(uri.as_str().unwrap()) == portless(&query["redirect_uri"]);
        assert!(registered.iter().any(matches), "{registered:?}");
    }
    assert_eq!(query["response_type"], "code");
    assert_eq!(query["code_challenge_method"], "S256");
    let code = book.next("code");
    book.codes.insert(code.clone(), query.clone());
    if query["redirect_uri"].starts_with("urn:") {
        return code.into_response();
    }
    let mut answer = form_urlencoded::Serializer::new(String::new());
    match () {
        () if ledger.is(Twist::Denial) => {
            answer
                .append_pair("error", "access_denied")
                .append_pair("error_description", "not today\u{1b}[31m");
        }
        () if ledger.is(Twist::NoCode) => {}
        () => {
            answer.append_pair("code", &code);
        }
    }
    let state = &query["state"];
    match () {
        () if ledger.is(Twist::OtherState) => answer.append_pair("state", "somebody-else's"),
        () if ledger.is(Twist::TwoStates) => answer.append_pair("state", state).append_pair("state", "x"),
        () => answer.append_pair("state", state),
    };
    match () {
        () if ledger.is(Twist::NoIss) => {}
        () if ledger.is(Twist::OtherIss) => {
            answer.append_pair("iss", "https://bank.example");
        }
        () => {
            answer.append_pair("iss", &issuer);
        }
    }
    Redirect::to(&format!("{}?{}", query["redirect_uri"], answer.finish())).into_response()
}

fn parameters(headers: &HeaderMap, body: &str) -> Pairs {
    let mut pairs: Pairs = form_urlencoded::parse(body.as_bytes()).into_owned().collect();
    if let Some(basic) = headers.get(header::AUTHORIZATION) {
        let encoded = basic.to_str().unwrap().strip_prefix("Basic ").unwrap().to_owned();
        let pair = String::from_utf8(STANDARD.decode(encoded).unwrap()).unwrap();
        pairs.insert("basic".to_owned(), pair);
    }
    pairs
}

pub(super) fn refuse(code: &str) -> Response {
    (
        StatusCode::BAD_REQUEST,
        Json(json!({"error": code, "error_description": "not so"})),
    )
        .into_response()
}

async fn token(State(ledger): State<Arc<Ledger>>, headers: HeaderMap, body: String) -> Response {
    let request = parameters(&headers, &body);
    ledger.note("token", request.clone());
    if ledger.is(Twist::TokenRedirect) {
        return Redirect::temporary("/elsewhere").into_response();
    }
    let path = if ledger.is(Twist::HostMetadata) {
        ""
    } else {
        "/mcp"
    };
    assert_eq!(request["resource"], format!("{}{path}", ledger.origin));
    if let Some(assertion) = request.get("client_assertion") {
        ledger.check_assertion(assertion);
    }
    let key = match proofs::at_token_endpoint(&ledger, &headers) {
        Ok(key) => key,
        Err(refusal) => return *refusal,
    };
    let mut book = ledger.book();
    let scope = match request["grant_type"].as_str() {
        "authorization_code" => {
            let Some(asked) = book.codes.get(&request["code"]).cloned() else {
                return refuse("invalid_grant");
            };
            let challenge = CodeChallenge::parse(&asked["code_challenge"]).unwrap();
            assert!(challenge.verify(&CodeVerifier::parse(&request["code_verifier"]).unwrap()));
            assert_eq!(request["redirect_uri"], asked["redirect_uri"]);
            let bound = asked.get("dpop_jkt").filter(|_| !ledger.is(Twist::IgnoresProofs));
            assert_eq!(key.map(|key| key.to_string()).as_ref(), bound);
            ScopeSet::parse(asked.get("scope").map_or("", String::as_str)).unwrap()
        }
        "refresh_token" if ledger.is(Twist::RefreshUnavailable) => {
            return StatusCode::SERVICE_UNAVAILABLE.into_response();
        }
        "refresh_token" if ledger.is(Twist::RefreshRefused) => return refuse("invalid_grant"),
        // Single use, without a grace window: whoever shows one twice is a thief.
        "refresh_token" => match book.refresh.remove(&request["refresh_token"]) {
            Some(granted) if granted.key == key => granted.scope,
            _ => return refuse("invalid_grant"),
        },
        "client_credentials" if ledger.is(Twist::RefreshRefused) => return refuse("unauthorized_client"),
        "client_credentials" => {
            let shown = request.get("basic").map(String::as_str);
            assert!(shown == Some("robot:a%3Asecret") || request.contains_key("client_assertion"));
            ScopeSet::parse(request.get("scope").map_or("", String::as_str)).unwrap()
        }
        "urn:ietf:params:oauth:grant-type:jwt-bearer" if ledger.is(Twist::RefreshRefused) => {
            return refuse("invalid_grant");
        }
        "urn:ietf:params:oauth:grant-type:jwt-bearer" => {
            ScopeSet::parse(request.get("scope").map_or("", String::as_str)).unwrap()
        }
        other => panic!("{other}"),
    };
    let scope = if ledger.is(Twist::NoMoreScopes) {
        scope.intersection(&ScopeSet::parse("mcp:read offline_access").unwrap())
    } else {
        scope
    };
    let (access, refresh) = (book.next("access"), book.next("refresh"));
    let granted = Granted { scope, key };
    book.access.insert(access.clone(), granted.clone());
    book.refresh.insert(refresh.clone(), granted.clone());
    let bound = key.is_some() || ledger.is(Twist::DpopToken);
    let mut answer = json!({
        "access_token": access,
        "token_type": if bound { "DPoP" } else { "bearer" },
        "expires_in": 3600,
        "refresh_token": refresh,
        "scope": granted.scope,
    });
    if ledger.is(Twist::NoRefreshToken) {
        answer.as_object_mut().unwrap().remove("refresh_token");
    }
    if ledger.is(Twist::TokenInClearText) {
        return format!("access_token={access}&scope=x").into_response();
    }
    Json(answer).into_response()
}

async fn revoke(State(ledger): State<Arc<Ledger>>, headers: HeaderMap, body: String) -> Response {
    let request = parameters(&headers, &body);
    if let Some(assertion) = request.get("client_assertion") {
        ledger.check_assertion(assertion);
    }
    let mut book = ledger.book();
    if ledger.is(Twist::RevocationFails) {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    if book.refresh.remove(&request["token"]).is_some() {
        book.access.clear();
    }
    book.requests.push(("revoke".to_owned(), request));
    StatusCode::OK.into_response()
}

/// Where no client must follow: notes what it was given.
async fn elsewhere(State(ledger): State<Arc<Ledger>>, body: String) {
    let mut note = String::new();
    write!(note, "{body}").unwrap();
    ledger
        .book()
        .requests
        .push(("elsewhere".to_owned(), Pairs::from([("body".to_owned(), note)])));
}
