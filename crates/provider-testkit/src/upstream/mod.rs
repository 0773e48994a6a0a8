//! A small identity provider that tells the truth until it is told not to.

mod back;
mod claims;
mod endpoint;
mod key;
mod lie;
mod openid;
mod person;
mod posted;
mod register;
mod rest;
mod routes;
mod shape;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::Value;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::sample::{CLIENT_SECRET, PASSWORD, PKCE_VERIFIER};

pub use endpoint::{Endpoint, Failure};
pub use lie::Lie;
pub use person::Person;
pub use shape::{Algorithm, Dialect, Shape};

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
        let issuer = match shape.issuer {
            Some(issuer) => issuer.to_owned(),
            None => format!("{origin}{}", shape.issuer_path),
        };
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

    /// An ID token for a login with this nonce, told as the current lie has it.
    pub fn id_token(&self, nonce: Option<&str>) -> String {
        let mut register = self.books.open();
        let claims = claims::of_login(&self.books, &register, nonce, None);
        register.sign("JWT", claims)
    }

    /// What a page has after its user signed in at the upstream: an ID token, told as the current lie has it, and a refresh token.
    pub fn sign_in(&self) -> (Option<String>, String) {
        let mut register = self.books.open();
        let (_, refresh_token) = register.issue_tokens();
        let claims = claims::of_login(&self.books, &register, None, None);
        let id_token = (register.lie != Some(Lie::NoIdToken)).then(|| register.sign("JWT", claims));
        (id_token, refresh_token)
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
        let own = [CLIENT_SECRET, PASSWORD, PKCE_VERIFIER];
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
