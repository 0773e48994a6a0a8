//! Proofs of possession ([RFC 9449](https://www.rfc-editor.org/rfc/rfc9449)): the key of a login's tokens, and what is signed with it.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use jsonwebtoken::{
    Algorithm, EncodingKey, Header,
    jwk::{Jwk, ThumbprintHash},
};
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use thiserror::Error;
use url::Url;
use vestibule_protocol::Secret;

use crate::{Host, jwt};

/// What this client signs proofs with.
pub(crate) const ALGORITHM: &str = "ES256";

/// The header of a proof.
pub(crate) const DPOP: HeaderName = HeaderName::from_static("dpop");

/// The header in which a server says what the next proof has to hold.
const NONCE: HeaderName = HeaderName::from_static("dpop-nonce");

/// The longest nonce that is repeated, in bytes.
const LONGEST_NONCE: usize = 1024;

/// The key could not be made, or is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the key that the tokens are bound to cannot be used; log in again")]
pub struct ProofError;

/// The nonces that servers gave out last, each for the address that gave it out
/// ([RFC 9449 §8](https://www.rfc-editor.org/rfc/rfc9449#section-8)).
#[derive(Default)]
pub(crate) struct Nonces(Mutex<HashMap<String, String>>);

/// Makes proofs with the key of one login.
pub(crate) struct Prover {
    key: EncodingKey,
    jwk: Jwk,
    host: Arc<dyn Host>,
    nonces: Arc<Nonces>,
}

#[derive(Serialize)]
struct Claims<'a> {
    jti: String,
    htm: &'a str,
    htu: String,
    iat: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    ath: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    nonce: Option<String>,
}

/// Makes a key for the tokens of a new login.
pub(crate) fn new_key() -> Result<Secret, ProofError> {
    let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).map_err(|_| ProofError)?;
    let document = pair.to_pkcs8v1().map_err(|_| ProofError)?;
    Ok(Secret::new(URL_SAFE_NO_PAD.encode(document)))
}

impl Prover {
    /// Reads the key of a login.
    pub(crate) fn new(key: &Secret, host: Arc<dyn Host>, nonces: Arc<Nonces>) -> Result<Self, ProofError> {
        let der = URL_SAFE_NO_PAD.decode(key.expose()).map_err(|_| ProofError)?;
        let key = EncodingKey::from_ec_der(&der);
        let jwk = Jwk::from_encoding_key(&key, Algorithm::ES256).map_err(|_| ProofError)?;
        Ok(Self {
            key,
            jwk,
            host,
            nonces,
        })
    }

    /// The key's [RFC 7638](https://www.rfc-editor.org/rfc/rfc7638) thumbprint.
    pub(crate) fn thumbprint(&self) -> Result<String, ProofError> {
        self.jwk
            .thumbprint(ThumbprintHash::SHA256)
            .map_err(|_| ProofError)
    }

    /// Makes the proof for one request, which no other has
    /// ([RFC 9449 §4.2](https://www.rfc-editor.org/rfc/rfc9449#section-4.2)).
    pub(crate) fn prove(
        &self,
        method: &Method,
        url: &Url,
        access_token: Option<&str>,
    ) -> Result<HeaderValue, ProofError> {
        let htu = address(url);
        let claims = Claims {
            jti: URL_SAFE_NO_PAD.encode(self.host.random()),
            htm: method.as_str(),
            iat: self.host.now().as_secs(),
            ath: access_token.map(|token| URL_SAFE_NO_PAD.encode(Sha256::digest(token))),
            nonce: self.nonces.of(&htu),
            htu,
        };
        let header = Header {
            typ: Some("dpop+jwt".to_owned()),
            jwk: Some(self.jwk.clone()),
            ..Header::new(Algorithm::ES256)
        };
        let proof = jwt::sign(&header, &claims, &self.key).ok_or(ProofError)?;
        HeaderValue::from_str(proof.expose()).map_err(|_| ProofError)
    }

    /// Keeps the nonce of an answer, and says whether it is another one than before.
    pub(crate) fn learn(&self, url: &Url, answer: &HeaderMap) -> bool {
        answer
            .get(NONCE)
            .and_then(|nonce| nonce.to_str().ok())
            .filter(|nonce| (1..=LONGEST_NONCE).contains(&nonce.len()))
            .is_some_and(|nonce| self.nonces.keep(address(url), nonce))
    }
}

impl Nonces {
    fn of(&self, address: &str) -> Option<String> {
        let nonces = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        nonces.get(address).cloned()
    }

    fn keep(&self, address: String, nonce: &str) -> bool {
        let mut nonces = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        nonces.insert(address, nonce.to_owned()).as_deref() != Some(nonce)
    }
}

/// The address of a request as a proof names it: without query and fragment.
fn address(url: &Url) -> String {
    let mut address = url.clone();
    address.set_query(None);
    address.set_fragment(None);
    address.into()
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue};
    use url::Url;
    use vestibule_protocol::Timestamp;

    use super::*;

    struct Still;

    impl Host for Still {
        fn now(&self) -> Timestamp {
            Timestamp::from_secs(0)
        }

        fn random(&self) -> [u8; 32] {
            [0; 32]
        }
    }

    fn prover() -> Prover {
        Prover::new(&new_key().unwrap(), Arc::new(Still), Arc::default()).unwrap()
    }

    #[test]
    fn a_proof_names_the_address_without_query_and_fragment() {
        let url = Url::parse("https://mcp.example/mcp?team=1#top").unwrap();
        assert_eq!(address(&url), "https://mcp.example/mcp");
    }

    #[test]
    fn a_nonce_without_measure_is_not_repeated() {
        let (prover, url) = (prover(), Url::parse("https://mcp.example/mcp").unwrap());
        for nonce in [String::new(), "n".repeat(1025)] {
            let answer = HeaderMap::from_iter([(NONCE, HeaderValue::from_str(&nonce).unwrap())]);
            assert!(!prover.learn(&url, &answer));
        }
        let answer = HeaderMap::from_iter([(NONCE, HeaderValue::from_static("n"))]);
        assert!(prover.learn(&url, &answer));
        assert!(!prover.learn(&url, &answer), "it is no other");
    }

    #[test]
    fn what_is_no_key_proves_nothing() {
        for text in ["", "not base64url!", "bm8ga2V5"] {
            let key = Prover::new(&Secret::new(text), Arc::new(Still), Arc::default());
            assert!(key.is_err(), "{text}");
        }
    }
}
