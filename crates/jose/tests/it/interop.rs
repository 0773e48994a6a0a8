//! jsonwebtoken as a second opinion: what one mints, the other verifies.

use jsonwebtoken::jwk::{Jwk, ThumbprintHash};
use jsonwebtoken::{DecodingKey, EncodingKey, Header, Validation, decode, encode};
use rstest::rstest;
use serde_json::Value;
use vestibule_jose::{Algorithm, Jwks, SigningKey, TokenType, VerifyingKeys, verify};

use crate::support::{ISSUER, RESOURCE, access_claims, expected, jwks, now, signing_key};

/// The same keys as OpenSSL writes them: `openssl genpkey`, PKCS#8.
const PEMS: [(Algorithm, &str); 3] = [
    (Algorithm::Es256, include_str!("keys/es256.pem")),
    (Algorithm::EdDsa, include_str!("keys/ed25519.pem")),
    (Algorithm::Rs256, include_str!("keys/rs256.pem")),
];

fn theirs(algorithm: Algorithm) -> jsonwebtoken::Algorithm {
    algorithm.as_str().parse().unwrap()
}

fn published(key: &SigningKey) -> Jwk {
    serde_json::from_value(serde_json::to_value(key.public_jwk()).unwrap()).unwrap()
}

fn verified_by_them(token: &str, key: &SigningKey) -> Value {
    let mut validation = Validation::new(theirs(key.algorithm()));
    validation.set_issuer(&[ISSUER]);
    validation.set_audience(&[RESOURCE]);
    validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    validation.validate_exp = false;
    decode(
        token,
        &DecodingKey::from_jwk(&published(key)).unwrap(),
        &validation,
    )
    .unwrap()
    .claims
}

#[rstest]
fn they_verify_what_we_mint(
    #[values(Algorithm::Es256, Algorithm::EdDsa, Algorithm::Rs256)] algorithm: Algorithm,
) {
    let key = signing_key(algorithm);
    let token = key.sign(TokenType::AccessToken, &access_claims()).unwrap();
    assert_eq!(verified_by_them(&token, &key), access_claims());
    let header = jsonwebtoken::decode_header(&token).unwrap();
    assert_eq!(header.kid.as_deref(), Some(key.key_id().as_str()));
    assert_eq!(header.typ.as_deref(), Some("at+jwt"));
}

#[test]
fn we_verify_what_they_mint_with_the_same_pem() {
    for (algorithm, pem) in PEMS {
        let key = SigningKey::from_pkcs8_pem(algorithm, pem).unwrap();
        let theirs_key = match algorithm {
            Algorithm::Es256 => EncodingKey::from_ec_pem(pem.as_bytes()),
            Algorithm::EdDsa => EncodingKey::from_ed_pem(pem.as_bytes()),
            Algorithm::Rs256 => EncodingKey::from_rsa_pem(pem.as_bytes()),
        };
        let mut header = Header::new(theirs(algorithm));
        header.typ = Some("at+jwt".to_owned());
        header.kid = Some(key.key_id().to_string());
        let token = encode(&header, &access_claims(), &theirs_key.unwrap()).unwrap();
        let keys = VerifyingKeys::from_jwks(&Jwks::new(vec![key.public_jwk().clone()]));
        let claims: Value = verify(&token, &keys, &expected(), now()).unwrap();
        assert_eq!(claims, access_claims());
        // And the key that we read from the PEM signs as well.
        let token = key.sign(TokenType::AccessToken, &access_claims()).unwrap();
        assert_eq!(verified_by_them(&token, &key), access_claims());
    }
}

#[test]
fn a_pem_of_another_kind_is_refused() {
    for (algorithm, pem) in PEMS {
        for other in Algorithm::ALL.into_iter().filter(|other| *other != algorithm) {
            assert!(
                SigningKey::from_pkcs8_pem(other, pem).is_err(),
                "{algorithm} as {other}"
            );
        }
    }
    let sec1 = include_str!("keys/es256.sec1.pem");
    assert!(SigningKey::from_pkcs8_pem(Algorithm::Es256, sec1).is_err());
    let p384 = include_str!("keys/p384.pem");
    assert!(SigningKey::from_pkcs8_pem(Algorithm::Es256, p384).is_err());
    assert!(SigningKey::from_pkcs8_pem(Algorithm::Es256, "").is_err());
}

#[test]
fn our_thumbprints_are_theirs() {
    for key in jwks().keys() {
        let jwk: Jwk = serde_json::from_value(serde_json::to_value(key).unwrap()).unwrap();
        assert_eq!(key.thumbprint(), jwk.thumbprint(ThumbprintHash::SHA256).unwrap());
    }
}
