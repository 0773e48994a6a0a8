use rstest::rstest;
use serde_json::{Value, json};
use vestibule_jose::{Algorithm, JwkError, Jwks, PublicJwk, TokenType, VerifyError, VerifyingKeys, verify};
use vestibule_protocol::KeyId;

use crate::keys;
use crate::support::{access_claims, expected, jwks, now, signing_key, with};

fn read(keys: &Value) -> Jwks {
    serde_json::from_value(json!({ "keys": keys })).unwrap()
}

#[test]
fn a_published_set_holds_no_private_member() {
    let published = serde_json::to_value(jwks()).unwrap();
    for key in published["keys"].as_array().unwrap() {
        for private in ["d", "p", "q", "dp", "dq", "qi", "oth", "k"] {
            assert!(key.get(private).is_none(), "{private} in {key}");
        }
        assert_eq!(key["use"], "sig");
        assert!(key["kid"].is_string() && key["alg"].is_string());
    }
}

#[test]
fn private_members_that_come_along_are_not_kept() {
    let set = read(&json!([keys::es256(), keys::ed25519(), keys::rs256()]));
    assert_eq!(set.keys().len(), 3);
    assert!(!serde_json::to_string(&set).unwrap().contains(r#""d":"#));
}

#[test]
fn a_set_reads_as_it_was_written() {
    let written = serde_json::to_string(&jwks()).unwrap();
    assert_eq!(serde_json::from_str::<Jwks>(&written).unwrap(), jwks());
}

#[test]
fn keys_that_are_not_understood_are_ignored() {
    let public = serde_json::to_value(signing_key(Algorithm::Es256).public_jwk()).unwrap();
    let set = read(&json!([
        {"kty": "AKP", "alg": "ML-DSA-44", "pub": "AAAA"},
        {"kty": "oct", "k": "c2VjcmV0", "alg": "HS256"},
        {"kty": "EC", "crv": "P-384", "x": "AAAA", "y": "AAAA"},
        {"kty": "OKP", "crv": "X25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"},
        with(public.clone(), "use", json!("enc")),
        with(with(public.clone(), "use", json!(null)), "key_ops", json!(["encrypt"])),
        with(public.clone(), "alg", json!("ES384")),
        with(public.clone(), "kid", json!("")),
        with(public.clone(), "kid", json!(7)),
        7,
        null,
        public,
    ]));
    assert_eq!(set.keys(), [signing_key(Algorithm::Es256).public_jwk().clone()]);
}

#[test]
fn a_set_without_keys_is_none() {
    assert!(serde_json::from_value::<Jwks>(json!({})).is_err());
    assert!(serde_json::from_value::<Jwks>(json!([])).is_err());
    assert!(VerifyingKeys::from_jwks(&read(&json!([]))).is_empty());
}

/// A key as the library reads it, with the reason kept.
fn parse(jwk: Value) -> Result<PublicJwk, JwkError> {
    PublicJwk::try_from(serde_json::from_value::<jsonwebtoken::jwk::Jwk>(jwk).unwrap())
}

#[rstest]
#[case::not_on_the_curve(with(keys::es256(), "y", json!("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU")))]
#[case::coordinates_of_the_wrong_length(with(with(keys::es256(), "x", json!("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvR")), "y", json!("VEXH8UTNG72bfocs3-257rn0s2ldbqkLJK2KRiMohYjlrQ")))]
#[case::padded(with(keys::es256(), "x", json!("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU=")))]
#[case::empty(with(keys::ed25519(), "x", json!("")))]
#[case::too_short(with(keys::ed25519(), "x", json!("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcH")))]
#[case::no_exponent(with(keys::rs256(), "e", json!("")))]
fn damaged_key_material_is_malformed(#[case] jwk: Value) {
    assert_eq!(parse(jwk).unwrap_err(), JwkError::Malformed);
}

#[rstest]
#[case::rsa_1024(
    "oahUIoWw0K0usKNuOR6H4wkf4oBUXHTxRvgb48E-BVvxkeDNjbC4he8rUWcJoZmds2h7M70imEVhRU5djINXtqllXI4DFqcI1DgjT9LewND8MW2Krf3Spsk_ZkoFnilakGygTwpZ3uesH-PFABNIUYpOiN15dsQRkgr0vEhxN92i2as"
)]
#[case::nothing("")]
fn a_key_of_size_2048_bits_or_larger_must_be_used(#[case] n: &str) {
    let jwk = with(keys::rs256(), "n", json!(n));
    assert_eq!(parse(jwk).unwrap_err(), JwkError::UnsupportedKey);
}

#[test]
fn a_key_too_large_to_verify_cheaply_is_refused() {
    let jwk = with(keys::rs256(), "n", json!(crate::forged::encode([0xff; 1025])));
    assert_eq!(parse(jwk).unwrap_err(), JwkError::UnsupportedKey);
}

#[rstest]
#[case(json!("use"), json!("enc"))]
#[case(json!("use"), json!("tls"))]
#[case(json!("key_ops"), json!(["deriveKey"]))]
fn a_key_for_something_else_is_not_for_signatures(#[case] member: Value, #[case] value: Value) {
    let jwk = with(keys::es256(), member.as_str().unwrap(), value);
    assert_eq!(parse(jwk).unwrap_err(), JwkError::NotForSignatures);
}

#[test]
fn the_thumbprint_of_rfc_7638() {
    let jwk = json!({
        "kty": "RSA",
        "n": "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAt\
              VT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64\
              tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2\
              QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbO\
              pbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_\
              xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw",
        "e": "AQAB",
        "alg": "RS256",
        "kid": "2011-04-29",
    });
    let key = parse(jwk).unwrap();
    assert_eq!(key.thumbprint(), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
    assert_eq!(key.key_id().as_str(), "2011-04-29");
}

#[test]
fn the_thumbprint_of_rfc_8037() {
    let key = parse(keys::ed25519()).unwrap();
    assert_eq!(key.thumbprint(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    // A key that comes without a name goes by it.
    assert_eq!(key.key_id().as_str(), key.thumbprint());
}

#[test]
fn of_two_keys_with_one_id_the_first_counts() {
    let own = signing_key(Algorithm::Es256);
    let own_jwk = serde_json::to_value(own.public_jwk()).unwrap();
    let other = serde_json::to_value(signing_key(Algorithm::EdDsa).public_jwk()).unwrap();
    let other = with(other, "kid", json!(own.key_id()));
    let token = own.sign(TokenType::AccessToken, &access_claims()).unwrap();
    let judged = |keys: Value| {
        let keys = VerifyingKeys::from_jwks(&read(&keys));
        assert!(keys.contains(own.key_id()));
        verify::<Value>(&token, &keys, &expected(), now()).map(|_| ())
    };
    assert_eq!(judged(json!([own_jwk, other])), Ok(()));
    assert_eq!(
        judged(json!([other, own_jwk])),
        Err(VerifyError::AlgorithmNotAllowed)
    );
}

#[test]
fn no_keys_verify_nothing() {
    let keys = VerifyingKeys::default();
    assert!(!keys.contains(&KeyId::parse("any").unwrap()));
    let key = signing_key(Algorithm::Es256);
    let token = key.sign(TokenType::AccessToken, &access_claims()).unwrap();
    let judged = verify::<Value>(&token, &keys, &expected(), now());
    assert_eq!(judged, Err(VerifyError::UnknownKey(key.key_id().clone())));
}
