use serde_json::Value;

use super::ProofError;
use crate::foreign::{Jws, Key};

/// What a private or symmetric key has, and a public one has not ([RFC 7518 §6](https://www.rfc-editor.org/rfc/rfc7518#section-6)).
const PRIVATE: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/// Finds the key that signed the proof: the one that it brings along.
///
/// > the JWT signature verifies with the public key contained in the jwk JOSE Header Parameter, the jwk JOSE Header Parameter
/// > does not contain a private key
pub(super) fn signer(jws: &Jws<'_>) -> Result<Key, ProofError> {
    let jwk = jws.jwk().and_then(Value::as_object).ok_or(ProofError::Key)?;
    if PRIVATE.iter().any(|member| jwk.contains_key(*member)) {
        return Err(ProofError::PrivateKey);
    }
    let key = Key::read(jwk)
        .filter(|key| key.is_for(jws.algorithm()))
        .ok_or(ProofError::Key)?;
    if key.verifies(jws.algorithm(), jws.signed(), jws.signature()) {
        Ok(key)
    } else {
        Err(ProofError::Signature)
    }
}
