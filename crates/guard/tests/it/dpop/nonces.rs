//! The guard's own nonces (RFC 9449 §9).

use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;
use rstest::rstest;
use tower::ServiceExt;
use vestibule_guard::{BuildError, DpopPolicy, Guard, ResourceUri};
use vestibule_protocol::OAuthErrorCode::{InvalidDpopProof, UseDpopNonce};
use vestibule_protocol::Secret;

use crate::support::{Answer, House, Proof, Prover, call, issuer, mcp_app, proven, resource};

const SECRET: &str = "a secret of at least thirty-two bytes";

fn asking(policy: DpopPolicy) -> (House, Prover, String) {
    let house = House::built(|builder| builder.dpop(policy));
    let prover = Prover::new();
    let token = house.bound(&prover);
    (house, prover, token)
}

fn shared(secret: &str) -> DpopPolicy {
    DpopPolicy::default().shared_nonces(Secret::new(secret))
}

#[track_caller]
fn nonce_of(answer: &Answer) -> String {
    answer.assert_refused_as(UseDpopNonce);
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    answer.header("dpop-nonce").expect("a nonce").to_owned()
}

#[tokio::test]
async fn a_proof_without_a_nonce_is_given_one_and_welcome_with_it() {
    let (house, prover, token) = asking(DpopPolicy::default().nonces());
    let proof = prover.proof("1", &token, house.now());
    let nonce = nonce_of(&house.prove(&token, &proof).await);
    let answer = house.prove(&token, &proof.with("nonce", nonce)).await;
    answer.assert_admitted();
    // It is still the one to use.
    assert_eq!(answer.header("dpop-nonce"), None);
}

#[rstest]
#[case::invented(|proof: Proof<'static>| proof.with("nonce", "eyJ7S_zG.eyJH0-Z.HX4w-7v"))]
#[case::empty(|proof: Proof<'static>| proof.with("nonce", ""))]
#[case::in_pieces(|proof: Proof<'static>| {
    let nonce = proof.claims["nonce"].as_str().unwrap().to_owned();
    proof.with("nonce", &nonce[..nonce.len() - 1])
})]
#[tokio::test]
async fn a_nonce_of_nobody_is_answered_with_one_of_ours(
    #[case] change: fn(Proof<'static>) -> Proof<'static>,
) {
    let (house, prover, token) = asking(DpopPolicy::default().nonces());
    let prover: &'static Prover = Box::leak(Box::new(prover));
    let proof = prover.proof("1", &token, house.now());
    let nonce = nonce_of(&house.prove(&token, &proof).await);
    let proof = proof.with("nonce", nonce.as_str());
    assert_eq!(nonce_of(&house.prove(&token, &change(proof)).await), nonce);
}

#[tokio::test]
async fn a_nonce_that_is_no_text_is_a_bad_proof() {
    let (house, prover, token) = asking(DpopPolicy::default().nonces());
    let proof = prover.proof("1", &token, house.now()).with("nonce", 7);
    house
        .prove(&token, &proof)
        .await
        .assert_refused_as(InvalidDpopProof);
}

#[tokio::test]
async fn a_good_nonce_does_not_make_a_proof_good_twice() {
    let (house, prover, token) = asking(DpopPolicy::default().nonces());
    let proof = prover.proof("1", &token, house.now());
    let nonce = nonce_of(&house.prove(&token, &proof).await);
    let proof = proof.with("nonce", nonce);
    house.prove(&token, &proof).await.assert_admitted();
    house
        .prove(&token, &proof)
        .await
        .assert_refused_as(InvalidDpopProof);
}

#[tokio::test(start_paused = true)]
async fn a_nonce_is_renewed_before_it_ends_and_nobody_is_interrupted() {
    let (house, prover, token) = asking(DpopPolicy::default().nonces());
    let first = nonce_of(&house.prove(&token, &prover.proof("1", &token, house.now())).await);
    house.clock.advance(Duration::from_secs(300)).await;
    let proof = prover
        .proof("2", &token, house.now())
        .with("nonce", first.as_str());
    let answer = house.prove(&token, &proof).await;
    answer.assert_admitted();
    let second = answer.header("dpop-nonce").expect("the next nonce").to_owned();
    assert_ne!(second, first);
    // RFC 9449 §8.2: "Responses that include the DPoP-Nonce HTTP header should be uncacheable".
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    house.clock.advance(Duration::from_secs(300)).await;
    let proof = prover.proof("3", &token, house.now());
    nonce_of(&house.prove(&token, &proof.clone().with("nonce", first)).await);
    house
        .prove(&token, &proof.with("nonce", second))
        .await
        .assert_admitted();
}

#[rstest]
#[case::of_another_process(DpopPolicy::default().nonces(), DpopPolicy::default().nonces())]
#[case::under_another_secret(shared(SECRET), shared("another secret, also of thirty-two bytes"))]
#[tokio::test]
async fn another_servers_nonce_is_nobodys(#[case] theirs: DpopPolicy, #[case] ours: DpopPolicy) {
    let (other, prover, token) = asking(theirs);
    let (house, ..) = asking(ours);
    let proof = prover.proof("1", &token, house.now());
    let nonce = nonce_of(&other.prove(&token, &proof).await);
    nonce_of(&house.prove(&token, &proof.with("nonce", nonce)).await);
}

#[tokio::test]
async fn replicas_with_one_secret_take_each_others_nonces() {
    let (other, prover, token) = asking(shared(SECRET));
    let (house, ..) = asking(shared(SECRET));
    let proof = prover.proof("1", &token, house.now());
    let nonce = nonce_of(&other.prove(&token, &proof).await);
    house
        .prove(&token, &proof.with("nonce", nonce))
        .await
        .assert_admitted();
}

#[tokio::test]
async fn two_servers_with_one_secret_have_different_nonces() {
    let (house, prover, token) = asking(shared(SECRET));
    let name = "https://mcp.test/other";
    let other = Guard::builder(ResourceUri::parse(name).unwrap(), issuer(house.auth.issuer()))
        .fetch(Arc::new(house.auth.clone()))
        .clock(Arc::new(house.clock.clone()))
        .dpop(shared(SECRET))
        .build()
        .unwrap();
    let theirs = house.auth.token().with("aud", name).bound_to(&prover);
    let theirs = house.auth.sign(&theirs);
    let proof = prover.proof("1", &theirs, house.now()).sign();
    let request = proven(call("get_user_profile", None), &theirs, &proof);
    let response = mcp_app(&other).oneshot(request).await.unwrap();
    let nonce = nonce_of(&Answer::read(response).await);
    let proof = prover.proof("2", &token, house.now());
    nonce_of(&house.prove(&token, &proof.with("nonce", nonce)).await);
}

#[tokio::test]
async fn where_none_is_asked_for_a_nonce_says_nothing() {
    let (house, prover, token) = asking(DpopPolicy::default());
    let proof = prover.proof("1", &token, house.now()).with("nonce", "whatever");
    let answer = house.prove(&token, &proof).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.header("dpop-nonce"), None);
}

#[test]
fn a_secret_that_could_be_guessed_is_refused() {
    let built = Guard::builder(resource(), issuer("https://auth.test"))
        .dpop(shared("short"))
        .build();
    assert!(matches!(built, Err(BuildError::ShortNonceSecret(32))));
}
