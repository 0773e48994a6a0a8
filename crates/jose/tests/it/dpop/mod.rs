//! Proofs of possession: what is refused first, then what holds.

mod nonces;
mod refused;
mod rfc9449;
mod signed;
mod target;

use serde_json::{Value, json};
use vestibule_jose::dpop::{Demand, NonceRule, Proof, ProofError, TargetUri, Window, verify};
use vestibule_protocol::Timestamp;

use crate::forged::sign_text;
use crate::keys;
use crate::support::{NOW, now, with};

pub(crate) const TOKEN_ENDPOINT: &str = "https://auth.example.com/oauth/token";
/// [RFC 7638](https://www.rfc-editor.org/rfc/rfc7638) of the key of RFC 7515 A.3.
pub(crate) const THUMBPRINT: &str = "oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U";

pub(crate) fn uri(text: &str) -> TargetUri {
    TargetUri::parse(text).unwrap()
}

/// What a token request has to prove.
pub(crate) fn demand(uri: &TargetUri) -> Demand<'_> {
    Demand {
        method: "POST",
        uri,
        access_token: None,
        window: Window::default(),
        nonce: NonceRule::Ignored,
    }
}

/// A key as it may be shown to everybody.
pub(crate) fn public(key: Value) -> Value {
    with(key, "d", Value::Null)
}

pub(crate) fn header() -> Value {
    json!({"typ": "dpop+jwt", "alg": "ES256", "jwk": public(keys::es256())})
}

pub(crate) fn claims() -> Value {
    json!({"jti": "one", "htm": "POST", "htu": TOKEN_ENDPOINT, "iat": NOW})
}

pub(crate) fn proof_of(header: &Value, claims: &Value) -> String {
    sign_text(&header.to_string(), &claims.to_string())
}

pub(crate) fn judge(proof: &str) -> Result<Proof, ProofError> {
    judge_at(proof, now())
}

pub(crate) fn judge_at(proof: &str, now: Timestamp) -> Result<Proof, ProofError> {
    verify(proof, &demand(&uri(TOKEN_ENDPOINT)), now)
}

pub(crate) fn refusal(header: &Value, claims: &Value) -> ProofError {
    judge(&proof_of(header, claims)).unwrap_err()
}
