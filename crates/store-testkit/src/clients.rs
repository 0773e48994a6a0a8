//! Laws of registered clients.

use std::sync::Arc;

use vestibule_broker::record::RegisteredClient;
use vestibule_broker::store::{Registered, Store};
use vestibule_protocol::Timestamp;

use crate::Bench;
use crate::ask::{RUNNERS, answer, count, race};
use crate::sample::{NOW, TICK, after, client, client_id, digest};

async fn find(store: &Arc<dyn Store>, id: &str, now: Timestamp) -> Option<RegisteredClient> {
    answer(store.find_client(&client_id(id), now)).await
}

async fn register(store: &Arc<dyn Store>, client: RegisteredClient, now: Timestamp) -> Registered {
    answer(store.register_client(client, now)).await
}

/// A client that never registered is not found, and no other verb makes one of it.
pub async fn an_unknown_client_stays_unknown(bench: &impl Bench) {
    let store = bench.fresh().await;
    let id = client_id("c");
    answer(store.touch_client(&id, after(900), NOW)).await;
    assert!(!answer(store.replace_client(client("c"), NOW)).await);
    assert!(!answer(store.block_client(&id, true, NOW)).await);
    assert!(!answer(store.delete_client(&id, NOW)).await);
    assert_eq!(find(&store, "c", NOW).await, None);
}

/// A client that registers is new, and is found field for field.
pub async fn what_was_registered_is_found_as_it_was(bench: &impl Bench) {
    let store = bench.fresh().await;
    let public = RegisteredClient {
        secret: None,
        ..client("public")
    };
    assert_eq!(register(&store, client("c"), NOW).await, Registered::New);
    assert_eq!(register(&store, public.clone(), NOW).await, Registered::New);
    assert_eq!(find(&store, "c", NOW).await, Some(client("c")));
    assert_eq!(find(&store, "public", NOW).await, Some(public));
}

/// Registering an id that is there hands back its record, whose life alone is renewed.
pub async fn registering_again_renews_the_life_alone(bench: &impl Bench) {
    let store = bench.fresh().await;
    register(&store, client("c"), NOW).await;
    let again = RegisteredClient {
        secret: None,
        registered_at: after(50),
        expires_at: after(150),
        ..client("c")
    };
    let renewed = RegisteredClient {
        expires_at: after(150),
        ..client("c")
    };
    assert_eq!(
        register(&store, again, after(50)).await,
        Registered::Existing(Box::new(renewed.clone()))
    );
    assert_eq!(find(&store, "c", after(149)).await, Some(renewed));
}

/// Registering again never shortens a life.
pub async fn registering_again_never_shortens_a_life(bench: &impl Bench) {
    let store = bench.fresh().await;
    register(&store, client("c"), NOW).await;
    let sooner = RegisteredClient {
        expires_at: after(10),
        ..client("c")
    };
    assert_eq!(
        register(&store, sooner, NOW).await,
        Registered::Existing(Box::new(client("c")))
    );
    assert_eq!(find(&store, "c", after(99)).await, Some(client("c")));
}

/// Of many who register one id, one is new; the others are handed that record.
pub async fn one_of_many_registrations_is_new(bench: &impl Bench) {
    let store = bench.fresh().await;
    let results = race(&store, |store, number| async move {
        let mine = RegisteredClient {
            registered_at: NOW + TICK * u32::try_from(number).expect("few"),
            ..client("c")
        };
        register(&store, mine, NOW).await
    })
    .await;
    let winner = find(&store, "c", NOW).await.expect("a client");
    assert_eq!(count(&results, |result| *result == Registered::New), 1);
    let existing = Registered::Existing(Box::new(winner));
    assert_eq!(count(&results, |result| *result == existing), RUNNERS - 1);
}

/// At its expiry a client is gone for every verb; a millisecond before, it is there.
pub async fn a_client_is_gone_from_its_expiry_on(bench: &impl Bench) {
    let store = bench.fresh().await;
    let (id, expiry) = (client_id("c"), after(100));
    register(&store, client("c"), NOW).await;
    assert!(find(&store, "c", expiry.minus(TICK)).await.is_some());

    assert_eq!(find(&store, "c", expiry).await, None);
    answer(store.touch_client(&id, after(900), expiry)).await;
    assert!(!answer(store.replace_client(client("c"), expiry)).await);
    assert!(!answer(store.block_client(&id, true, expiry)).await);
    assert!(!answer(store.delete_client(&id, expiry)).await);
    assert_eq!(find(&store, "c", expiry).await, None, "the touch came too late");
}

/// The id of a client that has expired is free.
pub async fn the_id_of_an_expired_client_is_free(bench: &impl Bench) {
    let store = bench.fresh().await;
    register(&store, client("c"), NOW).await;
    let next = RegisteredClient {
        registered_at: after(100),
        expires_at: after(200),
        ..client("c")
    };
    assert_eq!(register(&store, next.clone(), after(100)).await, Registered::New);
    assert_eq!(find(&store, "c", after(100)).await, Some(next));
}

/// A touch renews a life.
pub async fn a_touch_renews_a_life(bench: &impl Bench) {
    let store = bench.fresh().await;
    register(&store, client("c"), NOW).await;
    answer(store.touch_client(&client_id("c"), after(150), after(50))).await;
    assert_eq!(
        find(&store, "c", after(149)).await,
        Some(RegisteredClient {
            expires_at: after(150),
            ..client("c")
        })
    );
    assert_eq!(find(&store, "c", after(150)).await, None);
}

/// A touch never shortens a life, whatever order many of them come in.
pub async fn a_touch_never_shortens_a_life(bench: &impl Bench) {
    let store = bench.fresh().await;
    register(&store, client("c"), NOW).await;
    answer(store.touch_client(&client_id("c"), after(10), NOW)).await;
    assert_eq!(find(&store, "c", NOW).await, Some(client("c")));

    race(&store, |store, number| async move {
        let expires_at = after(200 + number as u64);
        answer(store.touch_client(&client_id("c"), expires_at, NOW)).await;
    })
    .await;
    let found = find(&store, "c", NOW).await.expect("a client");
    assert_eq!(found.expires_at, after(200 + RUNNERS as u64 - 1));
}

/// A replacement takes the record's place.
pub async fn a_replacement_takes_the_records_place(bench: &impl Bench) {
    let store = bench.fresh().await;
    register(&store, client("c"), NOW).await;
    register(&store, client("other"), NOW).await;
    let mut next = RegisteredClient {
        expires_at: after(300),
        ..client("c")
    };
    next.secret.as_mut().expect("a secret").client_secret = digest("another secret");
    assert!(answer(store.replace_client(next.clone(), NOW)).await);
    assert_eq!(find(&store, "c", after(299)).await, Some(next));
    assert_eq!(find(&store, "other", NOW).await, Some(client("other")));
}

/// A client is shut out until it is let in again.
pub async fn a_blocked_client_is_blocked_until_it_is_let_in(bench: &impl Bench) {
    let store = bench.fresh().await;
    let id = client_id("c");
    register(&store, client("c"), NOW).await;
    for blocked in [true, true, false, false, true] {
        assert!(answer(store.block_client(&id, blocked, NOW)).await);
        assert_eq!(
            find(&store, "c", NOW).await,
            Some(RegisteredClient {
                blocked,
                ..client("c")
            })
        );
    }
}

/// Nothing that a client does by itself lets it in again: not registering, not use, not managing its record.
pub async fn a_blocked_client_does_not_let_itself_in(bench: &impl Bench) {
    let store = bench.fresh().await;
    register(&store, client("c"), NOW).await;
    answer(store.block_client(&client_id("c"), true, NOW)).await;

    let registered = register(&store, client("c"), NOW).await;
    assert!(
        matches!(&registered, Registered::Existing(existing) if existing.blocked),
        "{registered:?}"
    );
    answer(store.touch_client(&client_id("c"), after(500), NOW)).await;
    assert!(answer(store.replace_client(client("c"), NOW)).await);
    assert!(find(&store, "c", NOW).await.expect("a client").blocked);
}

/// A client is deleted once, and is gone.
pub async fn a_deleted_client_is_gone(bench: &impl Bench) {
    let store = bench.fresh().await;
    register(&store, client("c"), NOW).await;
    register(&store, client("other"), NOW).await;
    let results = race(&store, |store, _| async move {
        answer(store.delete_client(&client_id("c"), NOW)).await
    })
    .await;
    assert_eq!(count(&results, |deleted| *deleted), 1);
    assert_eq!(find(&store, "c", NOW).await, None);
    assert_eq!(find(&store, "other", NOW).await, Some(client("other")));
    assert_eq!(register(&store, client("c"), NOW).await, Registered::New);
}
