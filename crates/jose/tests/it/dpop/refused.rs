use std::time::Duration;

use proptest::prelude::*;
use rstest::rstest;
use serde_json::{Value, json};
use vestibule_jose::dpop::{Demand, ProofError, Window, only, verify};
use vestibule_protocol::Timestamp;

use super::{
    THUMBPRINT, TOKEN_ENDPOINT, claims, demand, header, judge, judge_at, proof_of, public, refusal, uri,
};
use crate::forged::{encode, join};
use crate::keys;
use crate::support::{NOW, now, with};

#[test]
fn the_tools_make_good_proofs_when_nothing_is_wrong() {
    let proof = judge(&proof_of(&header(), &claims())).unwrap();
    assert_eq!(proof.thumbprint.to_string(), THUMBPRINT);
    assert_eq!(proof.jti, "one");
    assert_eq!(proof.nonce, None);
    assert_eq!(proof.iat, now());
    assert_eq!(proof.forgettable_at, now() + Duration::from_secs(60));
}

#[test]
fn two_headers_are_refused() {
    let one: &[u8] = b"a.b.c";
    assert_eq!(only([one, one]), Err(ProofError::Several));
    assert_eq!(only([one, b""]), Err(ProofError::Several));
    assert_eq!(only([b"\xff".as_slice()]), Err(ProofError::Malformed));
    assert_eq!(only([one]), Ok(Some("a.b.c")));
    assert_eq!(only([]), Ok(None));
}

#[rstest]
#[case::empty("")]
#[case::no_jwt("dpop")]
#[case::two_parts("a.b")]
#[case::four_parts("a.b.c.d")]
#[case::two_proofs("a.b.c, a.b.c")]
#[case::encrypted("a.b.c.d.e")]
fn what_is_no_jwt_is_refused(#[case] proof: &str) {
    assert_eq!(judge(proof), Err(ProofError::Malformed));
}

#[test]
fn a_proof_that_is_far_too_long_is_refused() {
    let long = with(claims(), "more", json!("x".repeat(8 * 1024)));
    assert_eq!(refusal(&header(), &long), ProofError::Malformed);
}

#[rstest]
fn a_jwt_of_another_type_is_refused(
    #[values(json!("JWT"), json!("at+jwt"), json!("dpop"), json!(""), Value::Null)] typ: Value,
) {
    assert_eq!(refusal(&with(header(), "typ", typ), &claims()), ProofError::Type);
}

/// “indicates a registered asymmetric digital signature algorithm, is not none”
#[rstest]
fn an_algorithm_that_is_not_listed_is_refused(
    #[values(
        "none", "NONE", "", "HS256", "HS512", "RS1", "ES256K", "ES512", "RS512", "es256"
    )]
    alg: &str,
) {
    let header = with(header(), "alg", json!(alg)).to_string();
    let message = format!("{}.{}", encode(header), encode(claims().to_string()));
    assert_eq!(judge(&format!("{message}.")), Err(ProofError::Algorithm));
    assert_eq!(judge(&join(&message, &[1; 64])), Err(ProofError::Algorithm));
}

#[test]
fn a_proof_without_a_signature_is_refused() {
    let proof = proof_of(&header(), &claims());
    let (message, _) = proof.rsplit_once('.').unwrap();
    assert_eq!(judge(&format!("{message}.")), Err(ProofError::Signature));
}

#[test]
fn a_private_key_is_refused() {
    let jwk = keys::es256();
    assert_eq!(
        refusal(&with(header(), "jwk", jwk), &claims()),
        ProofError::PrivateKey
    );
    for member in ["d", "p", "q", "dp", "dq", "qi", "oth", "k"] {
        let jwk = with(public(keys::es256()), member, json!(""));
        assert_eq!(
            refusal(&with(header(), "jwk", jwk), &claims()),
            ProofError::PrivateKey,
            "{member}"
        );
    }
}

#[rstest]
#[case::none(Value::Null)]
#[case::no_object(json!("key"))]
#[case::empty(json!({}))]
#[case::symmetric(json!({"kty": "oct"}))]
#[case::another_type(public(keys::ed25519()))]
#[case::another_curve(json!({"kty": "EC", "crv": "P-384", "x": "AA", "y": "AA"}))]
#[case::for_encryption(with(public(keys::es256()), "use", json!("enc")))]
#[case::for_another_algorithm(with(public(keys::es256()), "alg", json!("ES384")))]
fn a_proof_without_a_fitting_key_is_refused(#[case] jwk: Value) {
    assert_eq!(refusal(&with(header(), "jwk", jwk), &claims()), ProofError::Key);
}

#[test]
fn a_proof_that_another_key_signed_is_refused() {
    // RFC 9449 §4.1: a key of the same kind.
    let jwk = json!({
        "kty": "EC",
        "crv": "P-256",
        "x": "l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs",
        "y": "9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA",
    });
    assert_eq!(
        refusal(&with(header(), "jwk", jwk), &claims()),
        ProofError::Signature
    );
}

#[rstest]
fn a_proof_that_was_changed_is_refused(
    #[values(("htm", json!("GET")), ("htu", json!("https://elsewhere.example")), ("jti", json!("two")), ("iat", json!(NOW + 1)))]
    (name, value): (&str, Value),
) {
    let proof = proof_of(&header(), &claims());
    let mut parts = proof.split('.');
    let (head, _, signature) = (parts.next().unwrap(), parts.next(), parts.next().unwrap());
    let payload = encode(with(claims(), name, value).to_string());
    assert_eq!(
        judge(&format!("{head}.{payload}.{signature}")),
        Err(ProofError::Signature)
    );
}

#[rstest]
fn a_proof_demands_nothing_that_is_not_understood(
    #[values(("crit", json!(["exp"])), ("b64", json!(false)))] (name, value): (&str, Value),
) {
    assert_eq!(
        refusal(&with(header(), name, value), &claims()),
        ProofError::Malformed
    );
}

#[rstest]
fn a_proof_without_its_claims_is_refused(#[values("jti", "htm", "htu", "iat")] name: &str) {
    for value in [Value::Null, json!(["x"]), json!(true)] {
        assert_eq!(
            refusal(&header(), &with(claims(), name, value)),
            ProofError::Malformed
        );
    }
}

#[test]
fn a_claim_that_stands_twice_is_refused() {
    let text = claims().to_string();
    let twice = format!(r#"{{"htm":"GET",{}"#, text.strip_prefix('{').unwrap());
    let proof = crate::forged::sign_text(&header().to_string(), &twice);
    assert_eq!(judge(&proof), Err(ProofError::Malformed));
}

#[rstest]
fn a_proof_for_another_method_is_refused(#[values("GET", "PUT", "post", "Post", " POST", "")] htm: &str) {
    assert_eq!(
        refusal(&header(), &with(claims(), "htm", json!(htm))),
        ProofError::Method
    );
}

#[rstest]
#[case::another_host("https://auth.example.org/oauth/token")]
#[case::another_path("https://auth.example.com/oauth/par")]
#[case::a_longer_path("https://auth.example.com/oauth/token/")]
#[case::another_case("https://auth.example.com/OAuth/token")]
#[case::another_scheme("http://auth.example.com/oauth/token")]
#[case::another_port("https://auth.example.com:8443/oauth/token")]
#[case::a_user("https://auth@auth.example.com/oauth/token")]
#[case::a_path_alone("/oauth/token")]
#[case::a_tab("https://auth.example.com/oauth/\ttoken")]
#[case::backslashes("https:\\\\auth.example.com\\oauth\\token")]
#[case::nothing("")]
fn a_proof_for_another_address_is_refused(#[case] htu: &str) {
    assert_eq!(
        refusal(&header(), &with(claims(), "htu", json!(htu))),
        ProofError::Uri
    );
}

#[test]
fn a_proof_that_is_too_old_is_refused_to_the_millisecond() {
    let proof = proof_of(&header(), &claims());
    let end = now() + Duration::from_secs(60);
    let last = Timestamp::from_millis(end.as_millis() - 1);
    assert!(judge_at(&proof, last).is_ok());
    assert_eq!(
        judge_at(&proof, end),
        Err(ProofError::Old(Duration::from_secs(60)))
    );
}

#[test]
fn a_proof_from_the_future_is_refused() {
    let made = |iat: i64| proof_of(&header(), &with(claims(), "iat", json!(iat)));
    assert!(judge(&made(NOW + 60)).is_ok());
    assert_eq!(judge(&made(NOW + 61)), Err(ProofError::Future));
    assert_eq!(judge(&made(253_402_300_799)), Err(ProofError::Future));
    assert_eq!(judge(&made(-1)), Err(ProofError::Malformed));
}

#[test]
fn the_window_is_the_callers() {
    let uri = uri(TOKEN_ENDPOINT);
    let strict = Demand {
        window: Window {
            back: Duration::from_secs(10),
            ahead: Duration::from_secs(5),
        },
        ..demand(&uri)
    };
    let judge = |iat: i64| {
        let proof = proof_of(&header(), &with(claims(), "iat", json!(iat)));
        verify(&proof, &strict, now()).map(|proof| proof.forgettable_at.as_secs())
    };
    assert_eq!(judge(NOW - 10), Err(ProofError::Old(Duration::from_secs(10))));
    assert_eq!(judge(NOW - 9), Ok(NOW + 1));
    assert_eq!(judge(NOW + 5), Ok(NOW + 15));
    assert_eq!(judge(NOW + 6), Err(ProofError::Future));
}

#[test]
fn an_end_of_its_own_holds() {
    let with_time = |name: &str, at: i64| judge(&proof_of(&header(), &with(claims(), name, json!(at))));
    assert!(matches!(with_time("exp", NOW - 60), Err(ProofError::Old(_))));
    assert!(with_time("exp", NOW - 59).is_ok());
    assert_eq!(with_time("nbf", NOW + 61), Err(ProofError::Future));
    assert!(with_time("nbf", NOW + 60).is_ok());
}

#[test]
fn a_proof_that_cannot_be_remembered_is_refused() {
    for jti in [String::new(), "x".repeat(257)] {
        assert_eq!(
            refusal(&header(), &with(claims(), "jti", json!(jti))),
            ProofError::Id
        );
    }
    let longest = with(claims(), "jti", json!("x".repeat(256)));
    assert!(judge(&proof_of(&header(), &longest)).is_ok());
}

#[test]
fn a_proof_for_another_token_is_refused() {
    let uri = uri(TOKEN_ENDPOINT);
    let with_token = Demand {
        access_token: Some("Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU"),
        ..demand(&uri)
    };
    let hash = "fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo";
    let judge = |ath: Value| {
        verify(
            &proof_of(&header(), &with(claims(), "ath", ath)),
            &with_token,
            now(),
        )
    };
    for ath in [
        Value::Null,
        json!(""),
        json!("Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU"),
        json!(format!("{hash}=")),
        json!(hash.to_lowercase()),
    ] {
        assert_eq!(judge(ath.clone()), Err(ProofError::TokenHash), "{ath}");
    }
    assert!(judge(json!(hash)).is_ok());
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in ".{0,200}") {
        prop_assert!(judge(&text).is_err());
    }

    #[test]
    fn no_header_and_no_claims_make_it_panic(header in ".{0,100}", claims in ".{0,100}") {
        prop_assert!(judge(&crate::forged::sign_text(&header, &claims)).is_err());
    }
}
