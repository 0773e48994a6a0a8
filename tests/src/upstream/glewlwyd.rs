//! Glewlwyd, an identity provider that Debian has.

use reqwest::Method;
use serde_json::json;
use url::Url;

use super::server::Server;
use super::{CLIENT_ID, CLIENT_SECRET, Upstream, sent_back};
use crate::browser::Browser;

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
}

impl Upstream for Glewlwyd {
    fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Does what the scripts of its login page do.
    fn log_in(&self, browser: &Browser, at: &Url, name: &str, password: &str) -> Url {
        browser.open(at.as_str());
        let api = format!("{}/api/auth", self.server.origin());
        let credentials = json!({"username": name, "password": password});
        let answer = browser.send_json(Method::POST, &format!("{api}/"), &credentials);
        assert_eq!(answer.status(), 200, "{name} logs in: {}", answer.body());
        let scopes = json!({"scope": "openid profile email offline_access"});
        browser.send_json(Method::PUT, &format!("{api}/grant/{CLIENT_ID}"), &scopes);
        let mut on = at.clone();
        on.query_pairs_mut().append_pair("g_continue", "");
        sent_back(&browser.follow(browser.open(on.as_str())))
    }
}
