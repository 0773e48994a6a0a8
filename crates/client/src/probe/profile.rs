//! The clients that a server is looked at as.

use std::fmt;
use std::str::FromStr;

use serde_json::{Value, json};

/// What a client does of its own, as its releases were seen to do it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Profile {
    /// Its name on the command line.
    pub name: &'static str,
    /// What it is called.
    pub title: &'static str,
    /// Its metadata document, where it has one and uses it.
    pub(super) document: Option<&'static str>,
    /// Where it wants the code; `{port}` is any port.
    pub(super) redirect_uri: &'static str,
    /// The other redirect URIs that it registers.
    pub(super) registers_beside: &'static [&'static str],
    /// How it says at registration that it will authenticate.
    pub(super) auth_method: &'static str,
    pub(super) application_type: Option<&'static str>,
    /// Whether it writes a slash behind the resource that nobody wrote.
    pub(super) slash: Slash,
    pub(super) refresh: Refresh,
}

/// How a client writes the resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Slash {
    AsGiven,
    Added,
}

/// When a client refreshes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refresh {
    /// Whenever it has a refresh token.
    Always,
    /// Only where `offline_access` is advertised.
    WhereAdvertised,
}

/// What most have in common: no document, registration as a public client, loopback.
const COMMON: Profile = Profile {
    name: "sdk-typescript",
    title: "MCP TypeScript SDK",
    document: None,
    redirect_uri: "http://localhost:{port}/callback",
    registers_beside: &[],
    auth_method: "none",
    application_type: None,
    slash: Slash::Added,
    refresh: Refresh::Always,
};

/// All of them.
const ALL: [Profile; 9] = [
    Profile {
        name: "claude-code",
        title: "Claude Code",
        document: Some("https://claude.ai/oauth/claude-code-client-metadata"),
        slash: Slash::AsGiven,
        ..COMMON
    },
    Profile {
        name: "claude",
        title: "Claude, hosted",
        document: Some("https://claude.ai/oauth/mcp-oauth-client-metadata"),
        redirect_uri: "https://claude.ai/api/mcp/auth_callback",
        auth_method: "client_secret_post",
        refresh: Refresh::WhereAdvertised,
        ..COMMON
    },
    Profile {
        name: "vscode",
        title: "Visual Studio Code",
        document: Some("https://vscode.dev/oauth/client-metadata.json"),
        redirect_uri: "http://127.0.0.1:{port}/",
        registers_beside: &[
            "http://127.0.0.1:33418/",
            "https://vscode.dev/redirect",
            "https://insiders.vscode.dev/redirect",
        ],
        application_type: Some("native"),
        slash: Slash::AsGiven,
        ..COMMON
    },
    Profile {
        name: "cursor",
        title: "Cursor",
        redirect_uri: "cursor://anysphere.cursor-mcp/oauth/callback",
        registers_beside: &[
            "https://www.cursor.com/agents/mcp/oauth/callback",
            "http://localhost:8787/callback",
        ],
        application_type: Some("web"),
        ..COMMON
    },
    Profile {
        name: "chatgpt",
        title: "ChatGPT",
        document: Some("https://chatgpt.com/oauth/client.json"),
        redirect_uri: "https://chatgpt.com/connector_platform_oauth_redirect",
        slash: Slash::AsGiven,
        refresh: Refresh::WhereAdvertised,
        ..COMMON
    },
    Profile {
        name: "codex",
        title: "Codex",
        document: Some("https://chatgpt.com/oauth/codex/client.json"),
        redirect_uri: "http://127.0.0.1:{port}/callback",
        slash: Slash::AsGiven,
        ..COMMON
    },
    Profile {
        name: "perplexity",
        title: "Perplexity",
        redirect_uri: "https://www.perplexity.ai/rest/connections/oauth_callback",
        slash: Slash::AsGiven,
        ..COMMON
    },
    COMMON,
    Profile {
        name: "sdk-python",
        title: "MCP Python SDK",
        slash: Slash::AsGiven,
        ..COMMON
    },
];

impl Profile {
    /// All of them.
    pub fn all() -> &'static [Self] {
        &ALL
    }

    /// The redirect URI of a run of the client that listens on `port`.
    pub(super) fn redirect_to(&self, port: u16) -> String {
        self.redirect_uri.replace("{port}", &port.to_string())
    }

    /// Whether each run of the client listens on a port of its own.
    pub(super) fn has_ports(&self) -> bool {
        self.redirect_uri.contains("{port}")
    }

    /// What the client registers.
    pub(super) fn registration(&self, port: u16) -> Value {
        let mut redirect_uris = vec![self.redirect_to(port)];
        redirect_uris.extend(self.registers_beside.iter().map(|uri| (*uri).to_owned()));
        let mut body = json!({
            "client_name": self.title,
            "redirect_uris": redirect_uris,
            "grant_types": ["authorization_code", "refresh_token"],
            "response_types": ["code"],
            "token_endpoint_auth_method": self.auth_method,
        });
        if let (Some(kind), Some(members)) = (self.application_type, body.as_object_mut()) {
            members.insert("application_type".to_owned(), kind.into());
        }
        body
    }
}

impl FromStr for Profile {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        ALL.into_iter()
            .find(|profile| profile.name == name)
            .ok_or_else(|| {
                let names: Vec<&str> = ALL.iter().map(|profile| profile.name).collect();
                format!("there is no such client; known are {}", names.join(", "))
            })
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}
