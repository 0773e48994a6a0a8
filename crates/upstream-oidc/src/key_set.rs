//! A provider's public keys.

use serde_json::{Map, Value};
use url::Url;
use vestibule_protocol::Secret;
use vestibule_provider::ProviderError;

use crate::SigningAlgorithm;
use crate::call::Caller;
use crate::jws::Jws;
use crate::key::Key;

/// The most keys that are looked at.
const MOST_KEYS: usize = 100;

/// A key set ([RFC 7517 §5](https://www.rfc-editor.org/rfc/rfc7517#section-5)), without what is of no use here.
#[derive(Debug)]
pub(crate) struct KeySet(Vec<Key>);

/// What the keys say about a signature.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Signature {
    /// It is one of theirs.
    Good,
    /// None of them has the token's `kid` and algorithm.
    UnknownKey,
    /// It is none of theirs.
    Bad,
}

impl KeySet {
    /// Fetches and reads the key set.
    pub(crate) async fn fetch(caller: &Caller, place: &Url) -> Result<Self, ProviderError> {
        let answer = caller
            .get(place, "application/jwk-set+json, application/json", None)
            .await?;
        if !answer.status().is_success() {
            return Err(ProviderError::Unavailable(format!(
                "the provider's keys at {}{} cannot be read (it answered with {})",
                place.host_str().unwrap_or_default(),
                place.path(),
                answer.status(),
            )));
        }
        Self::read(answer.body())
    }

    fn read(json: &[u8]) -> Result<Self, ProviderError> {
        let document: Map<String, Value> = serde_json::from_slice(json)
            .map_err(|_| ProviderError::Misconfigured("the provider's key set is not JSON".to_owned()))?;
        let keys = document.get("keys").and_then(Value::as_array).ok_or_else(|| {
            ProviderError::Misconfigured("the provider's key set has no list of keys".to_owned())
        })?;
        let usable = keys.iter().take(MOST_KEYS).filter_map(Value::as_object);
        Ok(Self(usable.filter_map(Key::read).collect()))
    }

    /// How many keys can verify one of these algorithms.
    pub(crate) fn usable_for(&self, algorithms: &[SigningAlgorithm]) -> usize {
        let fits = |key: &&Key| algorithms.iter().any(|algorithm| key.is_for(*algorithm));
        self.0.iter().filter(fits).count()
    }

    /// Looks for the key that made the signature. A token without `kid` may be from any of them.
    pub(crate) fn judge(&self, token: &Jws<'_>) -> Signature {
        let mut fitting = self
            .0
            .iter()
            .filter(|key| key.is_for(token.algorithm))
            .filter(|key| token.kid.as_deref().is_none_or(|kid| key.is_called(kid)))
            .peekable();
        if fitting.peek().is_none() {
            return Signature::UnknownKey;
        }
        if fitting.any(|key| key.verifies(token.algorithm, token.signed, &token.signature)) {
            Signature::Good
        } else {
            Signature::Bad
        }
    }
}

/// Whether the signature was made with the client secret.
pub(crate) fn is_signed_with(secret: &Secret, token: &Jws<'_>) -> bool {
    let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, secret.expose().as_bytes());
    token.algorithm == SigningAlgorithm::Hs256
        && aws_lc_rs::hmac::verify(&key, token.signed, &token.signature).is_ok()
}
