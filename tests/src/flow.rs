//! One walk of the authorization code grant, a step a line.

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

impl<'p> Visit<'p> {
    /// The answer that the person sees, or that sends them on.
    pub fn answer(&self) -> &Answer {
        &self.answer
    }

    /// The page that the person sees.
    pub fn page(&self) -> Page {
        self.answer.page()
    }

    /// The browser of the visit, for a second tab.
    pub fn browser(&self) -> &Browser {
        &self.browser
    }

    /// The PKCE verifier of the client.
    pub fn verifier(&self) -> &str {
        &self.verifier
    }

    /// The `state` that the client sent.
    pub fn state(&self) -> &str {
        &self.state
    }

    /// Types a name and a password into the login page.
    #[must_use]
    pub fn log_in_as(self, name: &str, password: &str) -> Self {
        self.send("password", |form| {
            form.fill("username", name).fill("password", password)
        })
    }

    /// Goes where the broker sends the person, logs in there, and comes back.
    #[must_use]
    pub fn log_in_at(self, upstream: &impl Upstream, name: &str, password: &str) -> Self {
        let away = self.leaves_for();
        let back = upstream.log_in(&self.browser, &away, name, password);
        self.come_back(&back)
    }

    /// Logs in at a provider that has the browser post a form back.
    #[must_use]
    pub fn log_in_by_form(mut self, upstream: &impl Upstream, name: &str, password: &str) -> Self {
        let away = self.leaves_for();
        self.answer = upstream.log_in_by_form(&self.browser, &away, name, password);
        self
    }

    /// Where the broker sends the person.
    pub fn leaves_for(&self) -> Url {
        self.answer.location().unwrap_or_else(|| {
            panic!(
                "nobody is sent away from {}, but: {}",
                self.describe(),
                self.page().text()
            )
        })
    }

    /// Comes back to the broker by the address that an upstream sends the person to.
    #[must_use]
    pub fn come_back(mut self, to: &Url) -> Self {
        self.answer = self.browser.follow(self.browser.open(to.as_str()));
        self
    }

    /// Asks to be somebody else, on the consent page.
    #[must_use]
    pub fn switch_user(self) -> Self {
        self.send("action", |form| form.press("action", "switch_user"))
    }

    /// Allows all that the consent page offers.
    pub fn approve(self) -> Callback<'p> {
        self.send("decision", |form| form.press("decision", "approve"))
            .back()
    }

    /// Allows these scopes of those that the consent page offers.
    pub fn approve_only(self, scopes: &[&str]) -> Callback<'p> {
        let form = |form: crate::Form| form.tick_only("scope", scopes).press("decision", "approve");
        self.send("decision", form).back()
    }

    /// Refuses.
    pub fn deny(self) -> Callback<'p> {
        self.send("decision", |form| form.press("decision", "deny"))
            .back()
    }

    /// Sends the form that has a field or button of this name, as a person would after changing it.
    #[must_use]
    pub fn send(mut self, holding: &str, change: impl FnOnce(crate::Form) -> crate::Form) -> Self {
        let form = self.page().form_with(holding).unwrap_or_else(|| {
            panic!(
                "no form with {holding} at {}, but: {}",
                self.describe(),
                self.page().text()
            )
        });
        let sent = self.browser.submit(&self.answer, &change(form));
        self.answer = self.browser.follow(sent);
        self
    }

    /// Goes back to the client with the redirect that the broker answered.
    pub fn back(self) -> Callback<'p> {
        let redirect = self.answer.location().unwrap_or_else(|| {
            panic!(
                "no redirect from {}, but: {}",
                self.describe(),
                self.page().text()
            )
        });
        Callback {
            client: self.client,
            browser: self.browser,
            redirect,
            state: self.state,
            verifier: self.verifier,
        }
    }

    /// Copies the code from the page that shows it, and gives it to the client.
    pub fn copy_code(self) -> Callback<'p> {
        let shown = self
            .page()
            .shown_code()
            .unwrap_or_else(|| panic!("no code at {}, but: {}", self.describe(), self.page().text()));
        let mut redirect = parse(&self.client.flow.redirect_uri);
        redirect
            .query_pairs_mut()
            .append_pair("code", &shown)
            .append_pair("state", &self.state);
        Callback {
            client: self.client,
            browser: self.browser,
            redirect,
            state: self.state,
            verifier: self.verifier,
        }
    }

    fn describe(&self) -> String {
        format!("{} ({})", self.answer.url(), self.answer.status())
    }
}

impl<'p> Callback<'p> {
    /// The redirect as it came.
    pub fn redirect(&self) -> &Url {
        &self.redirect
    }

    /// The browser of the visit, which is logged in from now on.
    pub fn browser(&self) -> &Browser {
        &self.browser
    }

    /// The client that was called back.
    pub fn client(&self) -> &Client<'p> {
        &self.client
    }

    /// A parameter of the redirect.
    pub fn parameter(&self, name: &str) -> Option<String> {
        let mut pairs = self.redirect.query_pairs();
        pairs.find_map(|(of, value)| (of == name).then(|| value.into_owned()))
    }

    /// The `error` of the redirect.
    pub fn error(&self) -> Option<String> {
        self.parameter("error")
    }

    /// The code, which a client takes only beside its own `state`.
    pub fn code(&self) -> String {
        assert_eq!(
            self.parameter("state").as_deref(),
            Some(self.state.as_str()),
            "{}",
            self.redirect
        );
        self.parameter("code")
            .unwrap_or_else(|| panic!("no code in {}", self.redirect))
    }

    /// Redeems the code.
    pub fn redeem(&self) -> Tokens<'p> {
        let answer = self.try_redeem(&[]);
        assert_eq!(answer.status(), 200, "the token endpoint: {}", answer.body());
        Tokens {
            client: self.client.clone(),
            body: answer.json(),
        }
    }

    /// Redeems the code with these parameters in place of the right ones, whatever comes of it.
    pub fn try_redeem(&self, changes: &[(&str, &str)]) -> Answer {
        let code = self.code();
        let resource = self
            .client
            .flow
            .request
            .iter()
            .filter(|(name, _)| name == "resource");
        let mut data = vec![
            ("grant_type", "authorization_code"),
            ("code", &code),
            ("redirect_uri", &self.client.flow.redirect_uri),
            ("code_verifier", &self.verifier),
        ];
        data.extend(resource.map(|(name, value)| (name.as_str(), value.as_str())));
        data.retain(|(name, _)| changes.iter().all(|(changed, _)| changed != name));
        data.extend(changes);
        self.client.post("/oauth/token", &data)
    }
}

impl<'p> Tokens<'p> {
    /// The client that they were issued to.
    pub fn client(&self) -> &Client<'p> {
        &self.client
    }

    /// The whole answer of the token endpoint.
    pub fn body(&self) -> &Value {
        &self.body
    }

    /// A member of the answer that is text.
    pub fn member(&self, name: &str) -> Option<&str> {
        self.body.get(name)?.as_str()
    }

    /// The access token.
    pub fn access_token(&self) -> &str {
        self.required("access_token")
    }

    /// The refresh token.
    pub fn refresh_token(&self) -> &str {
        self.required("refresh_token")
    }

    /// The scopes that were granted, space-separated.
    pub fn scope(&self) -> &str {
        self.required("scope")
    }

    /// The claims of the access token, unverified.
    pub fn claims(&self) -> Value {
        self.part(1)
    }

    /// The header of the access token.
    pub fn header(&self) -> Value {
        self.part(0)
    }

    fn part(&self, index: usize) -> Value {
        let part = self.access_token().split('.').nth(index);
        let bytes = part.and_then(|part| URL_SAFE_NO_PAD.decode(part).ok());
        let json = bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok());
        json.unwrap_or_else(|| panic!("not a JWT: {}", self.access_token()))
    }

    /// Refreshes, as the client does.
    #[must_use]
    pub fn refresh(&self) -> Self {
        let answer = self.try_refresh();
        assert_eq!(answer.status(), 200, "the token endpoint: {}", answer.body());
        self.renewed(&answer)
    }

    /// The tokens of this answer, in place of these.
    #[must_use]
    pub fn renewed(&self, answer: &Answer) -> Self {
        Self {
            client: self.client.clone(),
            body: answer.json(),
        }
    }

    /// Refreshes, whatever comes of it.
    pub fn try_refresh(&self) -> Answer {
        let token = self.refresh_token();
        let data = [("grant_type", "refresh_token"), ("refresh_token", token)];
        self.client.post("/oauth/token", &data)
    }

    /// Revokes a token, as the client does.
    pub fn revoke(&self, token: &str) -> Answer {
        self.client.post("/oauth/revoke", &[("token", token)])
    }

    /// Posts one JSON-RPC message to the MCP server with the access token.
    pub fn call(&self, method: &str, params: &Value) -> Answer {
        let url = self.client.flow.program.mcp();
        let message = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params});
        let request = client()
            .post(url)
            .bearer_auth(self.access_token())
            .header("accept", "application/json, text/event-stream")
            .header("mcp-protocol-version", "2025-11-25")
            .json(&message);
        Answer::of(request, parse(url))
    }

    fn required(&self, name: &str) -> &str {
        self.member(name)
            .unwrap_or_else(|| panic!("no {name} in {}", self.body))
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
