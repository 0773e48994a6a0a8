//! Canaille, an identity provider in Python.

use serde_json::json;
use url::Url;

use super::server::Server;
use super::{CLIENT_ID, CLIENT_SECRET, KEYED_CLIENT_ID, Upstream, key_section};
use crate::browser::{Answer, Browser};

/// A running Canaille with the user `alice`, whose password is `password123`.
#[derive(Debug)]
pub struct Canaille {
    issuer: String,
    server: Server,
}

impl Canaille {
    /// Starts one whose only client comes back to this callback.
    pub fn start(callback: &str, after_logout: &str) -> Self {
        let server = Server::python("canaille-server.py", |port, folder| {
            json!({
                "port": port,
                "folder": folder,
                "client_id": CLIENT_ID,
                "client_secret": CLIENT_SECRET,
                "keyed_client_id": KEYED_CLIENT_ID,
                "redirect_uri": callback,
                "post_logout_redirect_uri": after_logout,
                "users": [{"username": "alice", "password": "password123"}],
            })
        });
        Self {
            issuer: server.origin(),
            server,
        }
    }

    /// The section of the broker's configuration where it is known by its key.
    pub fn key_section(&self, id: &str, more: &str) -> String {
        // It takes the address of its token endpoint alone.
        let more = format!(
            "client_assertion_audience = \"{}/oauth/token\"\n{more}",
            self.issuer
        );
        let key = self.server.folder().join("client.pem");
        key_section(id, &self.issuer, KEYED_CLIENT_ID, &key, &more)
    }
}

impl Upstream for Canaille {
    fn issuer(&self) -> &str {
        &self.issuer
    }

    fn logged_in(&self, browser: &Browser, at: &Url, name: &str, password: &str) -> Answer {
        let asked = browser.follow(browser.open(at.as_str()));
        let who = asked.page().form_with("login");
        let who = who.unwrap_or_else(|| panic!("no login at {}: {}", asked.url(), asked.body()));
        let asked = browser.follow(browser.submit(&asked, &who.fill("login", name)));
        let secret = asked.page().form_with("password");
        let secret = secret.unwrap_or_else(|| panic!("no password at {}: {}", asked.url(), asked.body()));
        let seen = browser.follow(browser.submit(&asked, &secret.fill("password", password)));
        match seen.page().form_with("answer") {
            Some(consent) => {
                let accepted = consent.press("answer", "accept");
                browser.follow(browser.submit(&seen, &accepted))
            }
            None => seen,
        }
    }
}
