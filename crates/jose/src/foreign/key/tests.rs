use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::{Key, padded, without_zeros};
use crate::foreign::SigningAlgorithm;

fn read(jwk: &Value) -> Option<Key> {
    Key::read(jwk.as_object().unwrap())
}

#[test]
fn the_key_of_rfc_8037_verifies_its_signature() {
    // RFC 8037, Appendix A.4.
    let key =
        read(&json!({"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}))
            .unwrap();
    let signature = super::decode(
        "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg",
    )
    .unwrap();
    let message = b"eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
    assert!(key.verifies(SigningAlgorithm::EdDsa, message, &signature));
    assert!(!key.verifies(SigningAlgorithm::EdDsa, b"another", &signature));
    assert!(!key.verifies(SigningAlgorithm::Es256, message, &signature));
}

#[test]
fn a_weak_modulus_is_no_key() {
    let modulus = |bytes: usize| URL_SAFE_NO_PAD.encode(vec![0xff; bytes]);
    assert!(read(&json!({"kty": "RSA", "n": modulus(128), "e": "AQAB"})).is_none());
    assert!(read(&json!({"kty": "RSA", "n": modulus(2048), "e": "AQAB"})).is_none());
    assert!(read(&json!({"kty": "RSA", "n": modulus(256), "e": ""})).is_none());
    assert!(read(&json!({"kty": "RSA", "n": modulus(256), "e": "AQAB"})).is_some());
}

#[test]
fn numbers_are_brought_to_their_length() {
    assert_eq!(padded(&[1, 2], 4), Some(vec![0, 0, 1, 2]));
    assert_eq!(padded(&[1, 2], 1), None);
    assert_eq!(without_zeros(&[0, 0, 1, 0]), [1, 0]);
    assert!(without_zeros(&[0, 0]).is_empty());
}
