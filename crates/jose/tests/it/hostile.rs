use std::time::Duration;

use aws_lc_rs::hmac;
use aws_lc_rs::signature::ECDSA_P256_SHA256_ASN1_SIGNING;
use rstest::rstest;
use serde_json::{Value, json};
use vestibule_jose::{Algorithm, TokenType, VerifyError, verify};
use vestibule_protocol::{KeyId, Timestamp};

use crate::forged::{self, encode, join, sign_text, with_claims, with_header};
use crate::support::{
    ISSUER, NOW, RESOURCE, access_claims, expected, issuer, judge, now, refusal, signing_key, verifying_keys,
    with,
};

#[test]
fn the_forgers_tools_make_valid_tokens_when_nothing_is_forged() {
    assert!(judge(&with_claims(&access_claims())).is_ok());
    assert!(judge(&with_header(&forged::header())).is_ok());
}

#[rstest]
fn an_unsigned_token_is_refused(#[values("none", "None", "NONE", "nOnE", "")] alg: &str) {
    let header = with(forged::header(), "alg", json!(alg));
    let message = format!(
        "{}.{}",
        encode(header.to_string()),
        encode(access_claims().to_string())
    );
    assert_eq!(refusal(&format!("{message}.")), VerifyError::AlgorithmNotAllowed);
    assert_eq!(
        refusal(&join(&message, b"signature")),
        VerifyError::AlgorithmNotAllowed
    );
}

#[test]
fn an_hmac_under_the_public_key_is_refused() {
    let key = signing_key(Algorithm::Es256);
    let public = serde_json::to_string(key.public_jwk()).unwrap();
    let header = with(forged::header(), "alg", json!("HS256"));
    let message = format!(
        "{}.{}",
        encode(header.to_string()),
        encode(access_claims().to_string())
    );
    let secret = hmac::Key::new(hmac::HMAC_SHA256, public.as_bytes());
    let token = join(&message, hmac::sign(&secret, message.as_bytes()).as_ref());
    assert_eq!(refusal(&token), VerifyError::AlgorithmNotAllowed);
}

#[rstest]
#[case("RS256", Algorithm::Es256)]
#[case("EdDSA", Algorithm::Es256)]
#[case("ES256", Algorithm::Rs256)]
#[case("ES256", Algorithm::EdDsa)]
fn a_key_is_used_with_its_own_algorithm_alone(#[case] alg: &str, #[case] key: Algorithm) {
    let kid = signing_key(key).key_id().to_string();
    let token = with_header(&json!({"alg": alg, "typ": "at+jwt", "kid": kid}));
    assert_eq!(refusal(&token), VerifyError::AlgorithmNotAllowed);
}

#[rstest]
fn an_algorithm_off_the_allow_list_is_refused(
    #[values(Algorithm::Es256, Algorithm::EdDsa, Algorithm::Rs256)] algorithm: Algorithm,
) {
    let others: Vec<_> = Algorithm::ALL
        .into_iter()
        .filter(|other| *other != algorithm)
        .collect();
    let token = signing_key(algorithm)
        .sign(TokenType::AccessToken, &access_claims())
        .unwrap();
    let judged = |expected| verify::<Value>(&token, &verifying_keys(), &expected, now());
    assert!(judged(expected().signed_with([algorithm])).is_ok());
    assert_eq!(
        judged(expected().signed_with(others)),
        Err(VerifyError::AlgorithmNotAllowed)
    );
    assert_eq!(
        judged(expected().signed_with([])),
        Err(VerifyError::AlgorithmNotAllowed)
    );
}

#[test]
fn an_unknown_key_is_named() {
    let token = with_header(&with(forged::header(), "kid", json!("other")));
    assert_eq!(
        refusal(&token),
        VerifyError::UnknownKey(KeyId::parse("other").unwrap())
    );
}

#[rstest]
fn a_token_that_names_no_key_is_refused(#[values(json!(null), json!(""), json!(7))] kid: Value) {
    let token = with_header(&with(forged::header(), "kid", kid));
    assert_eq!(refusal(&token), VerifyError::Malformed);
}

#[test]
fn a_key_carried_in_the_header_is_not_trusted() {
    let attacker = signing_key(Algorithm::EdDsa);
    let carried = serde_json::to_value(attacker.public_jwk()).unwrap();
    let header = with(with(forged::header(), "jwk", carried), "alg", json!("EdDSA"));
    let own_kid = with(header.clone(), "kid", json!("attacker"));
    let unknown = VerifyError::UnknownKey(KeyId::parse("attacker").unwrap());
    assert_eq!(refusal(&with_header(&own_kid)), unknown);
    assert_eq!(refusal(&with_header(&header)), VerifyError::AlgorithmNotAllowed);
}

#[rstest]
fn the_resource_server_rejects_any_typ_but_at_jwt(
    #[values(json!(null), json!("JWT"), json!("statuslist+jwt"), json!("at+jwt "), json!("text/at+jwt"), json!("application/"))]
    typ: Value,
) {
    assert_eq!(
        refusal(&with_header(&with(forged::header(), "typ", typ))),
        VerifyError::WrongType
    );
}

#[rstest]
fn typ_is_a_media_type_without_case_and_prefix(
    #[values("AT+JWT", "application/at+jwt", "Application/At+Jwt")] typ: &str,
) {
    assert!(judge(&with_header(&with(forged::header(), "typ", json!(typ)))).is_ok());
}

#[test]
fn an_id_token_is_no_access_token_and_the_other_way_round() {
    let key = signing_key(Algorithm::Es256);
    let id_token = key.sign(TokenType::IdToken, &access_claims()).unwrap();
    assert_eq!(refusal(&id_token), VerifyError::WrongType);
    let access_token = key.sign(TokenType::AccessToken, &access_claims()).unwrap();
    let expected = vestibule_jose::Expected::new(issuer(), TokenType::IdToken);
    let judged = verify::<Value>(&access_token, &verifying_keys(), &expected, now());
    assert_eq!(judged, Err(VerifyError::WrongType));
}

#[rstest]
fn a_missing_claim_is_never_taken_as_met(
    #[values("iss", "sub", "aud", "exp", "iat", "client_id", "jti")] claim: &'static str,
) {
    let absent = with(access_claims(), claim, json!(null));
    assert_eq!(refusal(&with_claims(&absent)), VerifyError::MissingClaim(claim));
    let mut null = access_claims();
    null[claim] = json!(null);
    assert_eq!(refusal(&with_claims(&null)), VerifyError::MissingClaim(claim));
}

#[rstest]
fn an_audience_is_required_even_where_any_will_do(#[values("aud", "sub")] claim: &'static str) {
    let expected = vestibule_jose::Expected::new(issuer(), TokenType::AccessToken);
    let token = with_claims(&with(access_claims(), claim, json!(null)));
    let judged = verify::<Value>(&token, &verifying_keys(), &expected, now());
    assert_eq!(judged, Err(VerifyError::MissingClaim(claim)));
}

#[rstest]
fn an_issuer_is_compared_byte_by_byte(
    #[values(
        "https://auth.example.com/",
        "https://AUTH.example.com",
        "https://auth.example.com.evil.org",
        "http://auth.example.com",
        ""
    )]
    iss: &str,
) {
    let token = with_claims(&with(access_claims(), "iss", json!(iss)));
    assert_eq!(refusal(&token), VerifyError::WrongIssuer);
}

#[rstest]
fn a_token_for_somebody_else_is_refused(
    #[values(
        json!("https://other.example.com/mcp"),
        json!("https://mcp.example.com/mcp/"),
        json!("https://mcp.example.com"),
        json!(["https://other.example.com/mcp", "client-1"])
    )]
    aud: Value,
) {
    assert_eq!(
        refusal(&with_claims(&with(access_claims(), "aud", aud))),
        VerifyError::WrongAudience
    );
}

#[test]
fn one_audience_of_several_is_enough() {
    let aud = json!(["https://other.example.com/mcp", RESOURCE]);
    assert!(judge(&with_claims(&with(access_claims(), "aud", aud))).is_ok());
}

#[test]
fn another_subject_is_refused() {
    let token = with_claims(&access_claims());
    let judged =
        |subject: &str| verify::<Value>(&token, &verifying_keys(), &expected().about(subject), now());
    assert!(judged("local:alice").is_ok());
    assert_eq!(judged("local:bob"), Err(VerifyError::WrongSubject));
}

#[test]
fn the_current_time_must_be_before_the_expiration_time() {
    let token = with_claims(&with(access_claims(), "exp", json!(NOW)));
    let judged = |leeway, at| {
        let expected = expected().with_leeway(Duration::from_secs(leeway));
        verify::<Value>(&token, &verifying_keys(), &expected, Timestamp::from_secs(at)).map(|_| ())
    };
    assert_eq!(judged(0, NOW - 1), Ok(()));
    assert_eq!(judged(0, NOW), Err(VerifyError::Expired));
    assert_eq!(judged(60, NOW + 59), Ok(()));
    assert_eq!(judged(60, NOW + 60), Err(VerifyError::Expired));
}

#[rstest]
fn a_token_from_the_future_is_refused(#[values("nbf", "iat")] claim: &str) {
    let at = |seconds: i64| judge(&with_claims(&with(access_claims(), claim, json!(NOW + seconds))));
    assert!(at(60).is_ok());
    assert_eq!(at(61), Err(VerifyError::NotYetValid));
}

#[rstest]
fn a_date_that_is_none_is_refused(
    #[values("exp", "nbf", "iat")] claim: &str,
    #[values(json!("1795219200"), json!(-1), json!(1e300), json!(i64::MAX), json!(u64::MAX), json!([]), json!(true))]
    date: Value,
) {
    assert_eq!(
        refusal(&with_claims(&with(access_claims(), claim, date))),
        VerifyError::Malformed
    );
}

#[test]
fn a_fraction_of_a_second_is_cut_off() {
    assert!(
        judge(&with_claims(&with(
            access_claims(),
            "exp",
            json!(1_795_219_201.75)
        )))
        .is_ok()
    );
}

#[rstest]
fn a_claim_of_another_type_is_refused(
    #[values("iss", "sub", "aud")] claim: &str,
    #[values(json!(7), json!({}), json!([]), json!([7]), json!(true))] value: Value,
) {
    assert_eq!(
        refusal(&with_claims(&with(access_claims(), claim, value))),
        VerifyError::Malformed
    );
}

#[rstest]
fn a_repeated_header_name_is_refused(#[values("alg", "typ", "kid")] name: &str) {
    let first = forged::header();
    let twice = format!(
        r#"{},"{name}":{}}}"#,
        first.to_string().trim_end_matches('}'),
        first[name]
    );
    let token = sign_text(&twice, &access_claims().to_string());
    assert_eq!(refusal(&token), VerifyError::Malformed);
}

#[rstest]
fn a_repeated_claim_is_refused(
    #[values("iss", "sub", "aud", "exp", "nbf", "iat", "client_id", "jti")] name: &str,
) {
    let claims = with(access_claims(), "nbf", json!(NOW));
    let twice = format!(
        r#"{},"{name}":{}}}"#,
        claims.to_string().trim_end_matches('}'),
        claims[name]
    );
    let token = sign_text(&forged::header().to_string(), &twice);
    assert_eq!(refusal(&token), VerifyError::Malformed);
}

#[rstest]
fn an_extension_that_must_be_understood_is_refused(
    #[values(json!(["b64"]), json!([]), json!("exp"))] crit: Value,
) {
    assert_eq!(
        refusal(&with_header(&with(forged::header(), "crit", crit))),
        VerifyError::Malformed
    );
}

#[test]
fn a_huge_token_is_refused_unread() {
    let padding = "x".repeat(16 * 1024);
    assert_eq!(
        refusal(&with_claims(&with(access_claims(), "extra", json!(padding)))),
        VerifyError::Malformed
    );
    assert_eq!(refusal(&".".repeat(10_000_000)), VerifyError::Malformed);
}

#[rstest]
#[case::nothing("")]
#[case::no_dot("abc")]
#[case::one_dot("abc.def")]
#[case::only_dots("..")]
#[case::three_dots("...")]
#[case::five_segments("a.b.c.d.e")]
#[case::not_ascii("é.é.é")]
#[case::a_header_that_is_no_object("W10.e30.AA")]
#[case::json("{\"payload\":\"e30\"}")]
fn what_is_no_jwt_is_malformed(#[case] token: &str) {
    assert_eq!(refusal(token), VerifyError::Malformed);
}

#[test]
fn base64url_has_no_padding_no_white_space_and_no_other_alphabet() {
    let token = with_claims(&access_claims());
    let [header, payload, signature]: [&str; 3] = token.split('.').collect::<Vec<_>>().try_into().unwrap();
    for broken in [
        format!("{header}=.{payload}.{signature}"),
        format!("{header}.{payload}.{signature}=="),
        format!("{header}.{payload}.{signature}\n"),
        format!(" {header}.{payload}.{signature}"),
        format!("{header}.{payload}.{}", signature.replace(['-', '_'], "+")) + "/",
        format!("{token}.{signature}"),
    ] {
        assert_eq!(refusal(&broken), VerifyError::Malformed, "{broken}");
    }
    // Padding inside what is signed is found out by the signature at the latest.
    let padded = format!("{header}.{payload}=.{signature}");
    assert_eq!(refusal(&padded), VerifyError::BadSignature);
}

#[test]
fn a_signed_payload_with_padding_is_refused() {
    let payload = format!("{}=", encode("{}"));
    let token = forged::sign_encoded(&encode(forged::header().to_string()), &payload);
    assert_eq!(refusal(&token), VerifyError::Malformed);
}

#[test]
fn a_signature_in_another_form_is_refused() {
    let (header, payload) = (forged::header().to_string(), access_claims().to_string());
    let der = forged::sign_with(&ECDSA_P256_SHA256_ASN1_SIGNING, &header, &payload);
    assert_eq!(refusal(&der), VerifyError::BadSignature);
    let message = format!("{}.{}", encode(&header), encode(&payload));
    for signature in [&[][..], &[0; 64], &[0; 63], &[0; 65], &[0xff; 64]] {
        assert_eq!(refusal(&join(&message, signature)), VerifyError::BadSignature);
    }
}

#[test]
fn claims_that_the_caller_cannot_read_are_malformed() {
    let token = with_claims(&access_claims());
    let judged = verify::<Vec<u8>>(&token, &verifying_keys(), &expected(), now());
    assert_eq!(judged, Err(VerifyError::Malformed));
}

#[test]
fn expiry_tells_nothing_about_a_token_that_is_not_ours() {
    let claims = with(access_claims(), "exp", json!(0));
    let token = with_claims(&claims);
    let (message, _) = token.rsplit_once('.').unwrap();
    assert_eq!(refusal(&join(message, &[1; 64])), VerifyError::BadSignature);
    assert_eq!(refusal(&token), VerifyError::Expired);
    assert_eq!(claims["iss"], ISSUER);
}
