//! Canaille, an identity provider in Python.

use serde_json::json;
use url::Url;

use super::server::Server;
use super::{CLIENT_ID, CLIENT_SECRET, Upstream, sent_back};
use crate::browser::Browser;

/// A running Canaille with the user `alice`, whose password is `password123`.
#[derive(Debug)]
pub struct Canaille {
    issuer: String,
    _server: Server,
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
                "redirect_uri": callback,
                "post_logout_redirect_uri": after_logout,
                "users": [{"username": "alice", "password": "password123"}],
            })
        });
        Self {
            issuer: server.origin(),
            _server: server,
        }
    }
}

impl Upstream for Canaille {
    fn issuer(&self) -> &str {
        &self.issuer
    }

    fn log_in(&self, browser: &Browser, at: &Url, name: &str, password: &str) -> Url {
        let asked = browser.follow(browser.open(at.as_str()));
        let who = asked.page().form_with("login");
        let who = who.unwrap_or_else(|| panic!("no login at {}: {}", asked.url(), asked.body()));
        let asked = browser.follow(browser.submit(&asked, &who.fill("login", name)));
        let secret = asked.page().form_with("password");
        let secret = secret.unwrap_or_else(|| panic!("no password at {}: {}", asked.url(), asked.body()));
        let seen = browser.follow(browser.submit(&asked, &secret.fill("password", password)));
        let seen = match seen.page().form_with("answer") {
            Some(consent) => {
                let accepted = consent.press("answer", "accept");
                browser.follow(browser.submit(&seen, &accepted))
            }
            None => seen,
        };
        sent_back(&seen)
    }
}
