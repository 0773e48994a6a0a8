//! A server that takes bound tokens only.

use axum::body::Body;
use http::{Request, StatusCode};
use serde_json::json;
use vestibule_guard::{DpopPolicy, TokenError};
use vestibule_protocol::OAuthErrorCode::InvalidToken;

use crate::support::{House, METADATA, Prover, call, initialize, scopes};

fn strict() -> House {
    House::built(|builder| builder.dpop(DpopPolicy::required()))
}

#[tokio::test]
async fn a_token_that_is_bound_to_nothing_is_refused() {
    let house = strict();
    let token = house.auth.sign(&house.auth.token());
    for _ in 0..2 {
        let answer = house.call_with(&token).await;
        answer.assert_refused_as(InvalidToken);
        let said = answer.dpop_challenge().error_description.unwrap();
        assert!(said.contains("bound to a key"), "{said}");
    }
    let refusal = house.guard.authenticate(&token).await.unwrap_err();
    assert!(matches!(refusal, TokenError::NotBound), "{refusal}");
}

#[tokio::test]
async fn nor_is_it_taken_with_a_proof() {
    let house = strict();
    let prover = Prover::new();
    let token = house.auth.sign(&house.auth.token());
    let proof = prover.proof("1", &token, house.now());
    house.prove(&token, &proof).await.assert_refused_as(InvalidToken);
}

#[tokio::test]
async fn a_token_that_is_bound_and_proved_is_good() {
    let house = strict();
    let prover = Prover::new();
    let token = house.bound(&prover);
    house.call_with(&token).await.assert_refused_as(InvalidToken);
    let proof = prover.proof("1", &token, house.now());
    house.prove(&token, &proof).await.assert_admitted();
}

#[tokio::test]
async fn only_the_one_way_in_is_named() {
    let answer = strict().send(initialize(None)).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    assert_eq!(answer.headers.get_all("www-authenticate").iter().count(), 1);
    let challenge = answer.dpop_challenge();
    assert_eq!(challenge.error, None);
    assert_eq!(challenge.scope, Some(scopes("mcp:read")));
    assert_eq!(challenge.resource_metadata.as_deref(), Some(METADATA));
}

#[tokio::test]
async fn the_metadata_says_so() {
    let path = "/.well-known/oauth-protected-resource/mcp";
    let answer = strict()
        .send(Request::get(path).body(Body::empty()).unwrap())
        .await;
    assert_eq!(answer.body["dpop_bound_access_tokens_required"], json!(true));
}

#[tokio::test]
async fn what_is_open_to_everybody_stays_open() {
    strict().send(call("public_info", None)).await.assert_admitted();
}
