//! A server that answers as it is told, and remembers what it was asked.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode, Uri};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use vestibule_provider_firebase::Endpoints;

/// What it was asked.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) referer: String,
    pub(crate) authorization: String,
    pub(crate) body: String,
}

#[derive(Debug, Clone)]
struct Answer {
    status: StatusCode,
    headers: Vec<(&'static str, String)>,
    body: String,
}

#[derive(Debug, Default)]
struct Kept {
    answers: BTreeMap<&'static str, Answer>,
    calls: Vec<Call>,
}

/// A running server; it ends with the test's runtime.
#[derive(Debug, Clone)]
pub(crate) struct Google {
    address: String,
    kept: Arc<Mutex<Kept>>,
}

pub(crate) const KEYS: &str = "/keys";
pub(crate) const REFRESH: &str = "/v1/token";
pub(crate) const PASSWORD: &str = "/v1/accounts:signInWithPassword";
pub(crate) const SECOND_FACTOR: &str = "/v2/accounts/mfaSignIn:finalize";
pub(crate) const PROJECT: &str = "/v1/projects";
pub(crate) const TOKEN: &str = "/token";
pub(crate) const LOOKUP: &str = "/v1/projects/demo-project/accounts:lookup";

impl Google {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("a bound listener has an address");
        let kept = Arc::<Mutex<Kept>>::default();
        let app = Router::new().fallback(answer).with_state(Arc::clone(&kept));
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self {
            address: format!("http://{address}"),
            kept,
        }
    }

    pub(crate) fn endpoints(&self) -> Endpoints {
        Endpoints {
            identity_toolkit: self.address.clone(),
            secure_token: self.address.clone(),
            keys: format!("{}{KEYS}", self.address),
            token: format!("{}{TOKEN}", self.address),
        }
    }

    /// Answers a path with this from now on.
    pub(crate) fn answers(&self, path: &'static str, status: u16, body: &Value) {
        self.answers_with(path, status, &[], body.to_string());
    }

    pub(crate) fn answers_with(
        &self,
        path: &'static str,
        status: u16,
        headers: &[(&'static str, &str)],
        body: String,
    ) {
        let headers = headers
            .iter()
            .map(|(name, value)| (*name, (*value).to_owned()))
            .collect();
        let status = StatusCode::from_u16(status).expect("a status");
        let answer = Answer {
            status,
            headers,
            body,
        };
        self.locked().answers.insert(path, answer);
    }

    /// Refuses a path with this reason from now on, as Firebase does.
    pub(crate) fn refuses(&self, path: &'static str, reason: &str) {
        let body = json!({"error": {"code": 400, "message": reason, "errors": [{"message": reason}]}});
        self.answers(path, 400, &body);
    }

    /// What a path was asked, in order.
    pub(crate) fn calls(&self, path: &str) -> Vec<Call> {
        let kept = self.locked();
        kept.calls
            .iter()
            .filter(|call| call.path == path)
            .cloned()
            .collect()
    }

    fn locked(&self) -> std::sync::MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn answer(State(kept): State<Arc<Mutex<Kept>>>, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
    let header = |name: &str| {
        let value = headers.get(name).and_then(|value| value.to_str().ok());
        value.unwrap_or_default().to_owned()
    };
    kept.calls.push(Call {
        path: uri.path().to_owned(),
        query: uri.query().unwrap_or_default().to_owned(),
        referer: header("referer"),
        authorization: header("authorization"),
        body: String::from_utf8_lossy(&body).into_owned(),
    });
    let Some(answer) = kept.answers.get(uri.path()) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let mut response = (answer.status, answer.body.clone()).into_response();
    for (name, value) in &answer.headers {
        response
            .headers_mut()
            .insert(*name, value.parse().expect("a header's value"));
    }
    response
}
