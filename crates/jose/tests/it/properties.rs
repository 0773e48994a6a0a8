use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use proptest::prelude::*;
use serde_json::{Value, json};
use vestibule_jose::{Algorithm, Jwks, TokenType};

use crate::forged::{self, sign_text};
use crate::support::{access_claims, judge, signing_key, with};

fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,20}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 20, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::hash_map("[a-z]{1,6}", inner, 0..4).prop_map(|map| json!(map)),
        ]
    })
}

const REGISTERED: [&str; 8] = ["iss", "sub", "aud", "exp", "nbf", "iat", "client_id", "jti"];
const HEADER: [&str; 4] = ["alg", "typ", "kid", "crit"];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_text_verifies(text in ".{0,300}") {
        prop_assert!(judge(&text).is_err());
    }

    #[test]
    fn no_three_segments_verify(header in ".{0,60}", payload in ".{0,60}", signature in prop::collection::vec(any::<u8>(), 0..80)) {
        let message = format!("{}.{}", forged::encode(header), forged::encode(payload));
        prop_assert!(judge(&forged::join(&message, &signature)).is_err());
    }

    #[test]
    fn a_changed_character_anywhere_is_found(
        at in any::<prop::sample::Index>(),
        to in prop::sample::select(b"ABCXYZabcxyz0189-_.=".to_vec()),
        algorithm in prop::sample::select(Algorithm::ALL.to_vec()),
    ) {
        let token = signing_key(algorithm).sign(TokenType::AccessToken, &access_claims()).unwrap();
        let mut changed = token.clone().into_bytes();
        let at = at.index(changed.len());
        changed[at] = to;
        let changed = String::from_utf8(changed).unwrap();
        prop_assert_eq!(judge(&changed).is_ok(), changed == token);
    }

    #[test]
    fn a_token_cut_anywhere_is_refused(at in any::<prop::sample::Index>()) {
        let token = signing_key(Algorithm::Es256).sign(TokenType::AccessToken, &access_claims()).unwrap();
        prop_assert!(judge(&token[..at.index(token.len())]).is_err());
    }

    #[test]
    fn a_signed_payload_of_any_form_is_judged_without_panic(payload in json_value()) {
        prop_assert!(judge(&sign_text(&forged::header().to_string(), &payload.to_string())).is_err());
    }

    #[test]
    fn a_registered_claim_of_any_form_is_judged_without_panic(
        claim in prop::sample::select(REGISTERED.to_vec()),
        value in json_value(),
    ) {
        let _ = judge(&forged::with_claims(&with(access_claims(), claim, value)));
    }

    #[test]
    fn a_header_of_any_form_is_judged_without_panic(
        name in prop::sample::select(HEADER.to_vec()),
        value in json_value(),
    ) {
        let _ = judge(&forged::with_header(&with(forged::header(), name, value)));
    }

    #[test]
    fn private_claims_come_through_unchanged(value in json_value()) {
        // A `u64` above `i64` or a float keeps its value through serde_json, and its text may differ.
        let claims = with(access_claims(), "extra", value);
        let token = signing_key(Algorithm::EdDsa).sign(TokenType::AccessToken, &claims).unwrap();
        let payload = token.split('.').nth(1).unwrap();
        let written: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap();
        prop_assert_eq!(judge(&token).unwrap(), written);
    }

    #[test]
    fn a_key_set_of_any_form_is_read_without_panic(keys in prop::collection::vec(json_value(), 0..4), value in json_value()) {
        let set = serde_json::from_value::<Jwks>(json!({ "keys": keys }));
        prop_assert!(set.is_ok());
        let _ = serde_json::from_value::<Jwks>(value);
    }
}
