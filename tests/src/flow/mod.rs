//! One walk of the authorization code grant, a step a line.

mod answer;
mod visit;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use url::Url;

use crate::browser::{Answer, Browser, parse};
use crate::page::Page;
use crate::program::Program;
use crate::upstream::Upstream;
use crate::wire::{client, with_form};

/// The callback of a client on this computer, on a port that nobody listens on: the drivers read
/// the redirect and don't follow it there.
const CALLBACK: &str = "http://127.0.0.1:33418/callback";

/// A walk that has not begun: what the client will register and ask for.
///
/// ```no_run
/// # use vestibule_tests::{Flow, Program};
/// let program = Program::start();
/// let tokens = Flow::new(&program).register().authorize().log_in_as("alice", "password123").approve().redeem();
/// ```
#[derive(Debug, Clone)]
pub struct Flow<'p> {
    program: &'p Program,
    metadata: Map<String, Value>,
    request: Vec<(String, String)>,
    redirect_uri: String,
}

/// A client that the broker knows, ready to send a person to it.
#[derive(Debug, Clone)]
pub struct Client<'p> {
    flow: Flow<'p>,
    id: String,
    secret: Option<String>,
}

/// A person's visit at the broker, on the page that it has come to.
#[derive(Debug, Clone)]
pub struct Visit<'p> {
    client: Client<'p>,
    browser: Browser,
    answer: Answer,
    state: String,
    verifier: String,
}

/// The person is back at the client, with what the broker said.
#[derive(Debug, Clone)]
pub struct Callback<'p> {
    client: Client<'p>,
    browser: Browser,
    redirect: Url,
    state: String,
    verifier: String,
}

/// The tokens of a walk that has ended well.
#[derive(Debug, Clone)]
pub struct Tokens<'p> {
    client: Client<'p>,
    body: Value,
}

impl<'p> Flow<'p> {
    /// A native client that asks for the demo's MCP server.
    pub fn new(program: &'p Program) -> Self {
        let metadata = json!({
            "client_name": "A test",
            "grant_types": ["authorization_code", "refresh_token"],
            "response_types": ["code"],
            "token_endpoint_auth_method": "none",
        });
        let Value::Object(metadata) = metadata else {
            unreachable!("written as an object")
        };
        Self {
            program,
            metadata,
            request: vec![("resource".to_owned(), program.mcp().to_owned())],
            redirect_uri: CALLBACK.to_owned(),
        }
    }

    /// Registers with this member in the client's metadata.
    #[must_use]
    pub fn metadata(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.metadata.insert(name.to_owned(), value.into());
        self
    }

    /// Comes back to this redirect URI.
    #[must_use]
    pub fn redirect_uri(mut self, uri: &str) -> Self {
        uri.clone_into(&mut self.redirect_uri);
        self
    }

    /// Asks for these scopes instead of the default ones.
    #[must_use]
    pub fn scope(self, scope: &str) -> Self {
        self.with("scope", scope)
    }

    /// Sends this parameter to the authorize endpoint, in place of one of the same name.
    #[must_use]
    pub fn with(self, name: &str, value: &str) -> Self {
        let mut flow = self.without(name);
        flow.request.push((name.to_owned(), value.to_owned()));
        flow
    }

    /// Leaves a parameter out.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.request.retain(|(of, _)| of != name);
        self
    }

    /// Registers the client dynamically.
    pub fn register(mut self) -> Client<'p> {
        let uri = self.redirect_uri.clone();
        self.metadata
            .entry("redirect_uris")
            .or_insert_with(|| json!([uri]));
        let url = self.program.url("/oauth/register");
        let request = client().post(&url).json(&Value::Object(self.metadata.clone()));
        let answer = Answer::of(request, parse(&url));
        assert_eq!(answer.status(), 201, "registration: {}", answer.body());
        let body = answer.json();
        let member = |name: &str| body.get(name).and_then(Value::as_str).map(str::to_owned);
        Client {
            id: member("client_id").unwrap_or_else(|| panic!("no client_id in {body}")),
            secret: member("client_secret"),
            flow: self,
        }
    }

    /// Comes as a client that the broker knows already.
    pub fn as_client(self, id: &str, secret: Option<&str>) -> Client<'p> {
        Client {
            flow: self,
            id: id.to_owned(),
            secret: secret.map(str::to_owned),
        }
    }
}

impl<'p> Client<'p> {
    /// The client's identifier.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The client's secret, where it has one.
    pub fn secret(&self) -> Option<&str> {
        self.secret.as_deref()
    }

    /// Sends this parameter to the authorize endpoint, in place of one of the same name.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.flow = self.flow.with(name, value);
        self
    }

    /// Sends a new person to the authorize endpoint.
    pub fn authorize(self) -> Visit<'p> {
        self.authorize_in(&Browser::new())
    }

    /// Sends a person to the authorize endpoint in a browser that may have been there before.
    pub fn authorize_in(self, browser: &Browser) -> Visit<'p> {
        let (state, verifier) = (random(), random());
        let challenge = challenge(&verifier);
        let mut parameters = vec![
            ("response_type", "code"),
            ("client_id", &self.id),
            ("redirect_uri", &self.flow.redirect_uri),
            ("state", &state),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ];
        parameters.retain(|(name, _)| self.flow.request.iter().all(|(other, _)| other != name));
        let mut url = parse(&self.flow.program.url("/oauth/authorize"));
        url.query_pairs_mut()
            .extend_pairs(parameters)
            .extend_pairs(&self.flow.request);
        Visit {
            answer: browser.follow(browser.open(url.as_str())),
            browser: browser.clone(),
            client: self,
            state,
            verifier,
        }
    }

    /// Posts to an endpoint that clients authenticate at, as this client.
    pub fn post(&self, path: &str, data: &[(&str, &str)]) -> Answer {
        let url = self.flow.program.url(path);
        let mut request = client().post(&url);
        let mut data = data.to_vec();
        match &self.secret {
            Some(secret) => request = request.basic_auth(encoded(&self.id), Some(encoded(secret))),
            None => data.push(("client_id", &self.id)),
        }
        Answer::of(with_form(request, &data), parse(&url))
    }
}

pub(crate) fn random() -> String {
    URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>())
}

pub(crate) fn challenge(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(verifier))
}

/// RFC 6749 §2.3.1: id and secret are form-encoded before they are joined.
fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}
