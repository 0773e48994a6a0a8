//! What is said to whoever is not let in (RFC 9449 §7.1).

use http::StatusCode;
use http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use serde_json::json;
use vestibule_protocol::ChallengeScheme;
use vestibule_protocol::OAuthErrorCode::{InsufficientScope, InvalidDpopProof, InvalidToken};

use crate::support::{House, METADATA, Prover, call, initialize, proven, scopes};

const ALGS: &str = "ES256 ES384 EdDSA PS256 RS256";

fn headers(answer: &crate::support::Answer) -> Vec<&str> {
    let headers = answer.headers.get_all(WWW_AUTHENTICATE).iter();
    headers.map(|header| header.to_str().unwrap()).collect()
}

#[tokio::test]
async fn a_caller_without_a_token_learns_of_both_ways_and_of_bearer_first() {
    let answer = House::new().send(initialize(None)).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    assert_eq!(
        headers(&answer),
        [
            format!(r#"Bearer scope="mcp:read", resource_metadata="{METADATA}""#),
            format!(r#"DPoP scope="mcp:read", resource_metadata="{METADATA}", algs="{ALGS}""#),
        ]
    );
}

/// RFC 9449 §7.2 shows both challenges, and what is wrong in that of the scheme that was tried.
#[tokio::test]
async fn a_bearer_is_told_what_is_wrong_in_the_challenge_for_bearers() {
    let house = House::new();
    let token = house.bound(&Prover::new());
    let answer = house.call_with(&token).await;
    assert_eq!(answer.challenge().error, Some(InvalidToken));
    assert_eq!(answer.dpop_challenge().error, None);
    assert!(headers(&answer)[0].starts_with("Bearer "));
}

#[tokio::test]
async fn whoever_comes_with_a_proof_is_answered_in_dpop_alone() {
    let house = House::new();
    let prover = Prover::new();
    let token = house.bound(&prover);
    let answer = house
        .prove(&token, &prover.proof("1", &token, house.now()).with("htm", "GET"))
        .await;
    answer.assert_refused_as(InvalidDpopProof);
    let challenge = answer.dpop_challenge();
    assert_eq!(challenge.resource_metadata.as_deref(), Some(METADATA));
    assert_eq!(challenge.scope, Some(scopes("mcp:read")));
    assert_eq!(
        challenge.scheme,
        ChallengeScheme::Dpop {
            algs: ALGS.to_owned()
        }
    );
}

#[tokio::test]
async fn missing_scopes_are_asked_for_in_dpop() {
    let house = House::new();
    let prover = Prover::new();
    let token = house.bound(&prover);
    let proof = prover.proof("1", &token, house.now()).sign();
    let answer = house.send(proven(call("write_data", None), &token, &proof)).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert_eq!(headers(&answer).len(), 1);
    let challenge = answer.dpop_challenge();
    assert_eq!(challenge.error, Some(InsufficientScope));
    assert_eq!(challenge.scope, Some(scopes("mcp:read mcp:write")));
}

#[tokio::test]
async fn an_expired_or_unreadable_token_is_answered_in_the_scheme_that_was_tried() {
    let house = House::new();
    for authorization in ["DPoP a.b.c", "dpop a b", "DPoP \"a\""] {
        let mut request = initialize(None);
        let headers = request.headers_mut();
        headers.insert(AUTHORIZATION, authorization.parse().unwrap());
        house.send(request).await.assert_refused_as(InvalidToken);
    }
}

#[tokio::test]
async fn a_web_page_may_send_a_proof_and_read_the_nonce() {
    let house = House::new();
    let mut request = initialize(None);
    request
        .headers_mut()
        .insert("origin", "https://app.test".parse().unwrap());
    let answer = house.send(request).await;
    let exposed = answer.header("access-control-expose-headers").unwrap();
    assert!(exposed.split(", ").any(|name| name == "DPoP-Nonce"), "{exposed}");
}

#[tokio::test]
async fn the_metadata_says_what_a_proof_may_be_signed_with() {
    let path = "/.well-known/oauth-protected-resource/mcp";
    let request = http::Request::get(path).body(axum::body::Body::empty()).unwrap();
    let answer = House::new().send(request).await;
    let algs: Vec<&str> = ALGS.split(' ').collect();
    assert_eq!(answer.body["dpop_signing_alg_values_supported"], json!(algs));
    assert_eq!(answer.body["dpop_bound_access_tokens_required"], json!(null));
}
