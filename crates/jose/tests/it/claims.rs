use rstest::rstest;
use serde_json::{Value, json};
use vestibule_jose::{
    AccessTokenClaims, Algorithm, Audience, Confirmation, Expected, IdTokenClaims, StatusClaim, TokenType,
    VerifyError, verify,
};
use vestibule_protocol::{SessionId, Timestamp};

use crate::forged::with_claims;
use crate::support::{
    ISSUER, NOW, access_claims, expected, issuer, now, refusal, signing_key, verifying_keys, with,
};

fn read(claims: &Value) -> Result<AccessTokenClaims, serde_json::Error> {
    serde_json::from_value(claims.clone())
}

#[test]
fn an_access_token_is_read_as_it_was_minted() {
    let mut claims = read(&access_claims()).unwrap();
    claims.status = Some(StatusClaim::new("https://auth.example.com/oauth/status/1", 42));
    claims.cnf = Some(Confirmation {
        jkt: "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I".parse().unwrap(),
    });
    let token = signing_key(Algorithm::Es256)
        .sign(TokenType::AccessToken, &claims)
        .unwrap();
    let verified: AccessTokenClaims = verify(&token, &verifying_keys(), &expected(), now()).unwrap();
    assert_eq!(verified, claims);
}

#[test]
fn an_access_token_is_written_as_the_rfcs_say() {
    let mut claims = read(&access_claims()).unwrap();
    assert_eq!(serde_json::to_value(&claims).unwrap(), access_claims());
    claims.status = Some(StatusClaim::new("https://auth.example.com/oauth/status/1", 42));
    let status = json!({"status_list": {"idx": 42, "uri": "https://auth.example.com/oauth/status/1"}});
    assert_eq!(serde_json::to_value(&claims).unwrap()["status"], status);
}

#[rstest]
fn an_access_token_has_all_of_ours(#[values("scope", "sid", "auth_time", "idp")] claim: &str) {
    assert!(read(&with(access_claims(), claim, json!(null))).is_err());
    let token = with_claims(&with(access_claims(), claim, json!(null)));
    let judged = verify::<AccessTokenClaims>(&token, &verifying_keys(), &expected(), now());
    assert_eq!(judged, Err(VerifyError::Malformed));
}

#[rstest]
#[case("sub", json!("alice"))]
#[case("client_id", json!(""))]
#[case("sid", json!("a.b"))]
#[case("status", json!({"status_list": {"idx": -1, "uri": "https://auth.example.com/oauth/status/1"}}))]
#[case("status", json!({"status_list": {"idx": 1}}))]
#[case("cnf", json!({"x5t#S256": "AAAA"}))]
#[case("cnf", json!({"jkt": "AAAA"}))]
#[case("cnf", json!({"jkt": "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I", "x5t#S256": "AAAA"}))]
fn a_claim_that_is_not_ours_is_refused(#[case] claim: &str, #[case] value: Value) {
    let token = with_claims(&with(access_claims(), claim, value));
    let judged = verify::<AccessTokenClaims>(&token, &verifying_keys(), &expected(), now());
    assert_eq!(judged, Err(VerifyError::Malformed));
}

#[test]
fn an_audience_is_a_string_when_it_is_one_and_a_list_when_it_is_several() {
    let one = Audience::one("a");
    assert_eq!(serde_json::to_value(&one).unwrap(), json!("a"));
    let several = Audience::all(["a", "b"]).unwrap();
    assert_eq!(serde_json::to_value(&several).unwrap(), json!(["a", "b"]));
    assert_eq!(serde_json::from_value::<Audience>(json!(["a"])).unwrap(), one);
    assert_eq!(several.iter().collect::<Vec<_>>(), ["a", "b"]);
    assert!(several.contains("b") && !several.contains("ab") && !several.contains(""));
}

#[test]
fn an_audience_of_nobody_cannot_be_represented() {
    assert_eq!(Audience::all::<String>([]), None);
    assert!(serde_json::from_value::<Audience>(json!([])).is_err());
}

#[test]
fn an_id_token_is_read_as_it_was_minted() {
    let access = read(&access_claims()).unwrap();
    let claims = IdTokenClaims {
        iss: issuer(),
        sub: access.sub,
        aud: Audience::one("client-1"),
        azp: None,
        exp: Timestamp::from_secs(NOW + 3600),
        iat: now(),
        auth_time: Timestamp::from_secs(NOW - 5),
        nonce: Some("n-0S6_WzA2Mj".to_owned()),
        at_hash: None,
        sid: SessionId::parse("session-1").unwrap(),
        amr: vec!["pwd".to_owned()],
        email: Some("alice@example.com".to_owned()),
        email_verified: Some(true),
        name: None,
        given_name: None,
        family_name: None,
        preferred_username: None,
        picture: None,
    };
    let token = signing_key(Algorithm::EdDsa)
        .sign(TokenType::IdToken, &claims)
        .unwrap();
    let expected = Expected::new(issuer(), TokenType::IdToken).for_audience("client-1");
    assert_eq!(
        verify(&token, &verifying_keys(), &expected, now()),
        Ok(claims.clone())
    );
    let written = json!({
        "iss": ISSUER,
        "sub": "local:alice",
        "aud": "client-1",
        "exp": NOW + 3600,
        "iat": NOW,
        "auth_time": NOW - 5,
        "nonce": "n-0S6_WzA2Mj",
        "sid": "session-1",
        "amr": ["pwd"],
        "email": "alice@example.com",
        "email_verified": true,
    });
    assert_eq!(serde_json::to_value(&claims).unwrap(), written);
}

#[test]
fn an_access_token_is_refused_before_its_claims_are_read() {
    // Nothing about the claims' form is told to somebody whose token is for another server.
    let claims = with(
        with(access_claims(), "aud", json!("https://other.example.com")),
        "sid",
        json!(7),
    );
    assert_eq!(refusal(&with_claims(&claims)), VerifyError::WrongAudience);
}
