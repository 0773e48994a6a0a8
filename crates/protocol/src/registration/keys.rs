//! The public keys that a client names.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use url::Url;

use super::RegistrationError;

/// More keys than any client has.
const MOST_KEYS: usize = 16;

/// The members of a JWK that are private, or secret altogether
/// ([RFC 7518 §6](https://www.rfc-editor.org/rfc/rfc7518#section-6)).
const PRIVATE: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/// A client's keys, written out: the `keys` of its `jwks`, each an object without private members.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ClientJwks(Vec<Value>);

impl ClientJwks {
    /// The keys. What each is good for is another crate's to say.
    pub fn keys(&self) -> &[Value] {
        &self.0
    }

    /// Reads a `jwks` ([RFC 7591 §2](https://www.rfc-editor.org/rfc/rfc7591#section-2)).
    ///
    /// # Errors
    /// [`RegistrationError::Jwks`] and [`RegistrationError::PrivateKey`].
    pub fn parse(jwks: &Value) -> Result<Self, RegistrationError> {
        let keys = jwks.get("keys").and_then(Value::as_array);
        let keys = keys.filter(|keys| (1..=MOST_KEYS).contains(&keys.len()));
        let keys = keys.ok_or(RegistrationError::Jwks)?;
        for key in keys {
            let key = key.as_object().ok_or(RegistrationError::Jwks)?;
            if is_secret(key) {
                return Err(RegistrationError::PrivateKey);
            }
        }
        Ok(Self(keys.clone()))
    }
}

fn is_secret(key: &Map<String, Value>) -> bool {
    PRIVATE.iter().any(|member| key.contains_key(*member))
        || key.get("kty").and_then(Value::as_str) == Some("oct")
}

/// Reads a `jwks_uri`: an `https` address without a user name and a fragment.
pub(super) fn jwks_uri(value: &Value) -> Result<String, RegistrationError> {
    let text = value.as_str().ok_or(RegistrationError::JwksUri)?;
    let url = Url::parse(text).map_err(|_| RegistrationError::JwksUri)?;
    let plain = text.len() <= 2048
        && matches!(url.scheme(), "https" | "http")
        && url.username().is_empty()
        && url.password().is_none()
        && url.fragment().is_none();
    // Plain http is for this machine, where only a broker that is told so goes.
    if plain && (url.scheme() == "https" || crate::issuer::is_loopback(&url)) {
        Ok(url.into())
    } else {
        Err(RegistrationError::JwksUri)
    }
}
