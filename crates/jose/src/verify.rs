use serde::de::DeserializeOwned;
use vestibule_protocol::{KeyId, Timestamp};

use crate::compact::Compact;
use crate::registered::RegisteredClaims;
use crate::{Algorithm, Expected, PublicJwk, VerifyingKeys};

/// Verifies a token and returns its claims: form, algorithm, type, key, signature, then every registered claim, each for
/// its presence as well as its value.
///
/// `now` is the caller's clock. No claim is looked at before the signature holds.
///
/// # Errors
/// The first check that fails, in that order. Only [`VerifyError::UnknownKey`] is worth fetching keys for.
pub fn verify<C: DeserializeOwned>(
    token: &str,
    keys: &VerifyingKeys,
    expected: &Expected,
    now: Timestamp,
) -> Result<C, VerifyError> {
    check_size(token, expected)?;
    let compact = Compact::parse(token)?;
    let algorithm = check_algorithm(&compact, expected)?;
    check_type(&compact, expected)?;
    let key = find_key(&compact, keys, algorithm)?;
    if !key.verifies(compact.signed, &compact.signature) {
        return Err(VerifyError::BadSignature);
    }
    let payload = compact.payload()?;
    let registered: RegisteredClaims<'_> =
        serde_json::from_slice(&payload).map_err(|_| VerifyError::Malformed)?;
    registered.validate(expected, now)?;
    serde_json::from_slice(&payload).map_err(|_| VerifyError::Malformed)
}

fn check_size(token: &str, expected: &Expected) -> Result<(), VerifyError> {
    if token.len() > expected.token_type.longest() {
        return Err(VerifyError::Malformed);
    }
    Ok(())
}

/// [RFC 8725 §3.1](https://www.rfc-editor.org/rfc/rfc8725#section-3.1): “Libraries MUST enable the caller to specify a
/// supported set of algorithms and MUST NOT use any other algorithms when performing cryptographic operations.”
fn check_algorithm(compact: &Compact<'_>, expected: &Expected) -> Result<Algorithm, VerifyError> {
    Algorithm::parse(&compact.header.alg)
        .ok()
        .filter(|algorithm| expected.algorithms.contains(algorithm))
        .ok_or(VerifyError::AlgorithmNotAllowed)
}

/// [RFC 9068 §4](https://www.rfc-editor.org/rfc/rfc9068#section-4): “The resource server MUST verify that the "typ"
/// header value is "at+jwt" or "application/at+jwt" and reject tokens carrying any other value.”
fn check_type(compact: &Compact<'_>, expected: &Expected) -> Result<(), VerifyError> {
    match &compact.header.typ {
        Some(typ) if expected.token_type.is_named_by(typ) => Ok(()),
        Some(_) | None => Err(VerifyError::WrongType),
    }
}

/// [RFC 8725 §3.1](https://www.rfc-editor.org/rfc/rfc8725#section-3.1): “Each key MUST be used with exactly one algorithm,
/// and this MUST be checked when the cryptographic operation is performed.”
fn find_key<'k>(
    compact: &Compact<'_>,
    keys: &'k VerifyingKeys,
    algorithm: Algorithm,
) -> Result<&'k PublicJwk, VerifyError> {
    let kid = compact.header.kid.as_deref().ok_or(VerifyError::Malformed)?;
    let key_id = KeyId::parse(kid).map_err(|_| VerifyError::Malformed)?;
    match keys.find(&key_id) {
        Some(key) if key.algorithm() == algorithm => Ok(key),
        Some(_) => Err(VerifyError::AlgorithmNotAllowed),
        None => Err(VerifyError::UnknownKey(key_id)),
    }
}

/// Why a token is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// It is not a JWT, names no key, demands extensions, is far too long, or its claims have wrong types.
    #[error("the token is malformed")]
    Malformed,
    /// Its `typ` is missing or another one.
    #[error("the token is of another type")]
    WrongType,
    /// No known key has its `kid`; the issuer may have published a new one.
    #[error("the token is signed with an unknown key, {0}")]
    UnknownKey(KeyId),
    /// Its `alg` is not allowed here, or is not the key's.
    #[error("the token's algorithm is not allowed")]
    AlgorithmNotAllowed,
    /// The signature does not verify.
    #[error("the token's signature is wrong")]
    BadSignature,
    /// A claim that has to be there is not.
    #[error("the token has no `{0}` claim")]
    MissingClaim(&'static str),
    /// Somebody else issued it.
    #[error("the token is from another issuer")]
    WrongIssuer,
    /// It is for somebody else.
    #[error("the token is for another audience")]
    WrongAudience,
    /// It is about something else.
    #[error("the token is about another subject")]
    WrongSubject,
    /// Its time is over.
    #[error("the token has expired")]
    Expired,
    /// Its time has not come, or it claims to be issued in the future.
    #[error("the token is not valid yet")]
    NotYetValid,
}
