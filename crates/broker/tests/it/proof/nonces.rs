use std::time::Duration;

use serde_json::json;
use vestibule_broker::{EndpointError as _, TokenError};
use vestibule_protocol::{OAuthErrorCode, TokenResponse};

use super::{Prover, TOKEN, ask_with, told, world};
use crate::fixture::{World, redemption, secrets};

const WANTED: (OAuthErrorCode, u16, &str) = (OAuthErrorCode::UseDpopNonce, 400, "proof_without_nonce");

fn with_nonce(prover: &Prover, world: &World, nonce: &str) -> String {
    let mut claims = prover.claims(world, "POST", TOKEN);
    claims["nonce"] = json!(nonce);
    prover.sign(&claims)
}

async fn redeemed(world: &World, proof: &str) -> Result<TokenResponse, TokenError> {
    let code = world.issue_code(|_| {}).await;
    ask_with(world, proof, &redemption(&code)).await
}

/// The nonce that whoever has none is given.
async fn given(world: &World, prover: &Prover) -> String {
    let refused = redeemed(world, &prover.proof(world)).await.unwrap_err();
    assert_eq!(told(&refused), WANTED);
    refused.dpop_nonce().unwrap().to_owned()
}

/// [RFC 9449 §8](https://www.rfc-editor.org/rfc/rfc9449#section-8)
#[tokio::test]
async fn a_proof_without_a_nonce_is_answered_with_one_and_spends_nothing() {
    let (world, prover) = (World::new().await, Prover::new());
    let code = world.issue_code(|_| {}).await;
    let proof = prover.proof(&world);
    for _ in 0..2 {
        let refused = ask_with(&world, &proof, &redemption(&code)).await.unwrap_err();
        assert_eq!(told(&refused), WANTED);
    }
    let nonce = given(&world, &prover).await;
    let made_up = with_nonce(&prover, &world, "made-up");
    let refused = ask_with(&world, &made_up, &redemption(&code)).await.unwrap_err();
    assert_eq!(told(&refused), WANTED);
    let proof = with_nonce(&prover, &world, &nonce);
    let tokens = ask_with(&world, &proof, &redemption(&code))
        .await
        .expect("tokens");
    assert_eq!((tokens.token_type, tokens.dpop_nonce), ("DPoP", None));
}

#[tokio::test]
async fn a_nonce_grows_old_and_the_next_is_given_in_time() {
    let (world, prover) = (World::new().await, Prover::new());
    let old = given(&world, &prover).await;
    world.advance(Duration::from_secs(300));
    let tokens = redeemed(&world, &with_nonce(&prover, &world, &old))
        .await
        .unwrap();
    let next = tokens.dpop_nonce.expect("the next nonce");
    assert_ne!(next, old);
    world.advance(Duration::from_secs(300));
    let refused = redeemed(&world, &with_nonce(&prover, &world, &old))
        .await
        .unwrap_err();
    assert_eq!(told(&refused), WANTED);
    redeemed(&world, &with_nonce(&prover, &world, &next))
        .await
        .expect("tokens");
}

#[tokio::test]
async fn a_nonce_is_good_at_every_replica_and_through_a_new_master_secret() {
    let (world, prover) = (World::new().await, Prover::new());
    let nonce = given(&world, &prover).await;
    let same = world.replica(secrets("one", &[])).await;
    let newer = world.replica(secrets("two", &["one"])).await;
    for replica in [&same, &newer] {
        redeemed(replica, &with_nonce(&prover, &world, &nonce))
            .await
            .expect("tokens");
    }
}

#[tokio::test]
async fn where_no_nonces_are_asked_for_none_are_given() {
    let (world, prover) = (world().await, Prover::new());
    for nonce in ["", "of another server"] {
        let tokens = redeemed(&world, &with_nonce(&prover, &world, nonce))
            .await
            .expect("tokens");
        assert_eq!(tokens.dpop_nonce, None);
    }
}

#[tokio::test]
async fn whoever_sends_no_proof_is_asked_for_no_nonce() {
    let world = World::new().await;
    let tokens = world.tokens().await;
    assert_eq!((tokens.token_type, tokens.dpop_nonce), ("Bearer", None));
}
