//! Proofs as jsonwebtoken signs them, with every algorithm that is advertised.

use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use rstest::rstest;
use serde_json::Value;
use vestibule_jose::dpop::{ALGORITHMS, ProofError, algorithm_names};

use super::{claims, judge, public};
use crate::keys;

const ES256: &str = include_str!("../keys/es256.pem");
const P384: &str = include_str!("../keys/p384.pem");
const RSA: &str = include_str!("../keys/rs256.pem");
const ED25519: &str = include_str!("../keys/ed25519.pem");

fn proof(algorithm: Algorithm, key: &EncodingKey) -> String {
    let header = Header {
        typ: Some("dpop+jwt".to_owned()),
        jwk: Some(jsonwebtoken::jwk::Jwk::from_encoding_key(key, algorithm).unwrap()),
        ..Header::new(algorithm)
    };
    encode(&header, &claims(), key).unwrap()
}

fn key(algorithm: Algorithm) -> EncodingKey {
    match algorithm {
        Algorithm::ES256 => EncodingKey::from_ec_pem(ES256.as_bytes()),
        Algorithm::ES384 => EncodingKey::from_ec_pem(P384.as_bytes()),
        Algorithm::EdDSA => EncodingKey::from_ed_pem(ED25519.as_bytes()),
        _ => EncodingKey::from_rsa_pem(RSA.as_bytes()),
    }
    .unwrap()
}

#[rstest]
fn every_algorithm_that_is_advertised_is_taken(
    #[values("ES256", "ES384", "EdDSA", "PS256", "RS256")] name: &str,
) {
    assert!(algorithm_names().any(|advertised| advertised == name));
    assert_eq!(ALGORITHMS.len(), 5);
    let algorithm: Algorithm = name.parse().unwrap();
    let key = key(algorithm);
    let proof = judge(&proof(algorithm, &key)).unwrap();
    let theirs = jsonwebtoken::jwk::Jwk::from_encoding_key(&key, algorithm).unwrap();
    assert_eq!(
        proof.thumbprint.to_string(),
        theirs
            .thumbprint(jsonwebtoken::jwk::ThumbprintHash::SHA256)
            .unwrap()
    );
}

#[rstest]
fn every_other_is_refused(#[values("RS384", "RS512", "PS384", "PS512")] name: &str) {
    let algorithm: Algorithm = name.parse().unwrap();
    assert_eq!(
        judge(&proof(algorithm, &key(algorithm))),
        Err(ProofError::Algorithm)
    );
}

/// [RFC 7638 §3.2](https://www.rfc-editor.org/rfc/rfc7638#section-3.2): what else the key says does not change its thumbprint.
#[test]
fn a_key_has_one_thumbprint_however_it_is_described() {
    let plain = judge(&super::proof_of(&super::header(), &claims())).unwrap();
    let mut jwk = public(keys::es256());
    jwk["kid"] = "a name".into();
    jwk["use"] = "sig".into();
    jwk["alg"] = "ES256".into();
    let mut header = super::header();
    header["jwk"] = jwk;
    header["kid"] = Value::from("another");
    let described = judge(&super::proof_of(&header, &claims())).unwrap();
    assert_eq!(plain.thumbprint, described.thumbprint);
}
