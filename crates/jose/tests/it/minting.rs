use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rstest::rstest;
use serde_json::{Value, json};
use vestibule_jose::{Algorithm, KeyError, SignError, SigningKey, TokenType, at_hash};

use crate::keys;
use crate::support::{access_claims, signing_key, with};

fn decoded(segment: &str) -> Value {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(segment).unwrap()).unwrap()
}

#[rstest]
#[case(TokenType::AccessToken, "at+jwt")]
#[case(TokenType::IdToken, "JWT")]
#[case(TokenType::StatusList, "statuslist+jwt")]
fn a_header_says_algorithm_type_and_key_and_nothing_else(
    #[values(Algorithm::Es256, Algorithm::EdDsa, Algorithm::Rs256)] algorithm: Algorithm,
    #[case] token_type: TokenType,
    #[case] typ: &str,
) {
    let key = signing_key(algorithm);
    let token = key.sign(token_type, &access_claims()).unwrap();
    let [header, payload, _] = token.split('.').collect::<Vec<_>>().try_into().unwrap();
    let expected = json!({"alg": algorithm.as_str(), "typ": typ, "kid": key.key_id().as_str()});
    assert_eq!(decoded(header), expected);
    assert_eq!(decoded(payload), access_claims());
}

#[test]
fn claims_that_are_no_json_are_an_error() {
    let unserialisable = std::collections::HashMap::from([(vec![1], 2)]);
    let minted = signing_key(Algorithm::Es256).sign(TokenType::AccessToken, &unserialisable);
    assert!(matches!(minted, Err(SignError::Claims(_))));
}

#[test]
fn a_key_is_named_by_its_thumbprint_whatever_it_was_called() {
    let named = with(keys::es256(), "kid", json!("2011-04-29"));
    let key = SigningKey::from_private_jwk(&named).unwrap();
    assert_eq!(key.key_id().as_str(), key.public_jwk().thumbprint());
    assert_eq!(key.key_id(), signing_key(Algorithm::Es256).key_id());
}

#[test]
fn a_public_key_does_not_sign() {
    for mut jwk in [keys::es256(), keys::ed25519(), keys::rs256()] {
        jwk.as_object_mut().unwrap().remove("d");
        assert_eq!(
            SigningKey::from_private_jwk(&jwk).unwrap_err(),
            KeyError::MissingPrivateMembers
        );
    }
}

#[rstest]
fn an_rsa_key_without_its_crt_members_does_not_sign(#[values("p", "q", "dp", "dq", "qi")] member: &str) {
    let jwk = with(keys::rs256(), member, json!(null));
    assert_eq!(
        SigningKey::from_private_jwk(&jwk).unwrap_err(),
        KeyError::MissingPrivateMembers
    );
}

#[test]
fn members_of_different_keys_do_not_make_one() {
    let other = json!("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A");
    let ec = with(keys::es256(), "d", other.clone());
    assert_eq!(
        SigningKey::from_private_jwk(&ec).unwrap_err(),
        KeyError::Inconsistent
    );
    let ed = with(
        keys::ed25519(),
        "d",
        json!("jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"),
    );
    assert_eq!(
        SigningKey::from_private_jwk(&ed).unwrap_err(),
        KeyError::Inconsistent
    );
    let rsa = with(keys::rs256(), "dp", other);
    assert_eq!(
        SigningKey::from_private_jwk(&rsa).unwrap_err(),
        KeyError::Inconsistent
    );
}

#[rstest]
fn what_is_no_key_is_refused(
    #[values(json!(null), json!({}), json!({"kty": "oct", "k": "AAAA"}), json!({"kty": "EC", "crv": "P-256"}))]
    jwk: Value,
) {
    assert_eq!(
        SigningKey::from_private_jwk(&jwk).unwrap_err(),
        KeyError::UnsupportedKey
    );
}

#[test]
fn a_printed_key_shows_no_private_member() {
    for (algorithm, jwk) in [
        (Algorithm::Es256, keys::es256()),
        (Algorithm::EdDsa, keys::ed25519()),
        (Algorithm::Rs256, keys::rs256()),
    ] {
        let printed = format!("{:?}", signing_key(algorithm));
        assert!(!printed.contains(jwk["d"].as_str().unwrap()), "{printed}");
    }
}

#[test]
fn at_hash_is_the_left_half_of_the_hash_of_the_algorithm() {
    // OpenID Connect Core, A.4.
    let access_token = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y";
    assert_eq!(at_hash(Algorithm::Rs256, access_token), "77QmUPtjPfzWtF2AnpK9RQ");
    assert_eq!(at_hash(Algorithm::Es256, access_token), "77QmUPtjPfzWtF2AnpK9RQ");
    // SHA-512 is twice as long.
    assert_eq!(at_hash(Algorithm::EdDsa, access_token).len(), 43);
}
