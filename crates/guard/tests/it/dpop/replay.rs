//! A proof is good once (RFC 9449 §11.1).

use std::collections::HashSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use http::StatusCode;
use tower::ServiceExt;
use vestibule_guard::{DpopPolicy, ProofId, Spending, SpentProofs, SpentProofsError, Timestamp};
use vestibule_protocol::OAuthErrorCode::InvalidDpopProof;

use crate::support::{Answer, House, Prover, call, mcp_app, proven};

fn remembering(policy: DpopPolicy) -> (House, Prover, String) {
    let house = House::built(|builder| builder.dpop(policy));
    let prover = Prover::new();
    let token = house.bound(&prover);
    (house, prover, token)
}

#[tokio::test]
async fn a_proof_is_good_once() {
    let (house, prover, token) = remembering(DpopPolicy::default());
    let proof = prover.proof("1", &token, house.now()).sign();
    house.prove_by(&token, &proof).await.assert_admitted();
    let answer = house.prove_by(&token, &proof).await;
    answer.assert_refused_as(InvalidDpopProof);
    let said = answer.dpop_challenge().error_description.unwrap();
    assert!(said.contains("has been used before"), "{said}");
}

/// The signatures of ECDSA differ, and so may the spelling of the header, the URL and the time.
#[tokio::test]
async fn the_same_id_is_the_same_proof_however_it_is_written() {
    let (house, prover, token) = remembering(DpopPolicy::default());
    let proof = prover.proof("1", &token, house.now());
    house.prove(&token, &proof).await.assert_admitted();
    for other in [
        proof.clone(),
        proof.clone().head("kid", "another"),
        proof.clone().with("iat", house.now().as_secs() - 30),
        proof.clone().with("htu", "https://mcp.test:443/mcp"),
        proof.clone().with("another", "claim"),
    ] {
        house
            .prove(&token, &other)
            .await
            .assert_refused_as(InvalidDpopProof);
    }
}

#[tokio::test]
async fn an_id_is_its_keys_own() {
    let (house, prover, token) = remembering(DpopPolicy::default());
    let other = Prover::new();
    let theirs = house.bound(&other);
    let proof = prover.proof("1", &token, house.now());
    house.prove(&token, &proof).await.assert_admitted();
    let proof = other.proof("1", &theirs, house.now());
    house.prove(&theirs, &proof).await.assert_admitted();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_32_uses_of_one_proof_one_succeeds() {
    let (house, prover, token) = remembering(DpopPolicy::default());
    let proof = prover.proof("1", &token, house.now()).sign();
    let uses: Vec<_> = (0..32)
        .map(|_| {
            let request = proven(call("get_user_profile", None), &token, &proof);
            tokio::spawn(house.app.clone().oneshot(request))
        })
        .collect();
    let mut admitted = 0;
    for answer in uses {
        match answer.await.unwrap().unwrap().status() {
            StatusCode::OK => admitted += 1,
            other => assert_eq!(other, StatusCode::UNAUTHORIZED),
        }
    }
    assert_eq!(admitted, 1);
}

/// The whole time for which a proof could be taken: it is made by a clock that is a minute ahead.
#[tokio::test(start_paused = true)]
async fn a_proof_is_remembered_until_it_is_too_old() {
    let (house, prover, token) = remembering(DpopPolicy::default());
    let proof = prover
        .proof("1", &token, house.now())
        .with("iat", house.now().as_secs() + 60)
        .sign();
    house.prove_by(&token, &proof).await.assert_admitted();
    for (seconds, why) in [
        (0, "used before"),
        (60, "used before"),
        (59, "used before"),
        (1, "too old"),
        (1, "too old"),
    ] {
        house.clock.advance(Duration::from_secs(seconds)).await;
        // Others come by, and what is over is forgotten.
        let id = format!("at {:?}", house.now());
        let another = prover.proof(&id, &token, house.now());
        house.prove(&token, &another).await.assert_admitted();
        let answer = house.prove_by(&token, &proof).await;
        answer.assert_refused_as(InvalidDpopProof);
        let said = answer.dpop_challenge().error_description.unwrap();
        assert!(said.contains(why), "{said}");
    }
}

#[tokio::test(start_paused = true)]
async fn with_no_room_left_nothing_is_forgotten_and_nobody_is_let_in() {
    let (house, prover, token) = remembering(DpopPolicy::default().remembered_proofs(2));
    let made_at = house.now();
    let proof = |id: &str| prover.proof(id, &token, made_at).sign();
    for id in ["1", "2"] {
        house.prove_by(&token, &proof(id)).await.assert_admitted();
    }
    let answer = house.prove_by(&token, &proof("3")).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(answer.header("retry-after"), Some("5"));
    assert_eq!(answer.body["error"], "temporarily_unavailable");
    for id in ["1", "2"] {
        house
            .prove_by(&token, &proof(id))
            .await
            .assert_refused_as(InvalidDpopProof);
    }
    // Bearer tokens have no proofs to be remembered.
    house
        .call_as("get_user_profile", &house.auth.token())
        .await
        .assert_admitted();
    house.clock.advance(Duration::from_secs(60)).await;
    let later = prover.proof("3", &token, house.now());
    house.prove(&token, &later).await.assert_admitted();
}

/// What replicas share.
#[derive(Default)]
struct Shared {
    used: Mutex<HashSet<[u8; 32]>>,
}

#[async_trait]
impl SpentProofs for Shared {
    async fn spend(
        &self,
        proof: ProofId,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<Spending, SpentProofsError> {
        assert!(now < until);
        let is_new = self.used.lock().unwrap().insert(*proof.as_bytes());
        Ok(if is_new { Spending::First } else { Spending::Again })
    }
}

#[tokio::test]
async fn of_two_replicas_that_share_a_store_one_takes_a_proof() {
    let store = Arc::new(Shared::default());
    let policy = || DpopPolicy::default().spent_proofs(store.clone());
    let (house, prover, token) = remembering(policy());
    let (replica, ..) = remembering(policy());
    let proof = prover.proof("1", &token, house.now()).sign();
    house.prove_by(&token, &proof).await.assert_admitted();
    let request = proven(call("get_user_profile", None), &token, &proof);
    let response = mcp_app(&replica.guard).oneshot(request).await.unwrap();
    Answer::read(response).await.assert_refused_as(InvalidDpopProof);
}

struct Away;

#[async_trait]
impl SpentProofs for Away {
    async fn spend(&self, _: ProofId, _: Timestamp, _: Timestamp) -> Result<Spending, SpentProofsError> {
        Err(SpentProofsError::Unavailable("nobody is at home".into()))
    }
}

#[tokio::test]
async fn without_the_store_nobody_with_a_proof_is_let_in() {
    let (house, prover, token) = remembering(DpopPolicy::default().spent_proofs(Arc::new(Away)));
    let answer = house.prove(&token, &prover.proof("1", &token, house.now())).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(answer.headers.contains_key("retry-after"));
}
