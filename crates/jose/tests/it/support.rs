//! One issuer, its three keys, and a moment at which everything happens.

use serde_json::{Value, json};
use vestibule_jose::{Algorithm, Expected, Jwks, SigningKey, TokenType, VerifyError, VerifyingKeys, verify};
use vestibule_protocol::{Issuer, Timestamp};

use crate::keys;

pub(crate) const ISSUER: &str = "https://auth.example.com";
pub(crate) const RESOURCE: &str = "https://mcp.example.com/mcp";
/// 2026-11-21T00:00:00Z.
pub(crate) const NOW: i64 = 1_795_219_200;

pub(crate) fn now() -> Timestamp {
    Timestamp::from_secs(NOW)
}

pub(crate) fn signing_key(algorithm: Algorithm) -> SigningKey {
    let jwk = match algorithm {
        Algorithm::Es256 => keys::es256(),
        Algorithm::EdDsa => keys::ed25519(),
        Algorithm::Rs256 => keys::rs256(),
    };
    SigningKey::from_private_jwk(&jwk).unwrap()
}

pub(crate) fn jwks() -> Jwks {
    Jwks::new(
        Algorithm::ALL
            .map(|algorithm| signing_key(algorithm).public_jwk().clone())
            .to_vec(),
    )
}

pub(crate) fn verifying_keys() -> VerifyingKeys {
    VerifyingKeys::from_jwks(&jwks())
}

pub(crate) fn issuer() -> Issuer {
    Issuer::parse(ISSUER).unwrap()
}

/// What the MCP server expects.
pub(crate) fn expected() -> Expected {
    Expected::new(issuer(), TokenType::AccessToken).for_audience(RESOURCE)
}

/// Every claim of an access token, as JSON to be broken.
pub(crate) fn access_claims() -> Value {
    json!({
        "iss": ISSUER,
        "sub": "local:alice",
        "aud": RESOURCE,
        "client_id": "client-1",
        "scope": "mcp:read mcp:write",
        "iat": NOW - 60,
        "exp": NOW + 3600,
        "jti": "token-1",
        "sid": "session-1",
        "auth_time": NOW - 120,
        "idp": "local",
    })
}

/// The claims with one member set to something else, or, with null, taken out.
pub(crate) fn with(mut claims: Value, name: &str, value: Value) -> Value {
    let members = claims.as_object_mut().unwrap();
    if value.is_null() {
        members.remove(name);
    } else {
        members.insert(name.to_owned(), value);
    }
    claims
}

pub(crate) fn judge(token: &str) -> Result<Value, VerifyError> {
    verify(token, &verifying_keys(), &expected(), now())
}

pub(crate) fn refusal(token: &str) -> VerifyError {
    judge(token).unwrap_err()
}
