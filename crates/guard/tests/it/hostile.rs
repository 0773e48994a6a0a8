//! Tokens that open no door.

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rstest::rstest;
use serde_json::{Value, json};
use vestibule_jose::TokenType;

use crate::support::{AuthServer, House, RESOURCE, Token};

/// Puts a token together by hand, as its issuer never would.
fn forge(header: &Value, claims: &Value, signature: impl Fn(&[u8]) -> Vec<u8>) -> String {
    let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", encode(header), encode(claims));
    let signature = URL_SAFE_NO_PAD.encode(signature(signed.as_bytes()));
    format!("{signed}.{signature}")
}

#[rstest]
#[case::another_audience(|token: Token| token.with("aud", "https://other.test/mcp"))]
#[case::an_audience_that_only_begins_like_ours(|token: Token| token.with("aud", format!("{RESOURCE}/more")))]
#[case::no_audience(|token: Token| token.without("aud"))]
#[case::another_issuer(|token: Token| token.with("iss", "https://evil.test"))]
#[case::an_issuer_with_a_slash(|token: Token| token.with("iss", "https://auth.test/"))]
#[case::no_issuer(|token: Token| token.without("iss"))]
#[case::no_expiry(|token: Token| token.without("exp"))]
#[case::no_subject(|token: Token| token.without("sub"))]
#[case::no_session(|token: Token| token.without("sid"))]
#[case::a_future_token(|token: Token| token.with("iat", 1_790_009_000))]
#[case::an_expired_one(|token: Token| token.with("exp", 1_789_999_939))]
#[case::bound_to_a_key(|token: Token| token.with("cnf", json!({ "jkt": "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I" })))]
#[case::bound_in_an_unknown_way(|token: Token| token.with("cnf", json!({ "x5t#S256": "thumbprint" })))]
#[case::an_id_token(|token: Token| token.of_type(TokenType::IdToken))]
#[case::a_status_list(|token: Token| token.of_type(TokenType::StatusList))]
#[case::a_status_list_elsewhere(|token: Token| {
    token.with("status", json!({ "status_list": { "idx": 0, "uri": "https://evil.test/list" } }))
})]
#[case::beyond_the_end_of_the_status_list(|token: Token| {
    let uri = "https://auth.test/oauth/status/1";
    token.with("status", json!({ "status_list": { "idx": 4096, "uri": uri } }))
})]
#[tokio::test]
async fn a_token_with_a_wrong_claim_is_invalid(#[case] change: fn(Token) -> Token) {
    let house = House::new();
    let token = change(house.auth.token());
    house
        .call_as("get_user_profile", &token)
        .await
        .assert_invalid_token();
}

#[tokio::test]
async fn the_token_that_all_of_them_are_made_of_is_good() {
    let house = House::new();
    let token = house.auth.token();
    house.call_as("get_user_profile", &token).await.assert_admitted();
}

#[tokio::test]
async fn a_token_signed_by_a_stranger_is_invalid() {
    let house = House::new();
    let token = house.auth.token().sign(&AuthServer::strangers_key());
    house.call_with(&token).await.assert_invalid_token();
}

#[tokio::test]
async fn a_stranger_who_borrows_our_key_id_is_found_out() {
    let house = House::new();
    let good = house.auth.sign(&house.auth.token());
    let theirs = house.auth.token().sign(&AuthServer::strangers_key());
    let (our_header, _) = good.split_once('.').unwrap();
    let (_, their_rest) = theirs.split_once('.').unwrap();
    let token = format!("{our_header}.{their_rest}");
    house.call_with(&token).await.assert_invalid_token();
}

#[tokio::test]
async fn a_token_without_a_signature_is_invalid() {
    let house = House::new();
    let key = AuthServer::first_key();
    for alg in ["none", "None", ""] {
        let header = json!({ "alg": alg, "typ": "at+jwt", "kid": key.key_id() });
        let token = forge(&header, &house.auth.token().claims, |_| Vec::new());
        house.call_with(&token).await.assert_invalid_token();
    }
}

#[tokio::test]
async fn our_public_key_is_no_hmac_secret() {
    let house = House::new();
    let key = AuthServer::first_key();
    let secret = hmac::Key::new(
        hmac::HMAC_SHA256,
        serde_json::to_string(key.public_jwk()).unwrap().as_bytes(),
    );
    let header = json!({ "alg": "HS256", "typ": "at+jwt", "kid": key.key_id() });
    let token = forge(&header, &house.auth.token().claims, |signed| {
        hmac::sign(&secret, signed).as_ref().to_vec()
    });
    house.call_with(&token).await.assert_invalid_token();
}

#[tokio::test]
async fn a_key_that_a_token_brings_along_counts_for_nothing() {
    let house = House::new();
    let stranger = AuthServer::strangers_key();
    let theirs = house.auth.token().sign(&stranger);
    let header = json!({
        "alg": "ES256",
        "typ": "at+jwt",
        "kid": AuthServer::first_key().key_id(),
        "jwk": stranger.public_jwk(),
        "jku": "https://evil.test/keys",
    });
    let (_, rest) = theirs.split_once('.').unwrap();
    let token = format!("{}.{rest}", URL_SAFE_NO_PAD.encode(header.to_string()));
    house.call_with(&token).await.assert_invalid_token();
    assert_eq!(house.auth.asked("https://evil.test/keys"), 0);
}

#[rstest]
#[case::opaque("opaque-token")]
#[case::three_empty_parts("..")]
#[case::not_base64("a.b~.c")]
#[case::a_padded_signature("eyJhbGciOiJFUzI1NiJ9.e30.AA==")]
#[tokio::test]
async fn what_is_no_jwt_is_invalid(#[case] token: &str) {
    House::new().call_with(token).await.assert_invalid_token();
}

#[tokio::test]
async fn a_token_of_any_length_is_answered() {
    let token = "a".repeat(100_000);
    House::new().call_with(&token).await.assert_invalid_token();
}

#[tokio::test]
async fn a_refused_token_is_refused_again() {
    let house = House::new();
    let token = house.auth.token().sign(&AuthServer::strangers_key());
    house.call_with(&token).await.assert_invalid_token();
    house.call_with(&token).await.assert_invalid_token();
}

#[tokio::test(start_paused = true)]
async fn a_token_that_was_good_expires_all_the_same() {
    let house = House::new();
    let token = house.auth.sign(&house.auth.token().with("exp", 1_790_000_100));
    house.call_with(&token).await.assert_admitted();
    house.clock.advance(std::time::Duration::from_secs(159)).await;
    house.call_with(&token).await.assert_admitted();
    // A minute of leeway is over.
    house.clock.advance(std::time::Duration::from_secs(1)).await;
    let answer = house.call_with(&token).await;
    answer.assert_invalid_token();
    let why = answer.challenge().error_description.unwrap();
    assert!(why.contains("expired"), "{why}");
}

#[tokio::test]
async fn the_answer_to_a_bad_token_says_nothing_of_it() {
    let house = House::new();
    let token = house
        .auth
        .token()
        .with("sub", "local:mallory")
        .sign(&AuthServer::strangers_key());
    let answer = house.call_with(&token).await;
    let said = format!("{:?}{}", answer.headers, answer.body);
    assert!(
        !said.contains("mallory") && !said.contains(&token[..40]),
        "{said}"
    );
}
