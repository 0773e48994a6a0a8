//! What opens nothing.

use std::time::Duration;

use aws_lc_rs::hmac;
use http::StatusCode;
use http::header::AUTHORIZATION;
use rstest::rstest;
use serde_json::json;
use vestibule_guard::TokenError;
use vestibule_protocol::OAuthErrorCode::{InvalidDpopProof, InvalidToken};

use crate::support::{House, Proof, Prover, call, proven};

/// A house, a client with a key, and its token.
fn visit() -> (House, Prover, String) {
    let house = House::new();
    let prover = Prover::new();
    let token = house.bound(&prover);
    (house, prover, token)
}

/// > such a protected resource MUST reject a DPoP-bound access token received as a bearer token (RFC 9449 §7.2)
#[tokio::test]
async fn a_bound_token_is_no_bearer_token() {
    let (house, prover, token) = visit();
    house.call_with(&token).await.assert_invalid_token();
    let proof = prover.proof("1", &token, house.now());
    house.prove(&token, &proof).await.assert_admitted();
    // Though it has been seen, and though its proof stands beside it.
    house.call_with(&token).await.assert_invalid_token();
    let mut request = call("get_user_profile", Some(&token));
    let fresh = prover.proof("2", &token, house.now()).sign();
    request.headers_mut().insert("dpop", fresh.parse().unwrap());
    let answer = house.send(request).await;
    answer.assert_invalid_token();
    let said = answer.challenge().error_description.unwrap();
    assert!(said.contains("send a DPoP proof"), "{said}");
}

#[tokio::test]
async fn a_bearer_token_is_not_taken_with_a_proof() {
    let (house, prover, _) = visit();
    let token = house.auth.sign(&house.auth.token());
    for _ in 0..2 {
        let proof = prover.proof("1", &token, house.now());
        house.prove(&token, &proof).await.assert_refused_as(InvalidToken);
        house.call_with(&token).await.assert_admitted();
    }
}

#[tokio::test]
async fn a_token_in_both_schemes_at_once_is_a_bad_request() {
    let (house, prover, token) = visit();
    let proof = prover.proof("1", &token, house.now()).sign();
    for other in [format!("Bearer {token}"), format!("DPoP {token}")] {
        let mut request = proven(call("get_user_profile", None), &token, &proof);
        request
            .headers_mut()
            .append(AUTHORIZATION, other.parse().unwrap());
        assert_eq!(house.send(request).await.status, StatusCode::BAD_REQUEST);
    }
}

/// > Check that the public key of the DPoP proof is the one to which the access token is bound (RFC 9449 §7.1, §4.3)
#[tokio::test]
async fn a_stolen_token_is_of_no_use_with_another_key() {
    let (house, prover, token) = visit();
    let thief = Prover::new();
    let proof = thief.proof("1", &token, house.now());
    house.prove(&token, &proof).await.assert_refused_as(InvalidToken);
    // Nor with the owner's key in the header and the thief's signature.
    let forged = proof.head("jwk", prover.jwk()).sign();
    house
        .prove_by(&token, &forged)
        .await
        .assert_refused_as(InvalidDpopProof);
}

/// Each claim and each header of RFC 9449 §4.2, and the checks of §4.3 in their order.
#[rstest]
#[case::no_type(|proof: Proof<'static>| proof.without_head("typ"))]
#[case::another_type(|proof: Proof<'static>| proof.head("typ", "JWT"))]
#[case::an_access_token_for_a_type(|proof: Proof<'static>| proof.head("typ", "at+jwt"))]
#[case::another_algorithm(|proof: Proof<'static>| proof.head("alg", "ES384"))]
#[case::an_unknown_algorithm(|proof: Proof<'static>| proof.head("alg", "ES256K"))]
#[case::no_algorithm(|proof: Proof<'static>| proof.head("alg", "none"))]
#[case::a_symmetric_algorithm(|proof: Proof<'static>| proof.head("alg", "HS256"))]
#[case::no_key(|proof: Proof<'static>| proof.without_head("jwk"))]
#[case::a_key_that_is_named_and_not_sent(|proof: Proof<'static>| proof.without_head("jwk").head("kid", "1"))]
#[case::a_key_that_is_to_be_fetched(|proof: Proof<'static>| proof.without_head("jwk").head("jku", "https://evil.test/keys"))]
#[case::a_private_key(|proof: Proof<'static>| {
    let mut jwk = proof.header["jwk"].clone();
    jwk["d"] = json!("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE");
    proof.head("jwk", jwk)
})]
#[case::a_symmetric_key(|proof: Proof<'static>| proof.head("jwk", json!({ "kty": "oct", "k": "AAAA" })))]
#[case::an_extension_that_must_be_understood(|proof: Proof<'static>| proof.head("crit", json!(["exp"])))]
#[case::no_id(|proof: Proof<'static>| proof.without("jti"))]
#[case::an_empty_id(|proof: Proof<'static>| proof.with("jti", ""))]
#[case::an_endless_id(|proof: Proof<'static>| proof.with("jti", "a".repeat(300)))]
#[case::an_id_that_is_no_text(|proof: Proof<'static>| proof.with("jti", 1))]
#[case::no_method(|proof: Proof<'static>| proof.without("htm"))]
#[case::another_method(|proof: Proof<'static>| proof.with("htm", "GET"))]
#[case::a_method_in_small_letters(|proof: Proof<'static>| proof.with("htm", "post"))]
#[case::no_url(|proof: Proof<'static>| proof.without("htu"))]
#[case::another_path(|proof: Proof<'static>| proof.with("htu", "https://mcp.test/other"))]
#[case::a_path_below(|proof: Proof<'static>| proof.with("htu", "https://mcp.test/mcp/more"))]
#[case::the_path_alone(|proof: Proof<'static>| proof.with("htu", "/mcp"))]
#[case::a_path_in_capitals(|proof: Proof<'static>| proof.with("htu", "https://mcp.test/MCP"))]
#[case::another_server(|proof: Proof<'static>| proof.with("htu", "https://other.test/mcp"))]
#[case::a_server_that_only_begins_alike(|proof: Proof<'static>| proof.with("htu", "https://mcp.test.evil.test/mcp"))]
#[case::a_user_at_the_server(|proof: Proof<'static>| proof.with("htu", "https://evil@mcp.test/mcp"))]
#[case::another_port(|proof: Proof<'static>| proof.with("htu", "https://mcp.test:8443/mcp"))]
#[case::no_tls(|proof: Proof<'static>| proof.with("htu", "http://mcp.test/mcp"))]
#[case::the_brokers_token_endpoint(|proof: Proof<'static>| proof.with("htu", "https://auth.test/oauth/token"))]
#[case::no_time(|proof: Proof<'static>| proof.without("iat"))]
#[case::a_time_that_is_no_number(|proof: Proof<'static>| proof.with("iat", "now"))]
#[case::a_time_beyond_all_numbers(|proof: Proof<'static>| proof.with("iat", 1e300))]
#[case::no_token_hash(|proof: Proof<'static>| proof.without("ath"))]
#[case::another_tokens_hash(|proof: Proof<'static>| proof.with("ath", "fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo"))]
#[case::a_padded_token_hash(|proof: Proof<'static>| {
    let padded = format!("{}=", proof.claims["ath"].as_str().unwrap());
    proof.with("ath", padded)
})]
#[tokio::test]
async fn a_proof_that_is_not_right_in_everything_opens_nothing(
    #[case] change: fn(Proof<'static>) -> Proof<'static>,
) {
    let house = House::new();
    let prover: &'static Prover = Box::leak(Box::new(Prover::new()));
    let token = house.bound(prover);
    let proof = prover.proof("1", &token, house.now());
    let answer = house.prove(&token, &change(proof.clone())).await;
    answer.assert_refused_as(InvalidDpopProof);
    // What was refused has used nothing up.
    house.prove(&token, &proof).await.assert_admitted();
}

#[rstest]
#[case::not_signed(|_: &[u8]| Vec::new())]
#[case::signed_with_nothing(|_: &[u8]| vec![0; 64])]
#[case::signed_in_der(|_: &[u8]| vec![0x30, 6, 2, 1, 1, 2, 1, 1])]
#[tokio::test]
async fn a_proof_without_its_keys_signature_opens_nothing(#[case] sign: fn(&[u8]) -> Vec<u8>) {
    let (house, prover, token) = visit();
    let proof = prover.proof("1", &token, house.now()).sign_by(sign);
    house
        .prove_by(&token, &proof)
        .await
        .assert_refused_as(InvalidDpopProof);
}

#[tokio::test]
async fn a_public_key_is_no_hmac_secret() {
    let (house, prover, token) = visit();
    let secret = hmac::Key::new(hmac::HMAC_SHA256, prover.jwk().to_string().as_bytes());
    let proof = prover
        .proof("1", &token, house.now())
        .head("alg", "HS256")
        .sign_by(|message| hmac::sign(&secret, message).as_ref().to_vec());
    house
        .prove_by(&token, &proof)
        .await
        .assert_refused_as(InvalidDpopProof);
}

/// > There is not more than one DPoP HTTP request header field. The DPoP HTTP request header field value is a single and
/// > well-formed JWT. (RFC 9449 §4.3)
#[tokio::test]
async fn there_is_exactly_one_proof() {
    let (house, prover, token) = visit();
    let one = prover.proof("1", &token, house.now()).sign();
    let two = prover.proof("2", &token, house.now()).sign();
    let call_with = |proofs: &[&str]| {
        let mut request = call("get_user_profile", None);
        let headers = request.headers_mut();
        headers.insert(AUTHORIZATION, format!("DPoP {token}").parse().unwrap());
        for proof in proofs {
            headers.append("dpop", proof.parse().unwrap());
        }
        request
    };
    let listed = format!("{one}, {two}");
    for proofs in [
        &[][..],
        &[""],
        &["not.a.jwt"],
        &[&one, &one],
        &[&one, &two],
        &[&one, ""],
        &[&listed],
        &[&token],
    ] {
        let answer = house.send(call_with(proofs)).await;
        answer.assert_refused_as(InvalidDpopProof);
    }
    house.send(call_with(&[&one])).await.assert_admitted();
}

#[tokio::test]
async fn a_proof_of_any_bytes_is_answered() {
    let (house, _, token) = visit();
    let mut long = "a.".repeat(20_000).into_bytes();
    for bytes in [&b"\xff\xfe"[..], b"..", b"e30.e30.", &mut long] {
        let mut request = call("get_user_profile", None);
        let headers = request.headers_mut();
        headers.insert(AUTHORIZATION, format!("DPoP {token}").parse().unwrap());
        headers.insert("dpop", http::HeaderValue::from_bytes(bytes).unwrap());
        house.send(request).await.assert_refused_as(InvalidDpopProof);
    }
}

/// The clock of this house stands at a whole second.
#[rstest]
#[case::the_oldest(-59, true)]
#[case::too_old(-60, false)]
#[case::long_ago(-86_400, false)]
#[case::the_farthest_ahead(60, true)]
#[case::too_far_ahead(61, false)]
#[case::in_another_year(31_536_000, false)]
#[tokio::test]
async fn a_proof_is_good_for_a_minute_and_clocks_may_differ_by_one(#[case] off: i64, #[case] good: bool) {
    let (house, prover, token) = visit();
    let proof = prover.proof("1", &token, house.now());
    let answer = house
        .prove(&token, &proof.with("iat", house.now().as_secs() + off))
        .await;
    if good {
        answer.assert_admitted();
    } else {
        answer.assert_refused_as(InvalidDpopProof);
    }
}

#[tokio::test(start_paused = true)]
async fn a_proof_does_not_outlive_its_token() {
    let (house, prover, _) = visit();
    let token = house.auth.token().with("exp", 1_790_000_100).bound_to(&prover);
    let token = house.auth.sign(&token);
    house.clock.advance(Duration::from_secs(160)).await;
    let proof = prover.proof("1", &token, house.now());
    house.prove(&token, &proof).await.assert_refused_as(InvalidToken);
}

#[tokio::test]
async fn a_proof_is_not_looked_at_before_its_token() {
    let (house, prover, _) = visit();
    let token = house.auth.token().bound_to(&prover);
    let token = token.sign(&crate::support::AuthServer::strangers_key());
    let proof = prover.proof("1", &token, house.now());
    house.prove(&token, &proof).await.assert_refused_as(InvalidToken);
}

#[tokio::test]
async fn what_is_said_of_a_bad_proof_says_nothing_of_it_or_its_token() {
    let (house, prover, token) = visit();
    let proof = prover.proof("its-own-id", &token, house.now()).with("htm", "GET");
    let answer = house.prove(&token, &proof).await;
    let said = format!("{:?}{}", answer.headers, answer.body);
    let sent = proof.sign();
    for secret in ["its-own-id", &token[..40], &sent[..40], &prover.thumbprint()] {
        assert!(!said.contains(secret), "{said}");
    }
}

#[tokio::test]
async fn where_there_is_no_http_request_a_bound_token_is_refused_in_clear_words() {
    let (house, prover, token) = visit();
    let proof = prover.proof("1", &token, house.now());
    house.prove(&token, &proof).await.assert_admitted();
    let refusal = house.guard.authenticate(&token).await.unwrap_err();
    assert!(matches!(refusal, TokenError::BoundToKey));
    assert_eq!(
        refusal.to_string(),
        "the token is bound to a key (DPoP), and nothing here proves that key: use one that is bound to none"
    );
}
