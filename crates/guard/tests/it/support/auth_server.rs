use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};

use async_trait::async_trait;
use bytes::Bytes;
use http::header::{AUTHORIZATION, ETAG, IF_NONE_MATCH};
use http::{HeaderValue, Request, Response, StatusCode};
use serde_json::{Value, json};
use url::form_urlencoded;
use vestibule_guard::{Clock, Fetch, FetchError};
use vestibule_jose::{Algorithm, Jwks, SigningKey, Status, StatusList, TokenType};

use super::{LIST, TestClock, Token};

/// A small authorization server: metadata, keys, one status list, introspection. It counts what it is asked, and can be away.
#[derive(Clone)]
pub(crate) struct AuthServer {
    issuer: String,
    clock: TestClock,
    state: Arc<Mutex<State>>,
}

pub(crate) struct State {
    /// The keys that it publishes, of which it signs with the first.
    pub(crate) keys: Vec<SigningKey>,
    pub(crate) statuses: StatusList,
    /// For how long a status list counts, in seconds.
    pub(crate) list_life: i64,
    /// What the status list claims to be about, where that is not its own URI.
    pub(crate) list_subject: Option<String>,
    /// What is added to the metadata, or replaced in it.
    pub(crate) metadata: Value,
    /// What introspection says of each token.
    pub(crate) introspection: HashMap<String, Value>,
    pub(crate) is_away: bool,
    asked: HashMap<String, usize>,
    /// How often it was asked for a list that had not changed.
    pub(crate) unchanged: usize,
}

impl AuthServer {
    pub(crate) fn new(issuer: &str, clock: TestClock) -> Self {
        let state = State {
            keys: vec![Self::first_key()],
            statuses: StatusList::all_valid(LIST),
            list_life: 300,
            list_subject: None,
            metadata: json!({}),
            introspection: HashMap::new(),
            is_away: false,
            asked: HashMap::new(),
            unchanged: 0,
        };
        Self {
            issuer: issuer.to_owned(),
            clock,
            state: Arc::new(Mutex::new(state)),
        }
    }

    pub(crate) fn first_key() -> SigningKey {
        key(include_str!("../keys/first.pem"))
    }

    pub(crate) fn second_key() -> SigningKey {
        key(include_str!("../keys/second.pem"))
    }

    /// A key that is not this server's.
    pub(crate) fn strangers_key() -> SigningKey {
        key(include_str!("../keys/stranger.pem"))
    }

    pub(crate) fn issuer(&self) -> &str {
        &self.issuer
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    pub(crate) fn go_away(&self) {
        self.state().is_away = true;
    }

    pub(crate) fn come_back(&self) {
        self.state().is_away = false;
    }

    pub(crate) fn rotate_to(&self, key: SigningKey) {
        self.state().keys.insert(0, key);
    }

    pub(crate) fn revoke(&self, index: u32) {
        self.state().statuses.set(index, Status::Invalid).unwrap();
    }

    /// How often a path was asked for.
    pub(crate) fn asked(&self, path: &str) -> usize {
        self.state().asked.get(path).copied().unwrap_or_default()
    }

    /// A good access token.
    pub(crate) fn token(&self) -> Token {
        Token::new(&self.issuer, self.clock.now().as_secs())
    }

    pub(crate) fn sign(&self, token: &Token) -> String {
        token.sign(&self.state().keys[0])
    }

    pub(crate) fn answer(&self, request: &Request<Bytes>) -> Response<Bytes> {
        let path = request.uri().path().to_owned();
        *self.state().asked.entry(path.clone()).or_default() += 1;
        let own_path = self.issuer.splitn(4, '/').nth(3).map(|path| format!("/{path}"));
        let own_path = own_path.unwrap_or_default();
        if path == format!("/.well-known/oauth-authorization-server{own_path}") {
            return json_answer(&self.metadata());
        }
        match path.strip_prefix(own_path.as_str()) {
            Some("/oauth/keys") => json_answer(&self.jwks()),
            Some("/oauth/status/1") => self.status_list(request),
            Some("/oauth/introspect") => self.introspect(request),
            _ => empty(StatusCode::NOT_FOUND),
        }
    }

    fn metadata(&self) -> Value {
        let mut metadata = json!({
            "issuer": self.issuer,
            "jwks_uri": format!("{}/oauth/keys", self.issuer),
            "introspection_endpoint": format!("{}/oauth/introspect", self.issuer),
        });
        for (name, value) in self.state().metadata.as_object().unwrap() {
            metadata[name] = value.clone();
        }
        metadata
    }

    fn jwks(&self) -> Value {
        let keys = self
            .state()
            .keys
            .iter()
            .map(|key| key.public_jwk().clone())
            .collect();
        serde_json::to_value(Jwks::new(keys)).unwrap()
    }

    fn status_list(&self, request: &Request<Bytes>) -> Response<Bytes> {
        let mut state = self.state();
        let lst = state.statuses.encode();
        let etag = HeaderValue::from_str(&format!("\"{lst}\"")).unwrap();
        if request.headers().get(IF_NONE_MATCH) == Some(&etag) {
            state.unchanged += 1;
            return empty(StatusCode::NOT_MODIFIED);
        }
        let now = self.clock.now().as_secs();
        let uri = format!("{}/oauth/status/1", self.issuer);
        let claims = json!({
            "iss": self.issuer,
            "sub": state.list_subject.clone().unwrap_or(uri),
            "iat": now,
            "exp": now + state.list_life,
            "ttl": 10,
            "status_list": { "bits": 1, "lst": lst },
        });
        let token = state.keys[0].sign(TokenType::StatusList, &claims).unwrap();
        let mut response = Response::new(Bytes::from(token));
        response.headers_mut().insert(ETAG, etag);
        response
    }

    fn introspect(&self, request: &Request<Bytes>) -> Response<Bytes> {
        // `resource-server` and `s:cret`, each form-encoded.
        let expected = "Basic cmVzb3VyY2Utc2VydmVyOnMlM0FjcmV0";
        if request.headers().get(AUTHORIZATION).map(HeaderValue::as_bytes) != Some(expected.as_bytes()) {
            return empty(StatusCode::UNAUTHORIZED);
        }
        let form: HashMap<_, _> = form_urlencoded::parse(request.body()).into_owned().collect();
        let known = self.state().introspection.get(&form["token"]).cloned();
        json_answer(&known.unwrap_or_else(|| json!({ "active": false })))
    }
}

#[async_trait]
impl Fetch for AuthServer {
    async fn fetch(&self, request: Request<Bytes>) -> Result<Response<Bytes>, FetchError> {
        let uri = request.uri().to_string();
        if self.state().is_away || !uri.starts_with(&self.origin()) {
            *self.state().asked.entry(uri).or_default() += 1;
            return Err(FetchError::Unreachable("nobody is at home".into()));
        }
        Ok(self.answer(&request))
    }
}

impl AuthServer {
    fn origin(&self) -> String {
        self.issuer.splitn(4, '/').take(3).collect::<Vec<_>>().join("/")
    }
}

fn key(pem: &str) -> SigningKey {
    SigningKey::from_pkcs8_pem(Algorithm::Es256, pem).unwrap()
}

fn json_answer(value: &Value) -> Response<Bytes> {
    Response::new(Bytes::from(value.to_string()))
}

fn empty(status: StatusCode) -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = status;
    response
}
