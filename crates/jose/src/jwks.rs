use serde::{Deserialize, Deserializer, Serialize};

use crate::PublicJwk;

/// A set of public signature keys ([RFC 7517 §5](https://www.rfc-editor.org/rfc/rfc7517#section-5)).
///
/// Reading skips what this crate cannot verify with: “Implementations SHOULD ignore JWKs within a JWK
/// Set that use "kty" values that are not understood by them, that are missing required members, or for which
/// values are out of the supported ranges.”
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Jwks {
    keys: Vec<PublicJwk>,
}

impl Jwks {
    /// Puts keys into a set, in the order in which they will be published.
    pub fn new(keys: Vec<PublicJwk>) -> Self {
        Self { keys }
    }

    /// Returns the keys in their order.
    pub fn keys(&self) -> &[PublicJwk] {
        &self.keys
    }
}

impl<'de> Deserialize<'de> for Jwks {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Wire {
            keys: Vec<serde_json::Value>,
        }

        let wire = Wire::deserialize(deserializer)?;
        let usable = wire
            .keys
            .into_iter()
            .filter_map(|key| serde_json::from_value(key).ok());
        Ok(Self::new(usable.collect()))
    }
}
