//! `oidc-provider`, an OpenID Provider that is certified.

use std::path::PathBuf;

use serde_json::{Map, Value, json};
use url::Url;

use super::server::{Failure, Server};
use super::{CLIENT_ID, CLIENT_SECRET, Upstream, key_section, sent_back};
use crate::browser::{Answer, Browser};

/// Steps that a login may take at most.
const STEPS: usize = 6;

/// A running `oidc-provider`, at which anybody may log in by any name.
#[derive(Debug)]
pub struct OidcProvider {
    server: Server,
    issuer: String,
    token: String,
    discovery: String,
    keys: String,
    client_key: PathBuf,
}

/// One that has not started.
#[derive(Debug, Clone)]
pub struct OidcSettings {
    client: Map<String, Value>,
    routes: Map<String, Value>,
    features: Map<String, Value>,
    claims: Map<String, Value>,
    slash: &'static str,
    claims_in_userinfo: bool,
    clock: i64,
    client_key: Option<&'static str>,
}

impl OidcProvider {
    /// One that has a single client, which comes back to this callback and hears of logouts at this address.
    pub fn coming_back_to(callback: &str) -> OidcSettings {
        let client = json!({
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "redirect_uris": [callback],
            "grant_types": ["authorization_code", "refresh_token"],
            "response_types": ["code"],
            "token_endpoint_auth_method": "client_secret_basic",
        });
        OidcSettings {
            client: members(client),
            routes: Map::new(),
            features: Map::new(),
            claims: Map::new(),
            slash: "",
            claims_in_userinfo: false,
            clock: 0,
            client_key: None,
        }
    }

    /// Makes an endpoint fail from now on.
    pub fn fail_at_token(&self, failure: Failure) {
        self.server.fail(&self.token, failure);
    }

    /// Makes discovery fail from now on.
    pub fn fail_at_discovery(&self, failure: Failure) {
        self.server.fail(&self.discovery, failure);
    }

    /// Makes the key set fail from now on.
    pub fn fail_at_keys(&self, failure: Failure) {
        self.server.fail(&self.keys, failure);
    }

    /// Answers everywhere again.
    pub fn mend(&self) {
        self.server.tell("mend");
    }

    /// Knows this user no longer.
    pub fn disable(&self, name: &str) {
        self.server.tell(&format!("disable?user={name}"));
    }

    /// Signs with other keys from now on, and withdraws the old ones.
    pub fn rotate_keys(&self) {
        self.server.tell("rotate");
    }

    /// The section of the broker's configuration for a client that is known by its key.
    pub fn key_section(&self, id: &str, more: &str) -> String {
        key_section(id, &self.issuer, CLIENT_ID, &self.client_key, more)
    }

    /// Is gone: connections are refused.
    pub fn kill(&mut self) {
        self.server.kill();
    }

    /// All that it has printed.
    pub fn log(&self) -> String {
        self.server.log()
    }

    /// A person who is logged in there logs out there, by the address that the broker sent them to.
    pub fn log_out(&self, browser: &Browser, at: &Url) -> Answer {
        let page = browser.follow(browser.open(at.as_str()));
        let form = page.page().forms().into_iter().next();
        let form = form.unwrap_or_else(|| panic!("no form to log out with: {}", page.body()));
        browser.follow(browser.submit(&page, &form.with("logout", "yes")))
    }

    /// A person who refuses to log in: where they are sent then.
    pub fn abort(&self, browser: &Browser, at: &Url) -> Url {
        let page = browser.follow(browser.open(at.as_str()));
        let links = page.page().links();
        let abort = links.iter().find(|link| link.ends_with("/abort"));
        let abort = abort.unwrap_or_else(|| panic!("nowhere to abort: {}", page.body()));
        let abort = page.url().join(abort).expect("a link is a URL");
        sent_back(&browser.follow(browser.open(abort.as_str())))
    }
}

impl OidcSettings {
    /// The routes and the issuer's slash of Auth0.
    #[must_use]
    pub fn like_auth0(mut self) -> Self {
        self.slash = "/";
        self.routes = members(json!({
            "authorization": "/authorize",
            "token": "/oauth/token",
            "userinfo": "/userinfo",
            "jwks": "/.well-known/jwks.json",
            "end_session": "/oidc/logout",
            "revocation": "/oauth/revoke",
        }));
        self
    }

    /// The routes of Clerk.
    #[must_use]
    pub fn like_clerk(mut self) -> Self {
        self.routes = members(json!({
            "authorization": "/oauth/authorize",
            "token": "/oauth/token",
            "userinfo": "/oauth/userinfo",
            "jwks": "/.well-known/jwks.json",
        }));
        self
    }

    /// Changes the client's metadata.
    #[must_use]
    pub fn client(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.client.insert(name.to_owned(), value.into());
        self
    }

    /// Sets up a feature as oidc-provider documents it.
    #[must_use]
    pub fn feature(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.features.insert(name.to_owned(), value.into());
        self
    }

    /// Gives every user this claim.
    #[must_use]
    pub fn claim(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.claims.insert(name.to_owned(), value.into());
        self
    }

    /// Keeps all claims but the subject for the userinfo endpoint.
    #[must_use]
    pub fn claims_in_userinfo(mut self) -> Self {
        self.claims_in_userinfo = true;
        self
    }

    /// Sets its clock ahead by some seconds, or behind.
    #[must_use]
    pub fn clock(mut self, seconds: i64) -> Self {
        self.clock = seconds;
        self
    }

    /// Knows its client by a key for this algorithm, and by nothing else.
    #[must_use]
    pub fn client_key(mut self, algorithm: &'static str) -> Self {
        self.client_key = Some(algorithm);
        self.client.remove("client_secret");
        self.client("token_endpoint_auth_method", "private_key_jwt")
            .client("token_endpoint_auth_signing_alg", algorithm)
    }

    /// Starts it.
    pub fn start(self) -> OidcProvider {
        let route = |name: &str, otherwise: &str| {
            let route = self.routes.get(name).and_then(Value::as_str);
            route.unwrap_or(otherwise).to_owned()
        };
        let server = Server::node("oidc-provider.mjs", |port, folder| {
            json!({
                "folder": folder,
                "clientKey": self.client_key,
                "port": port,
                "issuer": format!("http://127.0.0.1:{port}{}", self.slash),
                "client": self.client,
                "routes": self.routes,
                "features": self.features,
                "claims": self.claims,
                "clock": self.clock,
                "claimsInUserinfo": self.claims_in_userinfo,
            })
        });
        OidcProvider {
            issuer: format!("{}{}", server.origin(), self.slash),
            token: route("token", "/token"),
            keys: route("jwks", "/jwks"),
            discovery: "/.well-known/openid-configuration".to_owned(),
            client_key: server.folder().join("client.pem"),
            server,
        }
    }
}

impl Upstream for OidcProvider {
    fn issuer(&self) -> &str {
        &self.issuer
    }

    fn logged_in(&self, browser: &Browser, at: &Url, name: &str, password: &str) -> Answer {
        let mut seen = browser.follow(browser.open(at.as_str()));
        for _ in 0..STEPS {
            let page = seen.page();
            let sent = if let Some(form) = page.form_with("login") {
                browser.submit(&seen, &form.fill("login", name).fill("password", password))
            } else if let Some(form) = page.form_with("prompt") {
                browser.submit(&seen, &form)
            } else {
                break;
            };
            seen = browser.follow(sent);
        }
        seen
    }
}

fn members(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        other => panic!("written as an object: {other}"),
    }
}
