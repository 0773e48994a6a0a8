//! Tokens that are bound to a key: what must not happen first, then what does.

use std::collections::BTreeSet;
use std::time::Duration;

use vestibule_client::{
    Binding, CallError, ClientCredential, Entrance, LoginError, LoginRequest, UnattendedLogin,
};
use vestibule_protocol::Secret;

use crate::world::{Twist, World, dynamic, known, no_arguments, unattended};

const BOTH: [Twist; 2] = [Twist::TakesProofs, Twist::McpTakesProofs];

async fn world(twists: impl IntoIterator<Item = Twist>) -> World {
    World::with(BOTH.into_iter().chain(twists)).await
}

async fn logged_in(twists: impl IntoIterator<Item = Twist>) -> World {
    let world = world(twists).await;
    assert!(world.log_in().await.unwrap().bound);
    world
}

async fn call(world: &World, tool: &str) -> Result<(), CallError> {
    let client = world.client();
    client.call(&world.server, tool, &no_arguments()).await.map(drop)
}

fn insisting() -> LoginRequest {
    LoginRequest {
        binding: Binding::Always,
        ..dynamic()
    }
}

fn asks(world: &World) -> usize {
    world.ledger.requests("token").len()
}

#[tokio::test]
async fn nobody_is_asked_to_log_in_for_a_token_that_the_server_would_not_take() {
    let world = World::with([Twist::McpTakesBoundAlone]).await;
    let sentence = world.failed_login().await;
    assert!(
        sentence.contains("takes only tokens that are bound to a key"),
        "{sentence}"
    );
    assert!(world.visitor.opened().is_empty() && world.ledger.clients().is_empty());
}

#[tokio::test]
async fn whoever_insists_on_a_bound_token_gets_no_other() {
    let world = World::with([Twist::McpTakesProofs]).await;
    let error = world.log_in_as(&insisting()).await.unwrap_err();
    assert!(error.to_string().contains("leave --dpop out"), "{error}");
    assert!(world.visitor.opened().is_empty());
}

#[tokio::test]
async fn a_token_that_came_unbound_is_not_kept() {
    let world = World::with([Twist::IgnoresProofs, Twist::McpTakesProofs]).await;
    let sentence = world.failed_login().await;
    assert!(
        sentence.contains("a token of type \"bearer\", and DPoP was asked for"),
        "{sentence}"
    );
    assert!(world.file().is_none());
}

#[tokio::test]
async fn a_nonce_that_is_demanded_for_ever_is_given_once() {
    let world = world([Twist::NoncesNeverGood]).await;
    let sentence = world.failed_login().await;
    assert!(sentence.contains("asks for a nonce"), "{sentence}");
    assert_eq!(asks(&world), 2);

    let world = logged_in([]).await;
    world.ledger.add(Twist::McpNoncesNeverGood);
    let error = call(&world, "echo").await.unwrap_err();
    assert!(matches!(error, CallError::TokenNotAccepted { .. }), "{error}");
    // A try, a knock for the nonce, and a second try; the same again after the one refresh.
    assert_eq!(world.ledger.proofs().len() - asks(&world), 6);
    assert_eq!(world.ledger.refreshes(), 1);
}

/// An outage of nonces is none of the login, which goes on when it is over.
#[tokio::test]
async fn a_nonce_that_is_demanded_for_ever_does_not_end_the_login() {
    let world = logged_in([]).await;
    world.ledger.add(Twist::NoncesNeverGood);
    world.clock.advance(Duration::from_secs(3600));
    let error = call(&world, "echo").await.unwrap_err();
    assert!(matches!(error, CallError::Refresh(_)), "{error}");
    assert!(world.file().is_some());
}

/// The servers of this world refuse a proof that they have seen, and fail where a bound token comes without one.
#[tokio::test]
async fn no_two_requests_have_the_same_proof() {
    let world = logged_in([Twist::AsksForNonces, Twist::McpAsksForNonces]).await;
    call(&world, "echo").await.unwrap();
    world.client().tools(&world.server).await.unwrap();
    world.clock.advance(Duration::from_secs(3600));
    call(&world, "echo").await.unwrap();
    call(&world, "write").await.unwrap();
    let proofs = world.ledger.proofs();
    let different: BTreeSet<_> = proofs.iter().collect();
    assert!(different.len() == proofs.len() && proofs.len() > 12, "{proofs:?}");
}

#[tokio::test]
async fn a_bound_token_is_shown_to_nobody_without_its_key() {
    let world = logged_in([]).await;
    let file = world.file().unwrap();
    let mut kept: serde_json::Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    kept["proof_key"] = "bm8ga2V5".into();
    std::fs::write(&file, kept.to_string()).unwrap();
    let before = world.ledger.proofs().len();
    let error = call(&world, "echo").await.unwrap_err();
    assert!(matches!(error, CallError::Proof(_)), "{error}");
    assert_eq!(world.ledger.proofs().len(), before);
}

#[tokio::test]
async fn a_server_that_does_not_speak_of_proofs_gets_none() {
    for twists in [
        vec![Twist::TakesProofs],
        vec![Twist::McpTakesProofs],
        vec![Twist::TakesProofs, Twist::McpTakesProofsOf384],
    ] {
        let world = World::with(twists.clone()).await;
        assert!(!world.log_in().await.unwrap().bound, "{twists:?}");
        assert_eq!(world.visitor.asked("dpop_jkt"), None);
        call(&world, "echo").await.unwrap();
        assert!(world.ledger.proofs().is_empty(), "{twists:?}");
    }
}

#[tokio::test]
async fn where_both_servers_take_proofs_a_login_is_bound_to_a_key_of_its_own() {
    let world = logged_in([]).await;
    call(&world, "echo").await.unwrap();
    let first = world.visitor.asked("dpop_jkt").unwrap();
    world.log_in().await.unwrap();
    assert_ne!(world.visitor.asked("dpop_jkt").unwrap(), first);
}

#[tokio::test]
async fn a_server_that_takes_nothing_else_is_shown_a_bound_token() {
    let world = World::with([Twist::TakesProofs, Twist::McpTakesBoundAlone]).await;
    assert!(world.log_in().await.unwrap().bound);
    call(&world, "echo").await.unwrap();
}

#[tokio::test]
async fn whoever_insists_is_bound_where_the_server_does_not_speak_of_it() {
    let world = World::with([Twist::TakesProofs]).await;
    assert!(world.log_in_as(&insisting()).await.unwrap().bound);
    call(&world, "echo").await.unwrap();
}

#[tokio::test]
async fn refreshes_and_step_ups_keep_the_key() {
    let world = logged_in([]).await;
    let key = world.visitor.asked("dpop_jkt");
    world.clock.advance(Duration::from_secs(3600));
    call(&world, "echo").await.unwrap();
    assert_eq!(world.ledger.refreshes(), 1);
    call(&world, "write").await.unwrap();
    assert_eq!(world.visitor.asked("dpop_jkt"), key);
    assert_eq!(world.visitor.opened().len(), 2);
    call(&world, "write").await.unwrap();
}

#[tokio::test]
async fn a_nonce_is_used_until_there_is_another() {
    let world = world([Twist::AsksForNonces, Twist::McpAsksForNonces]).await;
    let client = world.client();
    client.login(&world.server, &dynamic()).await.unwrap();
    assert_eq!(asks(&world), 2, "the first proof has no nonce");
    client.call(&world.server, "echo", &no_arguments()).await.unwrap();
    world.clock.advance(Duration::from_secs(3600));
    client.call(&world.server, "echo", &no_arguments()).await.unwrap();
    assert_eq!(
        asks(&world),
        3,
        "the next one has, and not that of the other server"
    );
}

#[tokio::test]
async fn a_service_is_bound_as_well() {
    let world = world([]).await;
    let robot = || {
        let credential = ClientCredential::Secret(Secret::new("a:secret"));
        unattended(Entrance::Itself(known("robot", credential)))
    };
    let login = world.client().login_unattended(&world.server, &robot()).await;
    assert!(login.unwrap().bound);
    call(&world, "echo").await.unwrap();
    world.clock.advance(Duration::from_secs(3600));
    call(&world, "write").await.unwrap();

    let world = World::good().await;
    let insisting = UnattendedLogin {
        binding: Binding::Always,
        ..robot()
    };
    let error = world.client().login_unattended(&world.server, &insisting).await;
    assert!(matches!(error, Err(LoginError::Discovery(_))), "{error:?}");
    assert_eq!(asks(&world), 0);
}
