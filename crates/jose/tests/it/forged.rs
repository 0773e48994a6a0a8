//! Tokens as an attacker, or a careless issuer, would write them: any header, any payload, any signature.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, EcdsaSigningAlgorithm};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use vestibule_jose::Algorithm;

use crate::keys;
use crate::support::{access_claims, signing_key};

/// The header that the issuer itself writes.
pub(crate) fn header() -> Value {
    json!({"alg": "ES256", "typ": "at+jwt", "kid": key_id()})
}

pub(crate) fn key_id() -> String {
    signing_key(Algorithm::Es256).key_id().to_string()
}

/// Signs any header and payload text with the issuer's own ES256 key.
pub(crate) fn sign_text(header: &str, payload: &str) -> String {
    sign_with(&ECDSA_P256_SHA256_FIXED_SIGNING, header, payload)
}

/// Signs any header over the usual claims with the issuer's own ES256 key.
pub(crate) fn with_header(header: &Value) -> String {
    sign_text(&header.to_string(), &access_claims().to_string())
}

/// Signs any claims under the usual header with the issuer's own ES256 key.
pub(crate) fn with_claims(claims: &Value) -> String {
    sign_text(&header().to_string(), &claims.to_string())
}

/// Signs two segments that are encoded already, or should have been.
pub(crate) fn sign_encoded(header: &str, payload: &str) -> String {
    sign_message(&ECDSA_P256_SHA256_FIXED_SIGNING, &format!("{header}.{payload}"))
}

pub(crate) fn sign_with(algorithm: &'static EcdsaSigningAlgorithm, header: &str, payload: &str) -> String {
    sign_message(algorithm, &format!("{}.{}", encode(header), encode(payload)))
}

fn sign_message(algorithm: &'static EcdsaSigningAlgorithm, message: &str) -> String {
    let jwk = keys::es256();
    let member = |name: &str| URL_SAFE_NO_PAD.decode(jwk[name].as_str().unwrap()).unwrap();
    let point = [vec![4], member("x"), member("y")].concat();
    let pair = EcdsaKeyPair::from_private_key_and_public_key(algorithm, &member("d"), &point).unwrap();
    let signature = pair.sign(&SystemRandom::new(), message.as_bytes()).unwrap();
    join(message, signature.as_ref())
}

pub(crate) fn join(message: &str, signature: &[u8]) -> String {
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
}

pub(crate) fn encode(text: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(text)
}
