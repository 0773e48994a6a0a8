use serde_json::{Value, json};
use vestibule_jose::{SigningKey, TokenType};

use super::{LIST, Prover, RESOURCE};

/// An access token in the making: a good one, until something is changed.
#[derive(Clone)]
pub(crate) struct Token {
    pub(crate) claims: Value,
    token_type: TokenType,
}

impl Token {
    pub(crate) fn new(issuer: &str, now: i64) -> Self {
        let claims = json!({
            "iss": issuer,
            "sub": "local:alice",
            "aud": RESOURCE,
            "client_id": "client-1",
            "scope": "mcp:read",
            "iat": now,
            "exp": now + 3600,
            "jti": "token-1",
            "sid": "session-1",
            "auth_time": now,
            "idp": "local",
        });
        Self {
            claims,
            token_type: TokenType::AccessToken,
        }
    }

    pub(crate) fn with(mut self, claim: &str, value: impl Into<Value>) -> Self {
        self.claims[claim] = value.into();
        self
    }

    pub(crate) fn without(mut self, claim: &str) -> Self {
        self.claims.as_object_mut().unwrap().remove(claim);
        self
    }

    pub(crate) fn scope(self, scope: &str) -> Self {
        self.with("scope", scope)
    }

    pub(crate) fn sid(self, sid: &str) -> Self {
        self.with("sid", sid)
    }

    /// Binds the token to a client's key.
    pub(crate) fn bound_to(self, prover: &Prover) -> Self {
        self.with("cnf", json!({ "jkt": prover.thumbprint() }))
    }

    /// Gives the token an entry in the issuer's status list.
    pub(crate) fn listed(self, index: u32) -> Self {
        let issuer = self.claims["iss"].as_str().unwrap().to_owned();
        assert!(index < LIST, "the list has {LIST} entries");
        let uri = format!("{issuer}/oauth/status/1");
        self.with("status", json!({ "status_list": { "idx": index, "uri": uri } }))
    }

    pub(crate) fn of_type(mut self, token_type: TokenType) -> Self {
        self.token_type = token_type;
        self
    }

    pub(crate) fn sign(&self, key: &SigningKey) -> String {
        key.sign(self.token_type, &self.claims).unwrap()
    }
}
