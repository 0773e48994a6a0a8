use std::time::Duration;

use vestibule_client::CallError;

use crate::world::{Twist, World, no_arguments};

const AN_HOUR: Duration = Duration::from_secs(3600);

async fn logged_in(twists: impl IntoIterator<Item = Twist>) -> World {
    let world = World::with(twists).await;
    world.log_in().await.unwrap();
    world
}

async fn call(world: &World) -> Result<(), CallError> {
    world
        .client()
        .call(&world.server, "echo", &no_arguments())
        .await
        .map(drop)
}

#[tokio::test]
async fn a_token_is_refreshed_shortly_before_it_expires() {
    let world = logged_in([]).await;
    world.clock.advance(Duration::from_secs(3600 - 31));
    call(&world).await.unwrap();
    assert_eq!(world.ledger.refreshes(), 0);
    world.clock.advance(Duration::from_secs(2));
    call(&world).await.unwrap();
    assert_eq!(world.ledger.refreshes(), 1);
    call(&world).await.unwrap();
    assert_eq!(world.ledger.refreshes(), 1, "the new expiry is kept");
}

#[tokio::test]
async fn a_token_that_the_server_no_longer_takes_is_refreshed_once() {
    let world = logged_in([]).await;
    world.ledger.forget_access_tokens();
    call(&world).await.unwrap();
    assert_eq!(world.ledger.refreshes(), 1);
}

#[tokio::test]
async fn a_server_that_takes_no_token_is_not_asked_for_ever() {
    let world = logged_in([]).await;
    world.ledger.add(Twist::TokensNeverGood);
    let error = call(&world).await.unwrap_err();
    assert!(matches!(error, CallError::TokenNotAccepted { .. }), "{error}");
    assert_eq!(world.ledger.refreshes(), 1);
}

#[tokio::test]
async fn many_callers_at_once_refresh_once() {
    let world = logged_in([]).await;
    world.clock.advance(AN_HOUR);
    let calls: Vec<_> = (0..8)
        .map(|_| {
            let (client, server) = (world.client(), world.server.clone());
            tokio::spawn(async move { client.call(&server, "echo", &no_arguments()).await.map(drop) })
        })
        .collect();
    for call in calls {
        call.await.unwrap().unwrap();
    }
    assert_eq!(world.ledger.refreshes(), 1);
}

#[tokio::test]
async fn many_callers_whose_token_has_died_refresh_once() {
    let world = logged_in([]).await;
    world.ledger.forget_access_tokens();
    let (one, two) = (world.client(), world.client());
    let nothing = no_arguments();
    let (first, second) = tokio::join!(
        one.call(&world.server, "echo", &nothing),
        two.call(&world.server, "echo", &nothing)
    );
    first.unwrap();
    second.unwrap();
    assert_eq!(world.ledger.refreshes(), 1);
}

#[tokio::test]
async fn a_refused_refresh_ends_the_login_with_the_way_out() {
    let world = logged_in([Twist::RefreshRefused]).await;
    world.clock.advance(AN_HOUR);
    let error = call(&world).await.unwrap_err();
    let sentence = error.to_string();
    assert!(sentence.contains("invalid_grant"), "{sentence}");
    assert!(
        sentence.contains(&format!("vestibule login {}", world.server)),
        "{sentence}"
    );
}

#[tokio::test]
async fn an_outage_does_not_end_the_login() {
    let world = logged_in([Twist::RefreshUnavailable]).await;
    world.clock.advance(AN_HOUR);
    let error = call(&world).await.unwrap_err();
    assert!(matches!(error, CallError::Refresh(_)), "{error}");
    assert!(world.file().is_some());
}

#[tokio::test]
async fn without_a_refresh_token_the_login_is_over() {
    let world = logged_in([Twist::NoRefreshToken]).await;
    world.clock.advance(AN_HOUR);
    let error = call(&world).await.unwrap_err();
    assert!(matches!(error, CallError::LoginEnded { .. }), "{error}");
}
