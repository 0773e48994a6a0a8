//! How upstreams differ in their addresses, keys and claims.

use serde_json::{Map, Value, json};

use super::Endpoint;
use crate::sample::{CLIENT_ID, NOW};

/// The addresses, keys and claims of an upstream.
#[derive(Debug, Clone)]
pub struct Shape {
    /// What the upstream speaks.
    pub dialect: Dialect,
    /// The issuer of tokens, where it is not where the upstream is.
    pub issuer: Option<&'static str>,
    /// What follows the origin in the issuer.
    pub issuer_path: &'static str,
    /// For whom tokens are.
    pub audience: &'static str,
    /// Whether a refresh brings a new ID token.
    pub refreshed_id_token: bool,
    /// The path of the metadata.
    pub discovery: &'static str,
    /// The path of the key set.
    pub keys: &'static str,
    /// The path of the authorization endpoint.
    pub authorization: &'static str,
    /// The path of the token endpoint.
    pub token: &'static str,
    /// The path of the userinfo endpoint.
    pub userinfo: &'static str,
    /// The path of the end-session endpoint; empty where there is none.
    pub end_session: &'static str,
    /// What signs.
    pub algorithm: Algorithm,
    /// Whether requests have to be pushed.
    pub pushed_requests: bool,
    /// Claims that every ID token has, over those that the upstream would write.
    pub claims: Map<String, Value>,
    /// Documents besides, by their paths.
    pub documents: Vec<(&'static str, Value)>,
    /// Claims of the access token, over those that a signed one would have; it is opaque where there are none.
    pub access_token: Map<String, Value>,
}

/// What an upstream speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// OpenID Connect: the browser goes away and comes back with a code.
    OpenIdConnect,
    /// A page of the upstream's own script posts an ID token and a refresh token, which is refreshed as Firebase does.
    Posted,
    /// An API of the upstream's own takes passwords and codes and gives sessions, as Supabase's does.
    Rest,
}

/// What an upstream signs with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// ECDSA on P-256.
    Es256,
    /// RSA with PKCS #1 padding, 2048 bits.
    Rs256,
}

impl Shape {
    /// An OpenID Provider like most.
    pub fn plain() -> Self {
        Self {
            dialect: Dialect::OpenIdConnect,
            issuer: None,
            issuer_path: "",
            audience: CLIENT_ID,
            refreshed_id_token: true,
            discovery: "/.well-known/openid-configuration",
            keys: "/jwks",
            authorization: "/auth",
            token: "/token",
            userinfo: "/me",
            end_session: "/session/end",
            algorithm: Algorithm::Es256,
            pushed_requests: false,
            claims: Map::new(),
            documents: Vec::new(),
            access_token: Map::new(),
        }
    }

    /// The addresses of Auth0, whose issuer ends in a slash.
    pub fn auth0() -> Self {
        Self {
            issuer_path: "/",
            keys: "/.well-known/jwks.json",
            authorization: "/authorize",
            token: "/oauth/token",
            userinfo: "/userinfo",
            end_session: "/oidc/logout",
            algorithm: Algorithm::Rs256,
            ..Self::plain()
        }
    }

    /// The addresses of Clerk, which has no logout.
    pub fn clerk() -> Self {
        Self {
            keys: "/.well-known/jwks.json",
            authorization: "/oauth/authorize",
            token: "/oauth/token",
            userinfo: "/oauth/userinfo",
            end_session: "",
            algorithm: Algorithm::Rs256,
            ..Self::plain()
        }
    }

    /// Firebase's addresses and claims: tokens are a project's, whose issuer is elsewhere.
    pub fn firebase() -> Self {
        Self {
            dialect: Dialect::Posted,
            issuer: Some("https://securetoken.google.com/a-project"),
            audience: "a-project",
            discovery: "",
            keys: "/keys",
            authorization: "",
            token: "/v1/token",
            userinfo: "",
            end_session: "",
            algorithm: Algorithm::Rs256,
            ..Self::plain()
        }
        .claim("firebase", json!({"sign_in_provider": "password"}))
    }

    /// The addresses and claims of Supabase's own API, whose access tokens are verified like ID tokens.
    pub fn supabase_api() -> Self {
        Self {
            dialect: Dialect::Rest,
            audience: "authenticated",
            discovery: "/auth/v1/settings",
            authorization: "/auth/v1/authorize",
            token: "/auth/v1/token",
            userinfo: "/auth/v1/user",
            documents: Vec::new(),
            ..Self::supabase()
        }
        .claim("session_id", "session-at-the-upstream")
        .claim("aal", "aal1")
        .claim("amr", json!([{"method": "password", "timestamp": NOW.as_secs()}]))
    }

    /// The addresses of Supabase's OAuth server, whose issuer has a path, and which brings no ID token with a refresh.
    pub fn supabase() -> Self {
        Self {
            refreshed_id_token: false,
            documents: vec![
                ("/auth/v1/.well-known/oauth-authorization-server", json!({})),
                (
                    "/auth/v1/settings",
                    json!({"external": {}, "mailer_autoconfirm": false}),
                ),
            ],
            issuer_path: "/auth/v1",
            discovery: "/auth/v1/.well-known/openid-configuration",
            keys: "/auth/v1/.well-known/jwks.json",
            authorization: "/auth/v1/oauth/authorize",
            token: "/auth/v1/oauth/token",
            userinfo: "/auth/v1/oauth/userinfo",
            end_session: "",
            ..Self::plain()
        }
    }

    /// The same with this claim in every ID token.
    #[must_use]
    pub fn claim(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.claims.insert(name.to_owned(), value.into());
        self
    }

    /// The same with access tokens that are signed and have this claim.
    #[must_use]
    pub fn access_token_claim(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.access_token.insert(name.to_owned(), value.into());
        self
    }

    /// The path of an endpoint; empty where there is none.
    pub fn path(&self, endpoint: Endpoint) -> &'static str {
        match endpoint {
            Endpoint::Discovery => self.discovery,
            Endpoint::Keys => self.keys,
            Endpoint::Authorization => self.authorization,
            Endpoint::Token => self.token,
            Endpoint::Userinfo => self.userinfo,
            Endpoint::Pushed if self.dialect != Dialect::OpenIdConnect => "",
            Endpoint::Pushed => "/pushed",
            Endpoint::EndSession => self.end_session,
            Endpoint::Trap => "/trap",
        }
    }
}
