use super::*;

fn algorithms(pem: &str) -> Option<Vec<Algorithm>> {
    ClientKey::from_pem(&Secret::new(pem)).map(|key| key.algorithms)
}

#[test]
fn a_key_signs_with_what_its_kind_can() {
    let p256 = include_str!("../../../jose/tests/it/keys/es256.pem");
    assert_eq!(algorithms(p256).unwrap(), [Algorithm::ES256]);
    let p384 = include_str!("../../../jose/tests/it/keys/p384.pem");
    assert_eq!(algorithms(p384).unwrap(), [Algorithm::ES384]);
    let ed25519 = include_str!("../../../jose/tests/it/keys/ed25519.pem");
    assert_eq!(algorithms(ed25519).unwrap(), [Algorithm::EdDSA]);
    let rsa = algorithms(include_str!("../../../jose/tests/it/keys/rs256.pem")).unwrap();
    assert_eq!((rsa.first(), rsa.len()), (Some(&Algorithm::RS256), 6));
}

#[test]
fn what_is_no_private_key_is_none() {
    let pem = include_str!("../../../jose/tests/it/keys/es256.pem");
    for text in [
        "",
        "a secret",
        "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
        &pem.replace("PRIVATE", "PUBLIC"),
        r#"{"kty": "EC", "crv": "P-256", "d": "AA", "x": "AA", "y": "AA"}"#,
    ] {
        assert!(algorithms(text).is_none(), "{text}");
    }
}
