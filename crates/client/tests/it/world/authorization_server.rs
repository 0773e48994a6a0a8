//! A small authorization server: strict about what clients must do, and twisted where a test says so.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, MutexGuard};

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

use super::Twist;

type Pairs = BTreeMap<String, String>;

/// What the servers remember.
pub(crate) struct Ledger {
    pub(super) origin: String,
    twists: Mutex<BTreeSet<Twist>>,
    book: Mutex<Book>,
}

#[derive(Default)]
struct Book {
    serial: u32,
    clients: HashMap<String, Value>,
    codes: HashMap<String, Pairs>,
    access: HashMap<String, ScopeSet>,
    refresh: HashMap<String, ScopeSet>,
    requests: Vec<(String, Pairs)>,
}

impl Ledger {
    pub(super) fn new(origin: String, twists: BTreeSet<Twist>) -> Self {
        Self {
            origin,
            twists: Mutex::new(twists),
            book: Mutex::default(),
        }
    }

    pub(super) fn is(&self, twist: Twist) -> bool {
        self.twists.lock().unwrap().contains(&twist)
    }

    /// Where the servers are.
    pub(crate) fn origin(&self) -> &str {
        &self.origin
    }

    /// The metadata of the clients that registered.
    pub(crate) fn clients(&self) -> Vec<Value> {
        self.book().clients.values().cloned().collect()
    }

    /// From now on the world has this twist too.
    pub(crate) fn add(&self, twist: Twist) {
        self.twists.lock().unwrap().insert(twist);
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap()
    }

    fn issuer(&self) -> String {
        if self.is(Twist::IssuerWithPath) {
            format!("{}/tenant", self.origin)
        } else {
            self.origin.clone()
        }
    }

    /// All requests to `endpoint` so far, with their parameters.
    pub(crate) fn requests(&self, endpoint: &str) -> Vec<Pairs> {
        let book = self.book();
        book.requests
            .iter()
            .filter(|(name, _)| name == endpoint)
            .map(|(_, pairs)| pairs.clone())
            .collect()
    }

    /// The refreshes so far.
    pub(crate) fn refreshes(&self) -> usize {
        self.requests("token")
            .iter()
            .filter(|pairs| pairs["grant_type"] == "refresh_token")
            .count()
    }

    /// Access tokens are no longer good, as when their key has gone.
    pub(crate) fn forget_access_tokens(&self) {
        self.book().access.clear();
    }

    /// Every secret that went over the wire.
    pub(crate) fn secrets(&self) -> Vec<String> {
        let book = self.book();
        book.access
            .keys()
            .chain(book.refresh.keys())
            .chain(book.codes.keys())
            .cloned()
            .collect()
    }

    pub(super) fn scope_of(&self, token: &str) -> Option<ScopeSet> {
        self.book()
            .access
            .get(token)
            .cloned()
            .filter(|_| !self.is(Twist::TokensNeverGood))
    }
}

impl Book {
    fn next(&mut self, what: &str) -> String {
        self.serial += 1;
        format!("{what}-{}", self.serial)
    }
}

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
        "token_endpoint_auth_methods_supported": ["none", "client_secret_basic", "tls_client_auth"],
        "scopes_supported": ["mcp:read", "mcp:write", "offline_access"],
        "authorization_response_iss_parameter_supported": true,
    });
    let members = document.as_object_mut().unwrap();
    let twists = ledger.twists.lock().unwrap().clone();
    for twist in twists {
        match twist {
            Twist::ForeignIssuer => members.insert("issuer".into(), "https://bank.example".into()),
            Twist::SlashedIssuer => members.insert("issuer".into(), format!("{origin}/").into()),
            Twist::NoPkce => members.remove("code_challenge_methods_supported"),
            Twist::PlainPkce => members.insert("code_challenge_methods_supported".into(), json!(["plain"])),
            Twist::NoRegistration => members.remove("registration_endpoint"),
            Twist::NoRevocation => members.remove("revocation_endpoint"),
            Twist::FileTokenEndpoint => members.insert("token_endpoint".into(), "file:///etc/passwd".into()),
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

fn refuse(code: &str) -> Response {
    (
        StatusCode::BAD_REQUEST,
        Json(json!({"error": code, "error_description": "not so"})),
    )
        .into_response()
}

async fn token(State(ledger): State<Arc<Ledger>>, headers: HeaderMap, body: String) -> Response {
    let request = parameters(&headers, &body);
    let mut book = ledger.book();
    book.requests.push(("token".to_owned(), request.clone()));
    if ledger.is(Twist::TokenRedirect) {
        return Redirect::temporary("/elsewhere").into_response();
    }
    let path = if ledger.is(Twist::HostMetadata) {
        ""
    } else {
        "/mcp"
    };
    assert_eq!(request["resource"], format!("{}{path}", ledger.origin));
    let scope = match request["grant_type"].as_str() {
        "authorization_code" => {
            let Some(asked) = book.codes.get(&request["code"]).cloned() else {
                return refuse("invalid_grant");
            };
            let challenge = CodeChallenge::parse(&asked["code_challenge"]).unwrap();
            assert!(challenge.verify(&CodeVerifier::parse(&request["code_verifier"]).unwrap()));
            assert_eq!(request["redirect_uri"], asked["redirect_uri"]);
            ScopeSet::parse(asked.get("scope").map_or("", String::as_str)).unwrap()
        }
        "refresh_token" if ledger.is(Twist::RefreshUnavailable) => {
            return StatusCode::SERVICE_UNAVAILABLE.into_response();
        }
        "refresh_token" if ledger.is(Twist::RefreshRefused) => return refuse("invalid_grant"),
        // Single use, without a grace window: whoever shows one twice is a thief.
        "refresh_token" => match book.refresh.remove(&request["refresh_token"]) {
            Some(scope) => scope,
            None => return refuse("invalid_grant"),
        },
        "client_credentials" if ledger.is(Twist::RefreshRefused) => return refuse("unauthorized_client"),
        "client_credentials" => {
            assert_eq!(request["basic"], "robot:a%3Asecret");
            ScopeSet::parse(request.get("scope").map_or("", String::as_str)).unwrap()
        }
        other => panic!("{other}"),
    };
    let granted = if ledger.is(Twist::NoMoreScopes) {
        scope.intersection(&ScopeSet::parse("mcp:read offline_access").unwrap())
    } else {
        scope
    };
    let (access, refresh) = (book.next("access"), book.next("refresh"));
    book.access.insert(access.clone(), granted.clone());
    book.refresh.insert(refresh.clone(), granted.clone());
    let mut answer = json!({
        "access_token": access,
        "token_type": if ledger.is(Twist::DpopToken) { "DPoP" } else { "bearer" },
        "expires_in": 3600,
        "refresh_token": refresh,
        "scope": granted,
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
