//! How upstreams differ in their addresses, keys and claims.

use serde_json::{Map, Value};

use super::Endpoint;

/// The addresses, keys and claims of an upstream.
#[derive(Debug, Clone)]
pub struct Shape {
    /// What follows the origin in the issuer.
    pub issuer_path: &'static str,
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
    /// Claims of the access token, over those that a signed one would have; it is opaque where there are none.
    pub access_token: Map<String, Value>,
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
            issuer_path: "",
            discovery: "/.well-known/openid-configuration",
            keys: "/jwks",
            authorization: "/auth",
            token: "/token",
            userinfo: "/me",
            end_session: "/session/end",
            algorithm: Algorithm::Es256,
            pushed_requests: false,
            claims: Map::new(),
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

    /// The addresses of Supabase's OAuth server, whose issuer has a path.
    pub fn supabase() -> Self {
        Self {
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

    /// The path of an endpoint.
    pub fn path(&self, endpoint: Endpoint) -> &'static str {
        match endpoint {
            Endpoint::Discovery => self.discovery,
            Endpoint::Keys => self.keys,
            Endpoint::Authorization => self.authorization,
            Endpoint::Token => self.token,
            Endpoint::Userinfo => self.userinfo,
            Endpoint::Pushed => "/pushed",
            Endpoint::EndSession => self.end_session,
            Endpoint::Trap => "/trap",
        }
    }
}
