//! `oauth2-mock-server`, which signs whatever it is told to.

use serde_json::json;
use url::Url;

use super::Upstream;
use super::server::Server;
use crate::browser::{Answer, Browser};

/// A running `oauth2-mock-server`, which logs everybody in as `johndoe`.
#[derive(Debug)]
pub struct Mock {
    server: Server,
    issuer: String,
}

impl Mock {
    /// Starts one.
    pub fn start() -> Self {
        let server = Server::node("mock.mjs", |port, _| json!({"port": port}));
        Self {
            issuer: server.origin(),
            server,
        }
    }

    /// From now on tells a lie of its script's list in every ID token.
    pub fn lie(&self, how: &str) {
        self.server.tell(&format!("lie?how={how}"));
    }

    /// From now on tells the truth.
    pub fn tell_the_truth(&self) {
        self.server.tell("lie");
    }
}

impl Upstream for Mock {
    fn issuer(&self) -> &str {
        &self.issuer
    }

    fn logged_in(&self, browser: &Browser, at: &Url, _name: &str, _password: &str) -> Answer {
        browser.follow(browser.open(at.as_str()))
    }
}
