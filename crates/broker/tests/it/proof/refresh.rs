use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use vestibule_broker::{Broker, EndpointError as _};
use vestibule_protocol::{OAuthErrorCode, TokenResponse};

use super::{Prover, told, without_nonces, world};
use crate::faulty::Faulty;
use crate::fixture::{SECRET, WEB, World, client_id, parts, redemption, replaced, secrets, settings};

const CALLERS: usize = 32;

async fn opened(world: &World, prover: &Prover) -> TokenResponse {
    let code = world.issue_code(|_| {}).await;
    prover.ask(world, &redemption(&code)).await.expect("tokens")
}

fn refresh_of(tokens: &TokenResponse) -> String {
    tokens.refresh_token.clone().unwrap()
}

/// [RFC 9449 §5](https://www.rfc-editor.org/rfc/rfc9449#section-5): “If the client is a public client, refresh tokens MUST be bound”.
#[tokio::test]
async fn a_public_clients_refresh_token_is_of_no_use_without_its_key() {
    let (world, prover, thief) = (world().await, Prover::new(), Prover::new());
    let tokens = opened(&world, &prover).await;
    let refresh = refresh_of(&tokens);
    let refused = thief.refresh(&world, &refresh).await.unwrap_err();
    assert_eq!(
        told(&refused),
        (OAuthErrorCode::InvalidGrant, 400, "refresh_token_of_another_key")
    );
    let refused = world.refresh(&refresh).await.unwrap_err();
    assert_eq!(
        told(&refused),
        (OAuthErrorCode::InvalidDpopProof, 400, "proof_missing")
    );
    // Nothing was spent, and nobody is taken for a thief who is none.
    assert_eq!(world.session_of(&tokens).await.unwrap().generation, 0);
    let next = prover.refresh(&world, &refresh).await.expect("tokens");
    let cnf = world.read(&next.access_token).await.cnf.unwrap();
    assert_eq!((next.token_type, cnf.jkt), ("DPoP", prover.jkt(&world)));
    // For the session's life.
    let refused = world.refresh(&refresh_of(&next)).await.unwrap_err();
    assert_eq!(refused.code(), OAuthErrorCode::InvalidDpopProof);
}

#[tokio::test]
async fn a_refresh_whose_answer_was_lost_is_asked_for_again_with_a_new_proof() {
    let (world, prover) = (world().await, Prover::new());
    let refresh = refresh_of(&opened(&world, &prover).await);
    let lost = prover.refresh(&world, &refresh).await.expect("tokens");
    world.advance(Duration::from_secs(20));
    let again = prover.refresh(&world, &refresh).await.expect("tokens");
    assert_eq!(refresh_of(&lost), refresh_of(&again));
    prover.refresh(&world, &refresh_of(&again)).await.expect("tokens");
}

/// “Refresh tokens issued to confidential clients (those having established authentication credentials with the authorization server)
/// are not bound to the DPoP proof public key”
#[tokio::test]
async fn a_confidential_client_may_change_its_key() {
    let (world, one, other) = (world().await, Prover::new(), Prover::new());
    let code = world.issue_code(|grant| grant.client_id = client_id(WEB)).await;
    let redeeming = replaced(
        &replaced(&redemption(&code), "client_id", WEB),
        "client_secret",
        SECRET,
    );
    let mut refresh = refresh_of(&one.ask(&world, &redeeming).await.expect("tokens"));
    for prover in [Some(&other), None, Some(&one)] {
        let pairs = [
            ("grant_type", "refresh_token"),
            ("refresh_token", refresh.as_str()),
            ("client_id", WEB),
            ("client_secret", SECRET),
        ];
        let tokens = match prover {
            Some(prover) => prover.ask(&world, &pairs).await,
            None => world.token(&pairs).await,
        }
        .expect("tokens");
        let bound_to = world.read(&tokens.access_token).await.cnf.map(|cnf| cnf.jkt);
        assert_eq!(bound_to, prover.map(|prover| prover.jkt(&world)));
        refresh = refresh_of(&tokens);
    }
}

#[tokio::test]
async fn a_session_that_began_without_a_key_is_bound_by_its_first_proof() {
    let (world, prover) = (world().await, Prover::new());
    let tokens = world.tokens().await;
    assert_eq!(world.session_of(&tokens).await.unwrap().dpop_jkt, None);
    let bound = prover
        .refresh(&world, &refresh_of(&tokens))
        .await
        .expect("tokens");
    let refused = world.refresh(&refresh_of(&bound)).await.unwrap_err();
    assert_eq!(refused.code(), OAuthErrorCode::InvalidDpopProof);
    // Nor is the token from before of use to whoever has a copy, though it is repeated within the grace.
    let refused = world.refresh(&refresh_of(&tokens)).await.unwrap_err();
    assert_eq!(refused.code(), OAuthErrorCode::InvalidDpopProof);
    prover.refresh(&world, &refresh_of(&bound)).await.expect("tokens");
}

/// All of them have found the session unbound before the first binds it.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_32_keys_that_bind_one_session_one_does() {
    let world = world().await;
    let tokens = world.tokens().await;
    let faulty = Faulty::over(&world.store);
    faulty.meet_at("rotate_session", CALLERS);
    let parts = vestibule_broker::Parts {
        store: faulty,
        ..parts(&world.store, &world.clock, secrets("one", &[]), 2)
    };
    let mut settings = settings();
    without_nonces(&mut settings);
    let world = Arc::new(World {
        broker: Arc::new(Broker::open(settings, parts).await.unwrap()),
        ..world
    });
    let refresh = refresh_of(&tokens);
    let mut callers = JoinSet::new();
    for _ in 0..CALLERS {
        let (world, refresh) = (world.clone(), refresh.clone());
        callers.spawn(async move {
            let prover = Prover::new();
            (prover.refresh(&world, &refresh).await, prover.jkt(&world))
        });
    }
    let mut winners = Vec::new();
    for (result, jkt) in callers.join_all().await {
        match result {
            Ok(_) => winners.push(jkt),
            Err(error) => assert_eq!(error.reason(), "refresh_token_of_another_key"),
        }
    }
    let bound = world.session_of(&tokens).await.unwrap().dpop_jkt;
    assert_eq!(winners, bound.into_iter().collect::<Vec<_>>());
}
