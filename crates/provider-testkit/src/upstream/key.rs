//! Keys that sign, and what else can be done with them.

use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair,
};
use aws_lc_rs::{hmac, rand};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};

use super::Algorithm;

/// A key pair with an id.
pub(super) struct Key {
    id: String,
    pair: Pair,
}

enum Pair {
    Ec(EcdsaKeyPair),
    Rsa(RsaKeyPair),
}

impl Key {
    pub(super) fn generate(algorithm: Algorithm, id: &str) -> Self {
        let pair = match algorithm {
            Algorithm::Es256 => {
                let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING);
                Pair::Ec(pair.expect("a P-256 key"))
            }
            Algorithm::Rs256 => Pair::Rsa(RsaKeyPair::generate(KeySize::Rsa2048).expect("an RSA key")),
        };
        Self {
            id: id.to_owned(),
            pair,
        }
    }

    pub(super) fn id(&self) -> &str {
        &self.id
    }

    pub(super) fn algorithm(&self) -> &'static str {
        match self.pair {
            Pair::Ec(_) => "ES256",
            Pair::Rsa(_) => "RS256",
        }
    }

    /// The public key as a JWK.
    pub(super) fn public(&self) -> Value {
        let mut jwk = match &self.pair {
            Pair::Ec(pair) => {
                // SEC 1: a tag, then both coordinates.
                let (x, y) = pair.public_key().as_ref()[1..].split_at(32);
                json!({"kty": "EC", "crv": "P-256", "x": encode(x), "y": encode(y)})
            }
            Pair::Rsa(pair) => {
                // PKCS #1: a sequence of the modulus, whose 256 octets come after nine of headers and a zero, and 65537.
                let modulus = &pair.public_key().as_ref()[9..265];
                json!({"kty": "RSA", "n": encode(modulus), "e": "AQAB"})
            }
        };
        jwk["kid"] = json!(self.id);
        jwk["use"] = json!("sig");
        jwk["alg"] = json!(self.algorithm());
        jwk
    }

    /// A JWT by this key, under an id that may be another's.
    pub(super) fn sign(&self, kid: &str, typ: &str, claims: &Map<String, Value>) -> String {
        let input = input(&json!({"alg": self.algorithm(), "typ": typ, "kid": kid}), claims);
        let random = SystemRandom::new();
        let signature = match &self.pair {
            Pair::Ec(pair) => {
                let signature = pair.sign(&random, input.as_bytes()).expect("a signature");
                signature.as_ref().to_vec()
            }
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, input.as_bytes(), &mut signature)
                    .expect("a signature");
                signature
            }
        };
        format!("{input}.{}", encode(&signature))
    }

    /// A JWT whose MAC takes the published public key for a shared secret.
    pub(super) fn mac(&self, typ: &str, claims: &Map<String, Value>) -> String {
        let der = match &self.pair {
            Pair::Ec(pair) => pair.public_key().as_der().map(|der| der.as_ref().to_vec()),
            Pair::Rsa(pair) => pair.public_key().as_der().map(|der| der.as_ref().to_vec()),
        };
        self.mac_with(&der.expect("a public key as DER"), typ, claims)
    }

    /// A JWT with a MAC by this secret, under the key's id.
    pub(super) fn mac_with(&self, secret: &[u8], typ: &str, claims: &Map<String, Value>) -> String {
        let input = input(&json!({"alg": "HS256", "typ": typ, "kid": self.id}), claims);
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), input.as_bytes());
        format!("{input}.{}", encode(tag.as_ref()))
    }
}

/// A JWT that nobody signed.
pub(super) fn unsigned(typ: &str, claims: &Map<String, Value>) -> String {
    format!("{}.", input(&json!({"alg": "none", "typ": typ}), claims))
}

/// The SHA-256 of a text, or its left half, in base64url.
pub(super) fn digest(text: &str, length: usize) -> String {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, text.as_bytes());
    encode(&digest.as_ref()[..length])
}

/// A text that nobody can guess.
pub(super) fn random() -> String {
    let mut bytes = [0; 16];
    rand::fill(&mut bytes).expect("randomness");
    encode(&bytes)
}

fn input(header: &Value, claims: &Map<String, Value>) -> String {
    let claims = Value::Object(claims.clone());
    let part = |value: &Value| encode(value.to_string().as_bytes());
    format!("{}.{}", part(header), part(&claims))
}

fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
