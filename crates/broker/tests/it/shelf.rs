//! Documents at addresses, without a network, and keys that clients sign with.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use url::Url;
use vestibule_broker::{Document, Documents, FetchError};

/// What is served where.
#[derive(Default)]
pub(crate) struct Shelf {
    served: Mutex<HashMap<String, Result<Document, FetchError>>>,
    fetched: AtomicUsize,
    /// Every fetch waits until somebody lets it go on.
    gate: Option<tokio::sync::Semaphore>,
}

impl Shelf {
    pub(crate) fn new() -> Arc<Self> {
        Arc::default()
    }

    /// Every fetch waits until the gate is opened.
    pub(crate) fn behind_a_gate() -> Arc<Self> {
        Arc::new(Self {
            gate: Some(tokio::sync::Semaphore::new(0)),
            ..Self::default()
        })
    }

    /// Lets all go on who wait.
    pub(crate) fn open(&self) {
        self.gate.as_ref().unwrap().add_permits(100);
    }

    /// Serves a JSON document.
    pub(crate) fn serve(&self, url: &str, document: &Value) {
        self.serve_for(url, document, None);
    }

    /// Serves a JSON document that says for how long it is fresh.
    pub(crate) fn serve_for(&self, url: &str, document: &Value, fresh_for: Option<Duration>) {
        let document = Document {
            media_type: Some("application/json".to_owned()),
            fresh_for,
            body: document.to_string().into_bytes().into(),
        };
        self.served.lock().unwrap().insert(url.to_owned(), Ok(document));
    }

    /// Answers with an error from now on.
    pub(crate) fn fail(&self, url: &str, error: FetchError) {
        self.served.lock().unwrap().insert(url.to_owned(), Err(error));
    }

    /// How often anything was fetched.
    pub(crate) fn fetched(&self) -> usize {
        self.fetched.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl Documents for Shelf {
    async fn fetch(&self, url: &Url, _accept: &'static str) -> Result<Document, FetchError> {
        self.fetched.fetch_add(1, Ordering::SeqCst);
        if let Some(gate) = &self.gate {
            gate.acquire().await.unwrap().forget();
        }
        let served = self.served.lock().unwrap().get(url.as_str()).cloned();
        served.unwrap_or(Err(FetchError::Status(404)))
    }
}

/// A key pair of a client's.
pub(crate) struct Signer {
    kid: &'static str,
    pair: Pair,
}

enum Pair {
    Ed25519(Ed25519KeyPair),
    P256(EcdsaKeyPair),
}

impl Signer {
    pub(crate) fn ed25519(kid: &'static str) -> Self {
        let pair = Pair::Ed25519(Ed25519KeyPair::generate().unwrap());
        Self { kid, pair }
    }

    pub(crate) fn p256(kid: &'static str) -> Self {
        let pair = Pair::P256(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap());
        Self { kid, pair }
    }

    /// The public half.
    pub(crate) fn jwk(&self) -> Value {
        let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        match &self.pair {
            Pair::Ed25519(pair) => json!({
                "kid": self.kid, "kty": "OKP", "crv": "Ed25519", "x": encode(pair.public_key().as_ref())
            }),
            Pair::P256(pair) => {
                let point = pair.public_key().as_ref();
                json!({
                    "kid": self.kid, "kty": "EC", "crv": "P-256",
                    "x": encode(&point[1..33]), "y": encode(&point[33..])
                })
            }
        }
    }

    pub(crate) fn jwks(&self) -> Value {
        json!({"keys": [self.jwk()]})
    }

    pub(crate) fn alg(&self) -> &'static str {
        match self.pair {
            Pair::Ed25519(_) => "EdDSA",
            Pair::P256(_) => "ES256",
        }
    }

    /// The header that a careful client writes.
    pub(crate) fn header(&self) -> Value {
        json!({"alg": self.alg(), "kid": self.kid, "typ": "client-authentication+jwt"})
    }

    /// A signed token of whatever header and claims.
    pub(crate) fn sign(&self, header: &Value, claims: &Value) -> String {
        let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", encode(header), encode(claims));
        let signature = match &self.pair {
            Pair::Ed25519(pair) => pair.sign(signed.as_bytes()).as_ref().to_vec(),
            Pair::P256(pair) => pair
                .sign(&SystemRandom::new(), signed.as_bytes())
                .unwrap()
                .as_ref()
                .to_vec(),
        };
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}
