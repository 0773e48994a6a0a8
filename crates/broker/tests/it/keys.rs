use std::time::Duration;

use serde_json::Value;
use vestibule_broker::store::Keys as _;
use vestibule_broker::{Broker, KeysAtRest, KeysError, OpenBrokerError};
use vestibule_keyring::KeyStage;

use crate::fixture::{NOW, World, parts, secrets, settings};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// How long older key sets may be about: two minutes in a replica, and then five in a cache.
const CACHE: Duration = Duration::from_secs(120 + 300);

async fn published(world: &World) -> Vec<String> {
    let jwks: Value = serde_json::from_slice(&world.broker.published_keys().await.body).unwrap();
    let keys = jwks["keys"].as_array().unwrap();
    assert!(keys.iter().all(|key| key.get("d").is_none()));
    keys.iter()
        .map(|key| key["kid"].as_str().unwrap().to_owned())
        .collect()
}

fn active(world: &World) -> String {
    world.broker.describe_keys()[0].key_id.to_string()
}

#[tokio::test]
async fn keys_do_not_open_under_another_master_secret() {
    let world = World::new().await;
    let parts = parts(&world.store, &world.clock, secrets("another", &[]), 3);
    let refused = Broker::open(settings(), parts).await.err().expect("a refusal");
    assert!(
        matches!(refused, OpenBrokerError::Keys(KeysError::Locked(_))),
        "{refused}"
    );
}

#[tokio::test]
async fn whether_keys_at_rest_open_is_told_without_touching_them() {
    let world = World::new().await;
    let before = world.store.load_keys().await.unwrap().expect("keys").version;
    for (secrets, at_rest) in [
        (secrets("one", &[]), KeysAtRest::Sealed),
        (secrets("two", &["one"]), KeysAtRest::SealedBefore),
    ] {
        let found = KeysAtRest::examine(world.store.clone(), &secrets).await;
        assert_eq!(found.unwrap(), at_rest);
    }
    let refused = KeysAtRest::examine(world.store.clone(), &secrets("another", &[])).await;
    assert!(
        matches!(refused, Err(OpenBrokerError::Keys(KeysError::Locked(_)))),
        "{refused:?}"
    );
    let after = world.store.load_keys().await.unwrap().expect("keys").version;
    assert_eq!(before, after);
}

#[tokio::test]
async fn private_keys_are_at_rest_only_sealed() {
    let world = World::new().await;
    let stored = world.store.load_keys().await.unwrap().expect("keys");
    let text = serde_json::to_string(&stored).unwrap();
    for name in ["\"d\"", "\"kty\"", "\"crv\""] {
        assert!(!text.contains(name), "{name}");
    }
}

#[tokio::test]
async fn a_second_replica_signs_with_the_same_key() {
    let world = World::new().await;
    let replica = world.replica(secrets("one", &[])).await;
    assert_eq!(published(&world).await, published(&replica).await);
    let tokens = replica.tokens().await;
    assert!(world.is_active(&tokens.access_token).await);
}

#[tokio::test]
async fn keys_are_sealed_anew_under_a_new_master_secret() {
    let world = World::new().await;
    let before = published(&world).await;
    world.replica(secrets("two", &["one"])).await;
    let after = world.replica(secrets("two", &[])).await;
    assert_eq!(published(&after).await, before);
}

#[tokio::test]
async fn an_operators_rotation_fails_no_token() {
    let world = World::new().await;
    let before = world.tokens().await;
    let first = active(&world);

    // Caches must have had time to learn of the next key before it signs.
    let rotation = world.broker.rotate_keys().await.expect("a rotation");
    assert_eq!(rotation.activates_at, world.now() + CACHE);
    assert_eq!(active(&world), first);
    assert_eq!(published(&world).await.len(), 2);
    world.advance(CACHE);
    world.broker.tick().await.expect("a tick");
    assert_ne!(active(&world), first);

    let after = world.tokens().await;
    for tokens in [&before, &after] {
        world.read(&tokens.access_token).await;
        assert!(world.is_active(&tokens.access_token).await);
    }
    world
        .refresh(before.refresh_token.as_deref().unwrap())
        .await
        .expect("tokens");
}

#[tokio::test]
async fn keys_rotate_by_themselves_and_old_ones_go_when_their_tokens_are_dead() {
    let world = World::new().await;
    let first = active(&world);
    world.advance(29 * DAY);
    world.broker.tick().await.expect("a tick");
    assert_eq!(published(&world).await.len(), 2);
    assert_eq!(active(&world), first);
    world.advance(DAY);
    world.broker.tick().await.expect("a tick");
    assert_ne!(active(&world), first);
    assert!(published(&world).await.contains(&first));
    world.advance(Duration::from_secs(2 * 60 * 60));
    world.broker.tick().await.expect("a tick");
    assert!(!published(&world).await.contains(&first));
}

#[tokio::test]
async fn a_replica_takes_over_what_another_changed() {
    let world = World::new().await;
    let replica = world.replica(secrets("one", &[])).await;
    world.broker.rotate_keys().await.expect("a rotation");
    world.advance(CACHE);
    world.broker.tick().await.expect("a tick");
    assert_ne!(active(&world), active(&replica));
    replica.broker.tick().await.expect("a tick");
    assert_eq!(active(&world), active(&replica));
    assert_eq!(published(&world).await, published(&replica).await);
}

#[tokio::test]
async fn a_replica_that_slept_catches_up_before_it_signs_and_before_it_publishes() {
    for wakes_up in [Wakes::Signing, Wakes::Publishing] {
        let world = World::new().await;
        let sleeper = world.replica(secrets("one", &[])).await;
        let first = active(&world);
        world.broker.rotate_keys().await.expect("a rotation");
        world.advance(CACHE);
        world.broker.tick().await.expect("a tick");
        // Its last tokens are dead: whoever still signed with it would sign for nobody.
        world.advance(2 * DAY);
        world.broker.tick().await.expect("a tick");
        assert!(!published(&world).await.contains(&first));

        match wakes_up {
            Wakes::Signing => {
                let tokens = sleeper.tokens().await;
                world.read(&tokens.access_token).await;
            }
            Wakes::Publishing => assert_eq!(published(&sleeper).await, published(&world).await),
        }
        assert_eq!(active(&sleeper), active(&world));
    }
}

/// What a replica is asked for first after its sleep.
#[derive(Clone, Copy)]
enum Wakes {
    Signing,
    Publishing,
}

#[tokio::test]
async fn no_key_signs_before_the_last_replica_and_the_last_cache_know_it() {
    let world = World::new().await;
    let lagging = world.replica(secrets("one", &[])).await;
    world.broker.rotate_keys().await.expect("a rotation");

    // The other replica still publishes the set without the key, and a cache takes it just before that is over.
    world.advance(Duration::from_secs(120));
    let held = published(&lagging).await;
    assert_eq!(held.len(), 1);
    world.advance(Duration::from_secs(299));
    world.broker.tick().await.expect("a tick");
    assert!(held.contains(&active(&world)));
}

#[tokio::test]
async fn the_entity_tag_changes_with_the_keys_alone() {
    let world = World::new().await;
    let before = world.broker.published_keys().await;
    world.advance(Duration::from_secs(60));
    world.broker.tick().await.expect("a tick");
    assert_eq!(world.broker.published_keys().await.etag, before.etag);
    world.broker.rotate_keys().await.expect("a rotation");
    let after = world.broker.published_keys().await;
    assert_ne!(after.etag, before.etag);
    assert_eq!(after.max_age, Duration::from_secs(300));
}

#[tokio::test]
async fn an_operator_sees_where_each_key_stands() {
    let world = World::new().await;
    world.broker.rotate_keys().await.expect("a rotation");
    let keys = world.broker.describe_keys();
    assert_eq!(keys[0].stage, KeyStage::Active { since: NOW });
    assert_eq!(
        keys[1].stage,
        KeyStage::Next {
            activates_at: NOW + CACHE
        }
    );
}
