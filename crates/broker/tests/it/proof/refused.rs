use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::task::JoinSet;
use vestibule_protocol::OAuthErrorCode;

use super::{PAR, Prover, TOKEN, ask_with, refreshing, told, world};
use crate::fixture::{World, redemption, secrets};

const CALLERS: usize = 32;
const BAD: (OAuthErrorCode, u16, &str) = (OAuthErrorCode::InvalidDpopProof, 400, "proof_bad");
const REPLAYED: (OAuthErrorCode, u16, &str) = (OAuthErrorCode::InvalidDpopProof, 400, "proof_replayed");

fn bad_proofs(prover: &Prover, world: &World) -> Vec<(&'static str, String)> {
    let with = |name: &str, value: Value| {
        let mut claims = prover.claims(world, "POST", TOKEN);
        claims[name] = value;
        prover.sign(&claims)
    };
    let now = world.now().as_secs();
    let good = prover.proof(world);
    let (message, _) = good.rsplit_once('.').unwrap();
    vec![
        ("no proof", "proof".to_owned()),
        ("none", String::new()),
        ("unsigned", format!("{message}.")),
        ("another method", with("htm", json!("GET"))),
        ("another endpoint", with("htu", json!(PAR))),
        (
            "another host",
            with("htu", json!("https://elsewhere.example/oauth/token")),
        ),
        ("too old", with("iat", json!(now - 60))),
        ("from the future", with("iat", json!(now + 61))),
        ("without a name", with("jti", json!(""))),
    ]
}

#[tokio::test]
async fn a_bad_proof_spends_no_code() {
    let (world, prover) = (world().await, Prover::new());
    let code = world.issue_code(|_| {}).await;
    for (what, proof) in bad_proofs(&prover, &world) {
        let refused = ask_with(&world, &proof, &redemption(&code)).await.unwrap_err();
        assert_eq!(told(&refused), BAD, "{what}");
    }
    prover.ask(&world, &redemption(&code)).await.expect("tokens");
}

#[tokio::test]
async fn a_bad_proof_rotates_no_refresh_token() {
    let (world, prover) = (world().await, Prover::new());
    let code = world.issue_code(|_| {}).await;
    let tokens = prover.ask(&world, &redemption(&code)).await.unwrap();
    let refresh = tokens.refresh_token.clone().unwrap();
    for (what, proof) in bad_proofs(&prover, &world) {
        let refused = ask_with(&world, &proof, &refreshing(&refresh)).await.unwrap_err();
        assert_eq!(told(&refused), BAD, "{what}");
    }
    assert_eq!(world.session_of(&tokens).await.unwrap().generation, 0);
    prover.refresh(&world, &refresh).await.expect("tokens");
}

/// [RFC 9449 §11.1](https://www.rfc-editor.org/rfc/rfc9449#section-11.1)
#[tokio::test]
async fn a_proof_is_good_once_and_a_second_use_spends_nothing() {
    let (world, prover) = (world().await, Prover::new());
    let proof = prover.proof(&world);
    let first = world.issue_code(|_| {}).await;
    ask_with(&world, &proof, &redemption(&first))
        .await
        .expect("tokens");
    let second = world.issue_code(|_| {}).await;
    world.advance(Duration::from_secs(59));
    let refused = ask_with(&world, &proof, &redemption(&second)).await.unwrap_err();
    assert_eq!(told(&refused), REPLAYED);
    // Nor does it at another replica.
    let replica = world
        .replica_with(secrets("one", &[]), super::without_nonces)
        .await;
    let refused = ask_with(&replica, &proof, &redemption(&second))
        .await
        .unwrap_err();
    assert_eq!(told(&refused), REPLAYED);
    prover.ask(&world, &redemption(&second)).await.expect("tokens");
    // When it is forgotten, it is too old.
    world.advance(Duration::from_secs(1));
    let third = world.issue_code(|_| {}).await;
    let refused = ask_with(&world, &proof, &redemption(&third)).await.unwrap_err();
    assert_eq!(told(&refused), BAD);
}

#[tokio::test]
async fn nobody_uses_up_the_proofs_of_another_key() {
    let (world, one, other) = (world().await, Prover::new(), Prover::new());
    let claims = one.claims(&world, "POST", TOKEN);
    for prover in [one, other] {
        let code = world.issue_code(|_| {}).await;
        let proof = prover.sign(&claims);
        ask_with(&world, &proof, &redemption(&code))
            .await
            .expect("tokens");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_32_uses_of_one_proof_one_succeeds() {
    let (world, prover) = (Arc::new(world().await), Prover::new());
    let proof = Arc::new(prover.proof(&world));
    let mut callers = JoinSet::new();
    let mut codes = BTreeSet::new();
    for _ in 0..CALLERS {
        let (world, proof) = (world.clone(), proof.clone());
        let code = world.issue_code(|_| {}).await;
        codes.insert(code.clone());
        callers.spawn(async move { (ask_with(&world, &proof, &redemption(&code)).await, code) });
    }
    for (result, code) in callers.join_all().await {
        match result {
            Ok(_) => assert!(codes.remove(&code)),
            Err(error) => assert_eq!(told(&error), REPLAYED),
        }
    }
    assert_eq!(codes.len(), CALLERS - 1);
    for code in codes {
        prover
            .ask(&world, &redemption(&code))
            .await
            .expect("its code is not spent");
    }
}
