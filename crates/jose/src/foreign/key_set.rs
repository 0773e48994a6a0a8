//! Somebody's public keys.

use serde_json::{Map, Value};
use thiserror::Error;

use super::SigningAlgorithm;
use super::jws::Jws;
use super::key::Key;

/// The most keys that are looked at.
const MOST_KEYS: usize = 100;

/// A key set ([RFC 7517 §5](https://www.rfc-editor.org/rfc/rfc7517#section-5)), without what is of no use here.
#[derive(Debug, Clone)]
pub struct KeySet(Vec<Key>);

/// What the keys say about a signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signature {
    /// It is one of theirs.
    Good,
    /// None of them has the token's `kid` and algorithm.
    UnknownKey,
    /// It is none of theirs.
    Bad,
}

/// Why a document is no key set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum KeySetError {
    /// It is no JSON.
    #[error("is not JSON")]
    NotJson,
    /// It has no keys.
    #[error("has no list of keys")]
    NoKeys,
}

impl KeySet {
    /// Reads a key set.
    ///
    /// # Errors
    /// [`KeySetError`].
    pub fn parse(json: &[u8]) -> Result<Self, KeySetError> {
        let document: Map<String, Value> = serde_json::from_slice(json).map_err(|_| KeySetError::NotJson)?;
        let keys = document.get("keys").and_then(Value::as_array);
        Ok(Self::of(keys.ok_or(KeySetError::NoKeys)?))
    }

    /// The keys of a list, without those that are of no use here.
    pub fn of(keys: &[Value]) -> Self {
        let usable = keys.iter().take(MOST_KEYS).filter_map(Value::as_object);
        Self(usable.filter_map(Key::read).collect())
    }

    /// Whether there is no key of use.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many keys can verify one of these algorithms.
    pub fn usable_for(&self, algorithms: &[SigningAlgorithm]) -> usize {
        let fits = |key: &&Key| algorithms.iter().any(|algorithm| key.is_for(*algorithm));
        self.0.iter().filter(fits).count()
    }

    /// Looks for the key that made the signature. A token without `kid` may be from any of them.
    pub fn judge(&self, token: &Jws<'_>) -> Signature {
        let mut fitting = self
            .0
            .iter()
            .filter(|key| key.is_for(token.algorithm()))
            .filter(|key| token.kid().is_none_or(|kid| key.is_called(kid)))
            .peekable();
        if fitting.peek().is_none() {
            return Signature::UnknownKey;
        }
        if fitting.any(|key| key.verifies(token.algorithm(), token.signed(), token.signature())) {
            Signature::Good
        } else {
            Signature::Bad
        }
    }
}
