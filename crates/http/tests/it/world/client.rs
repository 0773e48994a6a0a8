//! A client that registered itself, and its walks.

use super::answer::param;
use super::{Answer, Browser, World, form};

/// The verifier of [RFC 7636 appendix B](https://www.rfc-editor.org/rfc/rfc7636#appendix-B).
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

pub(crate) struct Client {
    pub(crate) id: String,
    pub(crate) redirect_uri: &'static str,
}

/// Where a client wants its codes.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Redirect {
    Loopback,
    App,
    Https,
    Page,
}

impl Redirect {
    fn uri(self) -> &'static str {
        match self {
            Self::Loopback => "http://127.0.0.1:8787/callback",
            Self::App => "cursor://anysphere.cursor-mcp/oauth/callback",
            Self::Https => "https://app.example/callback?fixed=1",
            Self::Page => "urn:ietf:wg:oauth:2.0:oob",
        }
    }
}

impl Client {
    pub(crate) async fn register(world: &World, redirect: Redirect) -> Self {
        Self::register_as(world, redirect, "Claude Code").await
    }

    pub(crate) async fn register_as(world: &World, redirect: Redirect, name: &str) -> Self {
        let redirect_uri = redirect.uri();
        let metadata = serde_json::json!({
            "client_name": name,
            "redirect_uris": [redirect_uri],
            "token_endpoint_auth_method": "none",
            "grant_types": ["authorization_code", "refresh_token"],
        });
        let path = format!("{}/oauth/register", world.base);
        let answer = world.post(&path, "application/json", metadata.to_string()).await;
        Self {
            id: answer.json()["client_id"]
                .as_str()
                .expect("a client id")
                .to_owned(),
            redirect_uri,
        }
    }

    pub(crate) fn authorize_path(&self, world: &World, scope: &str) -> String {
        let query = form(&[
            ("response_type", "code"),
            ("client_id", &self.id),
            ("redirect_uri", self.redirect_uri),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
            ("state", "st4te"),
            ("scope", scope),
        ]);
        format!("{}/oauth/authorize?{query}", world.base)
    }

    /// Goes as far as the login form; answers its address.
    pub(crate) async fn begin(&self, browser: &mut Browser<'_>) -> String {
        let path = self.authorize_path(browser.world, "mcp:read mcp:write");
        browser.get(&path).await.location().to_owned()
    }

    /// Goes as far as the consent page; answers its address.
    pub(crate) async fn log_in(&self, browser: &mut Browser<'_>) -> String {
        let path = self.authorize_path(browser.world, "mcp:read mcp:write");
        self.log_in_at(&path, browser).await
    }

    /// Goes as far as the consent page of the authorization that `path` begins; a browser that is signed in is there at once.
    pub(crate) async fn log_in_at(&self, path: &str, browser: &mut Browser<'_>) -> String {
        let page = browser.get(path).await.location().to_owned();
        if !browser.get(&page).await.body.contains(r#"name="password""#) {
            return page;
        }
        let fields = [("username", "alice"), ("password", "password123")];
        browser.submit(&page, &fields).await.location().to_owned()
    }

    /// Goes the whole way; answers the last response.
    pub(crate) async fn approve(&self, browser: &mut Browser<'_>) -> Answer {
        let page = self.log_in(browser).await;
        browser
            .submit(
                &page,
                &[
                    ("scope", "mcp:read"),
                    ("scope", "mcp:write"),
                    ("decision", "approve"),
                ],
            )
            .await
    }

    /// Goes the whole way and redeems the code.
    pub(crate) async fn tokens(&self, browser: &mut Browser<'_>) -> Answer {
        let answer = self.approve(browser).await;
        let code = param(answer.location(), "code").expect("a code");
        self.redeem(browser.world, &code).await
    }

    pub(crate) async fn redeem(&self, world: &World, code: &str) -> Answer {
        world
            .post_form(&format!("{}/oauth/token", world.base), &self.redemption(code))
            .await
    }

    pub(crate) fn redemption<'b>(&'b self, code: &'b str) -> [(&'static str, &'b str); 5] {
        [
            ("grant_type", "authorization_code"),
            ("client_id", &self.id),
            ("code", code),
            ("redirect_uri", self.redirect_uri),
            ("code_verifier", VERIFIER),
        ]
    }
}
