use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::Value;

/// A client's or an issuer's key.
pub(crate) struct KeyPair {
    der: Vec<u8>,
}

impl KeyPair {
    pub(crate) fn generate() -> Self {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        Self {
            der: pair.to_pkcs8v1().unwrap().as_ref().to_vec(),
        }
    }

    /// As it stands in a file.
    pub(crate) fn pem(&self) -> String {
        let encoded = STANDARD.encode(&self.der);
        format!("-----BEGIN PRIVATE KEY-----\n{encoded}\n-----END PRIVATE KEY-----\n")
    }

    /// As it is registered.
    pub(crate) fn public(&self) -> Value {
        let key = EncodingKey::from_ec_der(&self.der);
        serde_json::to_value(Jwk::from_encoding_key(&key, Algorithm::ES256).unwrap()).unwrap()
    }

    /// A token with these claims.
    pub(crate) fn sign(&self, claims: &Value) -> String {
        let key = EncodingKey::from_ec_der(&self.der);
        jsonwebtoken::encode(&Header::new(Algorithm::ES256), claims, &key).unwrap()
    }
}
