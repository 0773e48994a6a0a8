//! Assertions that prove nothing.

use super::*;

#[rstest]
#[case("aud", json!("https://auth.example/oauth/token"), "Audience")]
#[case("aud", json!("https://auth.example/"), "Audience")]
#[case("aud", json!("https://AUTH.example"), "Audience")]
#[case("aud", json!("https://evil.example"), "Audience")]
#[case("aud", json!([ISSUER, "https://evil.example"]), "Audience")]
#[case("aud", json!([ISSUER, ISSUER]), "Audience")]
#[case("aud", json!([]), "Malformed")]
#[case("aud", json!(null), "Malformed")]
#[case("iss", json!("somebody else"), "Issuer")]
#[case("iss", json!(null), "Malformed")]
#[case("sub", json!(null), "Malformed")]
#[case("sub", json!("two\nlines"), "Malformed")]
#[case("exp", json!(null), "Malformed")]
#[case("exp", json!("1900000060"), "Malformed")]
#[case("exp", json!(1_900_000_000 - 60), "Time")]
#[case("exp", json!(1_900_000_000 + 361), "Time")]
#[case("iat", json!(1_900_000_061), "Time")]
#[case("nbf", json!(1_900_000_061), "Time")]
#[case("jti", json!(null), "NoId")]
#[case("jti", json!(""), "NoId")]
#[case("jti", json!("x".repeat(513)), "NoId")]
#[case("jti", json!(7), "Malformed")]
#[tokio::test]
async fn an_assertion_with_a_wrong_claim_proves_nothing(
    #[case] claim: &str,
    #[case] value: Value,
    #[case] expected: &str,
) {
    let signer = Signer::ed25519("k1");
    let world = world(&signer).await;
    let mut claims = claims(&world, WEB, "1");
    if value.is_null() {
        claims.as_object_mut().unwrap().remove(claim);
    } else {
        claims[claim] = value;
    }
    let refused = refusal(try_with(&world, &signer.sign(&signer.header(), &claims)).await);
    assert!(format!("{refused:?}").starts_with(expected), "{refused:?}");
}

#[rstest]
#[case("typ", json!("at+jwt"), "Type")]
#[case("typ", json!("oauth-id-jag+jwt"), "Type")]
#[case("typ", json!("dpop+jwt"), "Type")]
#[case("typ", json!(""), "Type")]
#[case("alg", json!("none"), "Algorithm")]
#[case("alg", json!("HS256"), "Algorithm")]
#[case("alg", json!("ES384"), "Algorithm")]
#[case("alg", json!("ES256"), "UnknownKey")]
#[case("alg", json!("RS256"), "UnknownKey")]
#[case("kid", json!("another"), "UnknownKey")]
#[case("crit", json!(["b64"]), "Malformed")]
#[case("b64", json!(false), "Malformed")]
#[tokio::test]
async fn an_assertion_with_a_wrong_header_proves_nothing(
    #[case] name: &str,
    #[case] value: Value,
    #[case] expected: &str,
) {
    let signer = Signer::ed25519("k1");
    let world = world(&signer).await;
    let mut header = signer.header();
    header[name] = value;
    let refused = refusal(try_with(&world, &signer.sign(&header, &claims(&world, WEB, "1"))).await);
    assert!(format!("{refused:?}").starts_with(expected), "{refused:?}");
}

/// A key in the header is the sender's own: it is not looked at.
#[tokio::test]
async fn a_key_that_the_assertion_brings_along_is_not_used() {
    let (signer, mallory) = (Signer::ed25519("k1"), Signer::ed25519("k1"));
    let world = world(&signer).await;
    let mut header = mallory.header();
    header["jwk"] = mallory.jwk();
    header["jku"] = json!("https://evil.example/jwks.json");
    let refused = refusal(try_with(&world, &mallory.sign(&header, &claims(&world, WEB, "1"))).await);
    assert_eq!(refused, AssertionRefusal::Signature);
    // What was refused was not used up either: the jti of somebody else's forgery is not the client's.
    assert!(let_in(&try_with(&world, &assertion(&world, &signer, "1")).await));
}

#[tokio::test]
async fn what_is_no_assertion_proves_nothing() {
    let signer = Signer::ed25519("k1");
    let world = world(&signer).await;
    let good = assertion(&world, &signer, "1");
    let (unsigned, _) = good.rsplit_once('.').unwrap();
    let long = format!("{good}{}", "A".repeat(16 * 1024));
    for text in [
        "x",
        "..",
        "e30.e30.",
        "e30.e30.e30.e30.e30",
        &format!("{unsigned}."),
        &long,
        &format!("{good}="),
    ] {
        let refused = refusal(try_with(&world, text).await);
        assert!(
            matches!(refused, AssertionRefusal::Malformed | AssertionRefusal::Signature),
            "{text}: {refused:?}"
        );
    }
    let unknown_kind = [
        ("client_assertion_type", "x"),
        ("client_assertion", good.as_str()),
    ];
    assert_eq!(
        try_as(&world, &unknown_kind).await.code(),
        OAuthErrorCode::InvalidClient
    );
}
