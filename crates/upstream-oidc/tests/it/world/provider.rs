//! A provider that does what it is told, right or wrong.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};

use super::{Signer, claims_of, pairs};

/// What the provider does.
pub(crate) struct Behaviour {
    pub(crate) metadata: Value,
    pub(crate) keys: Vec<Value>,
    pub(crate) signer: Arc<Signer>,
    pub(crate) header: Value,
    pub(crate) claims: Value,
    /// An ID token to give instead of a signed one.
    pub(crate) id_token: Option<String>,
    /// What the token answer holds besides.
    pub(crate) answer: Value,
    pub(crate) userinfo: Value,
    /// Answers to give instead, by path.
    pub(crate) instead: BTreeMap<&'static str, Canned>,
    /// Paths that never answer.
    pub(crate) hanging: BTreeSet<&'static str>,
}

/// An answer that is always the same.
#[derive(Debug, Clone)]
pub(crate) struct Canned {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
}

impl Canned {
    pub(crate) fn new(status: u16, body: impl Into<Vec<u8>>) -> Self {
        let headers = vec![("content-type", "application/json".to_owned())];
        Self {
            status,
            headers,
            body: body.into(),
        }
    }

    pub(crate) fn with_header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.retain(|(other, _)| *other != name);
        self.headers.push((name, value.into()));
        self
    }
}

/// A request that came in.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) path: String,
    pub(crate) query: BTreeMap<String, String>,
    pub(crate) form: BTreeMap<String, String>,
    pub(crate) headers: HeaderMap,
}

/// The provider.
pub(crate) struct UpstreamProvider {
    address: String,
    behaviour: Mutex<Behaviour>,
    seen: Mutex<Vec<Seen>>,
}

impl UpstreamProvider {
    pub(crate) async fn start() -> Arc<Self> {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let signer = Arc::new(Signer::new("key-1", "ES256"));
        let behaviour = Behaviour {
            metadata: json!({
                "issuer": address,
                "authorization_endpoint": format!("{address}/authorize"),
                "token_endpoint": format!("{address}/token"),
                "jwks_uri": format!("{address}/keys"),
                "userinfo_endpoint": format!("{address}/userinfo"),
                "end_session_endpoint": format!("{address}/logout"),
            }),
            keys: vec![signer.jwk()],
            header: signer.header(),
            signer,
            claims: claims_of(&address),
            id_token: None,
            answer: json!({"access_token": "an-access-token", "token_type": "Bearer", "expires_in": 3600}),
            userinfo: json!({"sub": "alice"}),
            instead: BTreeMap::new(),
            hanging: BTreeSet::new(),
        };
        let provider = Arc::new(Self {
            address,
            behaviour: Mutex::new(behaviour),
            seen: Mutex::default(),
        });
        let app = Router::new().fallback(answer).with_state(Arc::clone(&provider));
        tokio::spawn(async move { axum::serve(listener, app).await });
        provider
    }

    pub(crate) fn issuer(&self) -> String {
        self.address.clone()
    }

    /// Tells the provider to do otherwise.
    pub(crate) fn change(&self, change: impl FnOnce(&mut Behaviour)) {
        change(&mut self.behaviour.lock().unwrap());
    }

    /// Signs with another key from now on, and publishes that one alone.
    pub(crate) fn rotate_to(&self, signer: Signer) -> Arc<Signer> {
        let signer = Arc::new(signer);
        self.change(|behaviour| {
            behaviour.keys = vec![signer.jwk()];
            behaviour.header = signer.header();
            behaviour.signer = Arc::clone(&signer);
        });
        signer
    }

    /// The requests to this path so far.
    pub(crate) fn seen(&self, path: &str) -> Vec<Seen> {
        let seen = self.seen.lock().unwrap();
        seen.iter().filter(|seen| seen.path == path).cloned().collect()
    }

    /// A token signed by the provider's key.
    pub(crate) fn sign(&self, header: &Value, claims: &Value) -> String {
        let signer = Arc::clone(&self.behaviour.lock().unwrap().signer);
        signer.sign(header, claims)
    }
}

async fn answer(State(provider): State<Arc<UpstreamProvider>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body: Bytes = axum::body::to_bytes(body, 1 << 20).await.unwrap();
    let path = parts.uri.path().to_owned();
    provider.seen.lock().unwrap().push(Seen {
        path: path.clone(),
        query: pairs(parts.uri.query().unwrap_or_default()),
        form: pairs(std::str::from_utf8(&body).unwrap_or_default()),
        headers: parts.headers,
    });
    let hangs = provider.behaviour.lock().unwrap().hanging.contains(path.as_str());
    if hangs {
        std::future::pending::<()>().await;
    }
    let behaviour = provider.behaviour.lock().unwrap();
    if let Some(canned) = behaviour.instead.get(path.as_str()) {
        let mut response = canned.body.clone().into_response();
        *response.status_mut() = StatusCode::from_u16(canned.status).unwrap();
        response.headers_mut().clear();
        for (name, value) in &canned.headers {
            response.headers_mut().insert(*name, value.parse().unwrap());
        }
        return response;
    }
    match path.as_str() {
        "/.well-known/openid-configuration" => axum::Json(behaviour.metadata.clone()).into_response(),
        "/keys" => axum::Json(json!({"keys": behaviour.keys})).into_response(),
        "/token" => {
            let id_token = behaviour
                .id_token
                .clone()
                .unwrap_or_else(|| behaviour.signer.sign(&behaviour.header, &behaviour.claims));
            let mut answer = json!({"id_token": id_token});
            super::merge(&mut answer, behaviour.answer.clone());
            axum::Json(answer).into_response()
        }
        "/userinfo" => axum::Json(behaviour.userinfo.clone()).into_response(),
        "/par" => (
            StatusCode::CREATED,
            axum::Json(json!({"request_uri": "urn:example:pushed", "expires_in": 60})),
        )
            .into_response(),
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}
