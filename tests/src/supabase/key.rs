//! What a project signs its tokens with.

use std::fmt;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;

use super::world::uuid;

pub(super) const SECRET: &str = "a-secret-of-forty-characters-for-the-tests";

/// How a project signs its tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signing {
    /// With a key whose public half it publishes.
    Es256,
    /// With a secret, as projects of old do; it publishes no key.
    Hs256,
    /// With a secret, though it publishes a key.
    Hs256BesideKeys,
}

/// A key of ES256.
pub(super) struct Signer {
    pub(super) kid: String,
    pair: EcdsaKeyPair,
    random: SystemRandom,
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signer({})", self.kid)
    }
}

impl Signer {
    pub(super) fn generate() -> Self {
        Self {
            kid: uuid(),
            pair: EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("a key is made"),
            random: SystemRandom::new(),
        }
    }

    pub(super) fn sign(&self, message: &str) -> Vec<u8> {
        let signature = self.pair.sign(&self.random, message.as_bytes());
        signature.expect("the key signs").as_ref().to_vec()
    }

    /// The public half, as a point: what a liar takes for a secret.
    pub(super) fn point(&self) -> &[u8] {
        self.pair.public_key().as_ref()
    }

    pub(super) fn jwk(&self) -> Value {
        let coordinate = |range: std::ops::Range<usize>| URL_SAFE_NO_PAD.encode(&self.point()[range]);
        json!({
            "kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "key_ops": ["verify"], "ext": true,
            "kid": self.kid, "x": coordinate(1..33), "y": coordinate(33..65),
        })
    }
}

/// A signature of HS256.
pub(super) fn mac(secret: &[u8], message: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).expect("a secret of any length will do");
    mac.update(message.as_bytes());
    mac.finalize().into_bytes().to_vec()
}
