//! A small OpenID Provider that tells the truth until it is told not to.

mod claims;
mod endpoint;
mod key;
mod lie;
mod person;
mod register;
mod routes;
mod shape;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::Value;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use url::Url;

use crate::sample::{CLIENT_ID, CLIENT_SECRET, PKCE_VERIFIER};

pub use endpoint::{Endpoint, Failure};
pub use lie::Lie;
pub use person::Person;
pub use shape::{Algorithm, Shape};

use register::Register;

/// A running upstream on a free port of this machine, stopped when it is dropped.
pub struct Upstream {
    books: Arc<Books>,
    server: JoinHandle<()>,
}

/// What the routes and the laws share.
struct Books {
    origin: String,
    issuer: String,
    shape: Shape,
    register: Mutex<Register>,
}

impl Books {
    fn open(&self) -> MutexGuard<'_, Register> {
        self.register.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.origin)
    }
}

impl Upstream {
    /// Starts an upstream of this shape.
    pub async fn start(shape: Shape) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
        let address = listener.local_addr().expect("a bound listener has an address");
        let origin = format!("http://{address}");
        let issuer = format!("{origin}{}", shape.issuer_path);
        let books = Arc::new(Books {
            register: Mutex::new(Register::new(&shape, &issuer)),
            issuer,
            shape,
            origin,
        });
        let router = routes::router(Arc::clone(&books));
        let server = tokio::spawn(async move {
            axum::serve(listener, router).await.expect("the upstream serves");
        });
        Self { books, server }
    }

    /// The issuer, as tokens and the metadata name it.
    pub fn issuer(&self) -> &str {
        &self.books.issuer
    }

    /// Scheme, host and port, without a trailing slash.
    pub fn origin(&self) -> &str {
        &self.books.origin
    }

    /// The address of an endpoint.
    pub fn endpoint(&self, endpoint: Endpoint) -> String {
        self.books.url(self.books.shape.path(endpoint))
    }

    /// From now on tells this lie, in every ID token and answer that it fits.
    pub fn lie(&self, lie: Lie) {
        self.books.open().lie = Some(lie);
    }

    /// From now on tells the truth, and answers everywhere.
    pub fn mend(&self) {
        let mut register = self.books.open();
        register.lie = None;
        register.failures.clear();
    }

    /// From now on fails at this endpoint.
    pub fn fail(&self, endpoint: Endpoint, failure: Failure) {
        self.books.open().failures.insert(endpoint, failure);
    }

    /// Stops listening: from now on connections are refused.
    pub async fn stop(&mut self) {
        self.server.abort();
        // It was aborted, so there is nothing to hear of it.
        let _ = (&mut self.server).await;
    }

    /// Signs with a new key from now on, and withdraws the old one.
    pub fn rotate_keys(&self) {
        self.books.open().rotate();
    }

    /// Changes the user.
    pub fn change_user(&self, change: impl FnOnce(&mut Person)) {
        change(&mut self.books.open().person);
    }

    /// How often an endpoint was called.
    pub fn calls(&self, endpoint: Endpoint) -> usize {
        self.books.open().calls.get(&endpoint).copied().unwrap_or(0)
    }

    /// What the authorization endpoint makes of this address: the parameters, also those that were pushed.
    pub fn authorization_request(&self, url: &Url) -> BTreeMap<String, String> {
        let expected = self.endpoint(Endpoint::Authorization);
        let (place, _) = url.as_str().split_once('?').unwrap_or((url.as_str(), ""));
        assert_eq!(place, expected, "the browser is sent elsewhere");
        let mut parameters: BTreeMap<String, String> = url.query_pairs().into_owned().collect();
        if let Some(handle) = parameters.get("request_uri") {
            let pushed = self.books.open().pushed.remove(handle);
            parameters.extend(pushed.expect("a request that was pushed, and not used yet"));
        }
        parameters
    }

    /// The user logs in and allows: what the browser brings back.
    pub fn allow(&self, url: &Url) -> BTreeMap<String, String> {
        let request = self.authorization_request(url);
        let state = request.get("state").cloned();
        let mut register = self.books.open();
        let issuer = match register.lie {
            Some(Lie::AnotherIssuerInTheResponse) => Some(format!("{}/another", self.issuer())),
            Some(Lie::NoIssuerInTheResponse) => None,
            _ => Some(self.issuer().to_owned()),
        };
        let code = register.issue_code(request);
        let mut reply = BTreeMap::from([("code".to_owned(), code)]);
        reply.extend(state.map(|state| ("state".to_owned(), state)));
        reply.extend(issuer.map(|issuer| ("iss".to_owned(), issuer)));
        reply
    }

    /// The upstream sends the browser back with an error.
    pub fn refuse(&self, url: &Url, error: &str, description: &str) -> BTreeMap<String, String> {
        let request = self.authorization_request(url);
        let mut reply = BTreeMap::from([
            ("error".to_owned(), error.to_owned()),
            ("error_description".to_owned(), description.to_owned()),
            ("iss".to_owned(), self.issuer().to_owned()),
        ]);
        reply.extend(
            request
                .get("state")
                .map(|state| ("state".to_owned(), state.clone())),
        );
        reply
    }

    /// An ID token for a login with this nonce, told as the current lie has it.
    pub fn id_token(&self, nonce: Option<&str>) -> String {
        let mut register = self.books.open();
        let claims = claims::of_login(&self.books, &register, nonce, None);
        register.sign("JWT", claims)
    }

    /// A logout token of the user's login, told as the current lie has it and then changed.
    pub fn logout_token(&self, change: impl FnOnce(&mut serde_json::Map<String, Value>)) -> String {
        let mut register = self.books.open();
        let mut claims = claims::of_logout(&self.books, &register);
        change(&mut claims);
        register.sign("logout+jwt", claims)
    }

    /// Insists that a text holds no credential that was ever issued, nor the client's own.
    pub fn assert_no_secret_in(&self, text: &str) {
        let register = self.books.open();
        let own = [CLIENT_SECRET, PKCE_VERIFIER];
        for secret in own
            .iter()
            .copied()
            .chain(register.issued.iter().map(String::as_str))
        {
            assert!(!text.contains(secret), "{secret} stands in {text}");
        }
    }
}

impl Drop for Upstream {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// The client of every login.
fn client_id() -> Value {
    Value::from(CLIENT_ID)
}
