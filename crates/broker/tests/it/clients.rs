use std::time::Duration;

use vestibule_broker::store::Clients as _;
use vestibule_broker::{ClientAddress, ClientChange, ClientDetails, ClientOrigin, Operator};

use crate::fixture::{APP, CALLBACK, World, client_id, redemption, replaced};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const BODY: &[u8] =
    br#"{"redirect_uris":["https://app.example/cb"],"token_endpoint_auth_method":"none","client_name":"App"}"#;

#[tokio::test]
async fn nobody_is_found_under_an_unknown_id() {
    let world = World::new().await;
    assert!(
        world
            .broker
            .find_client(&client_id("nobody"))
            .await
            .unwrap()
            .is_none()
    );
}

#[tokio::test]
async fn a_configured_client_is_found_as_the_operator_wrote_it() {
    let world = World::new().await;
    let client = world
        .broker
        .find_client(&client_id(APP))
        .await
        .unwrap()
        .expect("a client");
    assert_eq!(client.origin(), ClientOrigin::Configured);
    assert_eq!(client.name(), APP);
    assert_eq!(client.redirect_uris()[0].as_str(), CALLBACK);
}

#[tokio::test]
async fn a_registration_that_nobody_uses_runs_out() {
    let world = World::new().await;
    let id = world
        .broker
        .register(ClientAddress::default(), None, BODY)
        .await
        .expect("a client")
        .client_id;
    world.advance(90 * DAY);
    assert!(world.broker.find_client(&id).await.unwrap().is_none());
}

#[tokio::test]
async fn use_renews_a_registration() {
    let world = World::new().await;
    let id = world
        .broker
        .register(ClientAddress::default(), None, BODY)
        .await
        .expect("a client")
        .client_id;
    for _ in 0..4 {
        world.advance(60 * DAY);
        let client = world.broker.find_client(&id).await.unwrap().expect("a client");
        assert_eq!(client.origin(), ClientOrigin::Registered);
        assert_eq!(client.name(), "App");
    }
}

#[tokio::test]
async fn a_registration_is_renewed_at_most_once_a_day() {
    let world = World::new().await;
    let id = world
        .broker
        .register(ClientAddress::default(), None, BODY)
        .await
        .expect("a client")
        .client_id;
    let expires_at = async || {
        world
            .store
            .find_client(&id, world.now())
            .await
            .unwrap()
            .unwrap()
            .expires_at
    };
    let first = expires_at().await;
    world.advance(DAY.saturating_sub(Duration::from_secs(1)));
    world.broker.find_client(&id).await.unwrap();
    assert_eq!(expires_at().await, first);
    world.advance(Duration::from_secs(1));
    world.broker.find_client(&id).await.unwrap();
    assert_eq!(expires_at().await, first + DAY);
}

#[tokio::test]
async fn blocking_a_client_ends_its_sessions() {
    let world = World::new().await;
    let id = world
        .broker
        .register(ClientAddress::default(), None, BODY)
        .await
        .expect("a client")
        .client_id;
    let code = world.issue_code(|grant| grant.client_id = id.clone()).await;
    let request = redemption(&code);
    let tokens = world
        .token(&replaced(&request, "client_id", id.as_str()))
        .await
        .expect("tokens");
    let by = Operator::of_account(0);
    let blocked = world.broker.block_client(&by, &id).await.unwrap();
    assert_eq!(blocked, ClientChange::Done { ended_sessions: 1 });
    assert!(world.is_revoked(&tokens).await);
    assert!(
        world
            .broker
            .find_client(&id)
            .await
            .unwrap()
            .expect("a client")
            .is_blocked()
    );
    let unblocked = world.broker.unblock_client(&by, &id).await.unwrap();
    assert_eq!(unblocked, ClientChange::Done { ended_sessions: 0 });
    assert!(
        !world
            .broker
            .find_client(&id)
            .await
            .unwrap()
            .expect("a client")
            .is_blocked()
    );
    for (other, change) in [
        (client_id("nobody"), ClientChange::Unknown),
        (client_id(APP), ClientChange::Configured),
    ] {
        assert_eq!(world.broker.block_client(&by, &other).await.unwrap(), change);
        assert_eq!(world.broker.unblock_client(&by, &other).await.unwrap(), change);
        assert_eq!(world.broker.delete_client(&by, &other).await.unwrap(), change);
    }
}

#[tokio::test]
async fn deleting_a_client_ends_its_sessions_and_lets_it_register_again() {
    let world = World::new().await;
    let registered = world
        .broker
        .register(ClientAddress::default(), None, BODY)
        .await
        .expect("a client");
    let id = registered.client_id;
    let code = world.issue_code(|grant| grant.client_id = id.clone()).await;
    let request = redemption(&code);
    let request = replaced(&request, "client_id", id.as_str());
    let tokens = world.token(&request).await.expect("tokens");
    let by = Operator::of_account(0);
    let deleted = world.broker.delete_client(&by, &id).await.unwrap();
    assert_eq!(deleted, ClientChange::Done { ended_sessions: 1 });
    assert!(world.is_revoked(&tokens).await);
    assert!(world.broker.find_client(&id).await.unwrap().is_none());
    let deleted = world.broker.delete_client(&by, &id).await.unwrap();
    assert_eq!(deleted, ClientChange::Unknown);
    let again = world
        .broker
        .register(ClientAddress::default(), None, BODY)
        .await
        .expect("a client");
    assert!(
        world
            .broker
            .find_client(&again.client_id)
            .await
            .unwrap()
            .is_some()
    );
}

#[tokio::test]
async fn looking_at_a_client_is_not_using_it() {
    let world = World::new().await;
    let registered = world
        .broker
        .register(ClientAddress::default(), None, BODY)
        .await
        .expect("a client");
    let by = Operator::of_account(0);
    let shown = async || {
        let shown = world.broker.show_client(&by, &registered.client_id).await;
        match shown.unwrap().expect("a client") {
            ClientDetails::Registered(client) => client.expires_at,
            other => panic!("{other:?}"),
        }
    };
    let first = shown().await;
    world.advance(3 * DAY);
    assert_eq!(shown().await, first);
}
