use std::fmt;

use josekit::JoseError;
use josekit::jwk::Jwk;
use josekit::jwk::alg::ec::EcCurve;
use josekit::jwk::alg::ed::EdCurve;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use vestibule_jose::{Algorithm, KeyError, SigningKey};
use zeroize::Zeroize;

/// The size of new RSA keys, in bits.
const RSA_BITS: u32 = 2048;

/// A private key as it is kept, wiped when it is dropped. It is serialised only into a sealed document.
#[derive(Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct PrivateJwk(Value);

impl PrivateJwk {
    /// Makes a new key.
    pub(crate) fn generate(algorithm: Algorithm) -> Result<Self, JoseError> {
        let jwk = match algorithm {
            Algorithm::Es256 => Jwk::generate_ec_key(EcCurve::P256),
            Algorithm::EdDsa => Jwk::generate_ed_key(EdCurve::Ed25519),
            Algorithm::Rs256 => Jwk::generate_rsa_key(RSA_BITS),
        }?;
        Ok(Self(Value::Object(jwk.into())))
    }

    /// Makes it ready to sign with.
    pub(crate) fn signing_key(&self) -> Result<SigningKey, KeyError> {
        SigningKey::from_private_jwk(&self.0)
    }
}

impl Drop for PrivateJwk {
    fn drop(&mut self) {
        for member in self
            .0
            .as_object_mut()
            .into_iter()
            .flat_map(serde_json::Map::values_mut)
        {
            if let Value::String(text) = member {
                text.zeroize();
            }
        }
    }
}

impl fmt::Debug for PrivateJwk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PrivateJwk(redacted)")
    }
}
