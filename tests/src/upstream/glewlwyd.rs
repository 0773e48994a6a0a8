//! Glewlwyd, an identity provider that Debian has.

use reqwest::Method;
use serde_json::json;
use url::Url;

use super::server::Server;
use super::{CLIENT_ID, CLIENT_SECRET, KEYED_CLIENT_ID, Upstream, key_section};
use crate::browser::{Answer, Browser};

/// A running Glewlwyd with the user `alice`, whose password is `password123`.
#[derive(Debug)]
pub struct Glewlwyd {
    server: Server,
    issuer: String,
}

impl Glewlwyd {
    /// Starts one whose only client comes back to this callback.
    pub fn start(callback: &str, after_logout: &str) -> Self {
        let server = Server::node("glewlwyd.mjs", |port, folder| {
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
            issuer: format!("{}/api/oidc", server.origin()),
            server,
        }
    }

    /// The section of the broker's configuration where it is known by its key.
    pub fn key_section(&self, id: &str, more: &str) -> String {
        // It takes the address of its token endpoint alone.
        let more = format!("client_assertion_audience = \"{}/token\"\n{more}", self.issuer);
        let key = self.server.folder().join("client.pem");
        key_section(id, &self.issuer, KEYED_CLIENT_ID, &key, &more)
    }
}

impl Upstream for Glewlwyd {
    fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Does what the scripts of its login page do.
    fn logged_in(&self, browser: &Browser, at: &Url, name: &str, password: &str) -> Answer {
        browser.open(at.as_str());
        let api = format!("{}/api/auth", self.server.origin());
        let credentials = json!({"username": name, "password": password});
        let answer = browser.send_json(Method::POST, &format!("{api}/"), &credentials);
        assert_eq!(answer.status(), 200, "{name} logs in: {}", answer.body());
        let scopes = json!({"scope": "openid profile email offline_access"});
        let client = at.query_pairs().find(|(name, _)| name == "client_id");
        let (_, client) = client.expect("a client asks");
        browser.send_json(Method::PUT, &format!("{api}/grant/{client}"), &scopes);
        let mut on = at.clone();
        on.query_pairs_mut().append_pair("g_continue", "");
        browser.follow(browser.open(on.as_str()))
    }
}
