use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use vestibule_protocol::Timestamp;

use super::RESOURCE;

/// A client with a key of its own. Its proofs are put together by hand, as other people's libraries do it.
pub(crate) enum Prover {
    Es256(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

impl Prover {
    pub(crate) fn new() -> Self {
        Self::Es256(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap())
    }

    pub(crate) fn on_ed25519() -> Self {
        Self::Ed25519(Ed25519KeyPair::generate().unwrap())
    }

    /// The public key, in the members and the order that its thumbprint is made of (RFC 7638 §3.2).
    fn canonical_jwk(&self) -> String {
        match self {
            Self::Es256(pair) => {
                let (x, y) = pair.public_key().as_ref()[1..].split_at(32);
                let (x, y) = (encode(x), encode(y));
                format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#)
            }
            Self::Ed25519(pair) => {
                let x = encode(pair.public_key().as_ref());
                format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#)
            }
        }
    }

    pub(crate) fn jwk(&self) -> Value {
        serde_json::from_str(&self.canonical_jwk()).unwrap()
    }

    pub(crate) fn thumbprint(&self) -> String {
        hash(self.canonical_jwk().as_bytes())
    }

    fn alg(&self) -> &'static str {
        match self {
            Self::Es256(_) => "ES256",
            Self::Ed25519(_) => "EdDSA",
        }
    }

    pub(crate) fn sign(&self, message: &[u8]) -> Vec<u8> {
        match self {
            Self::Es256(pair) => pair
                .sign(&SystemRandom::new(), message)
                .unwrap()
                .as_ref()
                .to_vec(),
            Self::Ed25519(pair) => pair.sign(message).as_ref().to_vec(),
        }
    }

    /// A good proof for a call of the MCP endpoint with this token, until something is changed.
    pub(crate) fn proof(&self, id: &str, token: &str, now: Timestamp) -> Proof<'_> {
        Proof {
            prover: self,
            header: json!({ "typ": "dpop+jwt", "alg": self.alg(), "jwk": self.jwk() }),
            claims: json!({
                "jti": id,
                "htm": "POST",
                "htu": RESOURCE,
                "iat": now.as_secs(),
                "ath": hash(token.as_bytes()),
            }),
        }
    }
}

/// A proof in the making.
#[derive(Clone)]
pub(crate) struct Proof<'a> {
    prover: &'a Prover,
    pub(crate) header: Value,
    pub(crate) claims: Value,
}

impl Proof<'_> {
    pub(crate) fn with(mut self, claim: &str, value: impl Into<Value>) -> Self {
        self.claims[claim] = value.into();
        self
    }

    pub(crate) fn without(mut self, claim: &str) -> Self {
        self.claims.as_object_mut().unwrap().remove(claim);
        self
    }

    pub(crate) fn head(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.header[name] = value.into();
        self
    }

    pub(crate) fn without_head(mut self, name: &str) -> Self {
        self.header.as_object_mut().unwrap().remove(name);
        self
    }

    pub(crate) fn sign(&self) -> String {
        self.sign_by(|message| self.prover.sign(message))
    }

    /// Puts a signature under it that is made in another way.
    pub(crate) fn sign_by(&self, signature: impl Fn(&[u8]) -> Vec<u8>) -> String {
        let part = |value: &Value| encode(value.to_string().as_bytes());
        let signed = format!("{}.{}", part(&self.header), part(&self.claims));
        let signature = encode(&signature(signed.as_bytes()));
        format!("{signed}.{signature}")
    }
}

fn hash(bytes: &[u8]) -> String {
    encode(digest(&SHA256, bytes).as_ref())
}

fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
