//! Baselines: handlers that do the least that any server could.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _, UnparsedPublicKey,
};
use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::routing::{get, post};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;

/// One P-256 key, ready to sign and to verify.
pub struct Signer {
    key: EcdsaKeyPair,
    public: Vec<u8>,
    random: SystemRandom,
}

impl Signer {
    /// A fresh key.
    pub fn new() -> Self {
        let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        let public = key.public_key().as_ref().to_vec();
        Self {
            key,
            public,
            random: SystemRandom::new(),
        }
    }

    /// Signs.
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.key.sign(&self.random, message).unwrap().as_ref().to_vec()
    }

    /// Verifies, and panics if the signature is wrong.
    pub fn verify(&self, message: &[u8], signature: &[u8]) {
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, &self.public)
            .verify(message, signature)
            .unwrap();
    }
}

impl Default for Signer {
    fn default() -> Self {
        Self::new()
    }
}

/// Answers `GET /` with `size` bytes of JSON, and does nothing else.
pub fn fixed(size: usize) -> Router {
    let body = Bytes::from(vec![b' '; size]);
    Router::new().route(
        "/",
        get(move || async move { ([(CONTENT_TYPE, "application/json")], body) }),
    )
}

/// Answers `POST /` with a few bytes of JSON once the body is read.
pub fn post_only() -> Router {
    let answer = |body: Bytes| async move {
        (
            [(CONTENT_TYPE, "application/json")],
            format!("{{\"read\":{}}}", body.len()),
        )
    };
    Router::new().route("/", post(answer))
}

/// Answers `POST /` with a token: one ES256 signature over `size` bytes, and nothing else.
pub fn one_signature(size: usize) -> Router {
    let signer = Arc::new(Signer::new());
    let message: Arc<str> = "x".repeat(size).into();
    let answer = move |_: Bytes| {
        let (signer, message) = (signer.clone(), message.clone());
        async move {
            let signature = URL_SAFE_NO_PAD.encode(signer.sign(message.as_bytes()));
            let body = format!("{{\"access_token\":\"{message}.{signature}\",\"token_type\":\"Bearer\"}}");
            ([(CONTENT_TYPE, "application/json")], body)
        }
    };
    Router::new().route("/", post(answer))
}

/// How many signatures the bare handler verifies in turn: with one alone the processor would learn its branches.
const SIGNATURES: usize = 1024;

/// Answers `POST /` once one ES256 signature over `size` bytes is verified, another one each time.
pub fn one_verification(size: usize) -> Router {
    let signer = Arc::new(Signer::new());
    let tokens: Arc<[_]> = (0..SIGNATURES)
        .map(|number| {
            let message = format!("{number:0size$}").into_bytes();
            let signature = signer.sign(&message);
            (message, signature)
        })
        .collect();
    let turn = Arc::new(AtomicUsize::new(0));
    let answer = move |body: Bytes| {
        let (signer, tokens, turn) = (signer.clone(), tokens.clone(), turn.clone());
        async move {
            let (message, signature) = &tokens[turn.fetch_add(1, Ordering::Relaxed) % SIGNATURES];
            signer.verify(message, signature);
            (
                [(CONTENT_TYPE, "application/json")],
                format!("{{\"read\":{}}}", body.len()),
            )
        }
    };
    Router::new().route("/", post(answer))
}
