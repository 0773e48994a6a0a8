//! A key to sign ID tokens with, and tokens of any shape.

use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};

/// An RSA key with a name.
pub(crate) struct Key {
    name: &'static str,
    pair: KeyPair,
}

impl Key {
    pub(crate) fn new(name: &'static str) -> Self {
        let pair = KeyPair::generate(KeySize::Rsa2048).expect("a key is generated");
        Self { name, pair }
    }

    /// The public half, as Google publishes it.
    pub(crate) fn jwk(&self) -> Value {
        let public = self.pair.public_key();
        json!({
            "kty": "RSA",
            "alg": "RS256",
            "use": "sig",
            "kid": self.name,
            "n": URL_SAFE_NO_PAD.encode(public.modulus().big_endian_without_leading_zero()),
            "e": URL_SAFE_NO_PAD.encode(public.exponent().big_endian_without_leading_zero()),
        })
    }

    /// The private half, as Google gives it to whoever makes a service account's key.
    pub(crate) fn pem(&self) -> String {
        let der: Pkcs8V1Der<'_> = self.pair.as_der().expect("a private key has a form");
        let text = STANDARD.encode(der.as_ref());
        let lines: Vec<_> = text.as_bytes().chunks(64).map(String::from_utf8_lossy).collect();
        let body = lines.join("\n");
        format!("-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----\n")
    }

    /// The public half, for verifiers of others.
    pub(crate) fn public_der(&self) -> Vec<u8> {
        let der = self.pair.public_key().as_der();
        der.expect("a public key has a form").as_ref().to_vec()
    }

    /// A token as Firebase signs them.
    pub(crate) fn sign(&self, claims: &Value) -> String {
        self.sign_under(&json!({"alg": "RS256", "kid": self.name, "typ": "JWT"}), claims)
    }

    /// A token with a header of any kind, signed with RS256 all the same.
    pub(crate) fn sign_under(&self, header: &Value, claims: &Value) -> String {
        self.sign_bytes(&unsigned(header, claims))
    }

    /// A token whose payload is this text, whatever JSON it is.
    pub(crate) fn sign_text(&self, payload: &str) -> String {
        let header = json!({"alg": "RS256", "kid": self.name, "typ": "JWT"}).to_string();
        let [header, payload] = [header.as_str(), payload].map(|text| URL_SAFE_NO_PAD.encode(text));
        self.sign_bytes(&format!("{header}.{payload}"))
    }

    fn sign_bytes(&self, signed: &str) -> String {
        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair
            .sign(
                &RSA_PKCS1_SHA256,
                &SystemRandom::new(),
                signed.as_bytes(),
                &mut signature,
            )
            .expect("it signs");
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    /// A token signed by HMAC with the public key, for verifiers that take the algorithm from the token.
    pub(crate) fn confuse(&self, claims: &Value) -> String {
        let signed = unsigned(&json!({"alg": "HS256", "kid": self.name, "typ": "JWT"}), claims);
        let public = self.pair.public_key().as_der().expect("a public key has a form");
        let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, public.as_ref());
        let signature = aws_lc_rs::hmac::sign(&key, signed.as_bytes());
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

/// A token without a signature: header and payload alone.
pub(crate) fn unsigned(header: &Value, claims: &Value) -> String {
    let encoded = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}", encoded(header), encoded(claims))
}
