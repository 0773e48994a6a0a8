//! What a replica remembers of a session is never the reason for a wrong answer.

use vestibule_broker::record::Session;
use vestibule_broker::store::{Rotated, RotationTerms, Sessions};
use vestibule_redis_testkit::Redis;
use vestibule_store_redis::RedisStore;
use vestibule_store_testkit::sample::{NOW, TERMS, after, key, session, session_id};

use crate::world::open;

/// A server with a session that the first of two replicas has seen.
async fn seen_by_one() -> (Redis, RedisStore, RedisStore) {
    let server = Redis::with(&[]);
    let (one, other) = (open(&server.url()).await, open(&server.url()).await);
    other.open_session(session("s", "alice", "c"), NOW).await.unwrap();
    assert!(recall(&one).await.is_some());
    (server, one, other)
}

async fn recall(store: &RedisStore) -> Option<Session> {
    store.recall_session(&session_id("s"), NOW).await.unwrap()
}

async fn find(store: &RedisStore) -> Option<Session> {
    store.find_session(&session_id("s"), NOW).await.unwrap()
}

async fn rotate(store: &RedisStore, presented: u64, terms: RotationTerms) -> Rotated {
    store
        .rotate_session(&session_id("s"), presented, terms, NOW)
        .await
        .unwrap()
}

fn bound_to(name: &str) -> RotationTerms {
    RotationTerms {
        proved: Some(key(name)),
        bind: Some(key(name)),
        ..TERMS
    }
}

#[tokio::test]
async fn a_session_that_was_seen_is_not_read_again() {
    let (server, one, _) = seen_by_one().await;
    let read = || {
        let stats = server.ask(&["INFO", "commandstats"]);
        let calls = stats
            .lines()
            .find_map(|line| line.strip_prefix("cmdstat_get:calls="));
        calls.unwrap().split(',').next().unwrap().to_owned()
    };
    let before = read();
    for _ in 0..100 {
        assert!(recall(&one).await.is_some());
    }
    assert_eq!(read(), before);
}

#[tokio::test]
async fn one_that_ended_elsewhere_is_not_moved_on() {
    let (_server, one, other) = seen_by_one().await;
    other
        .end_session(&session_id("s"), after(600), NOW)
        .await
        .unwrap();
    assert!(recall(&one).await.is_some(), "it is remembered");
    assert_eq!(rotate(&one, 0, TERMS).await, Rotated::Unknown);
    assert_eq!(recall(&one).await, None);
}

#[tokio::test]
async fn one_that_was_moved_on_elsewhere_is_repeated_and_then_reused() {
    let (_server, one, other) = seen_by_one().await;
    for generation in 0..2 {
        rotate(&other, generation, TERMS).await;
    }
    assert_eq!(recall(&one).await.map(|session| session.generation), Some(0));
    assert!(matches!(rotate(&one, 1, TERMS).await, Rotated::Repeated(next) if next.number == 2));
    assert_eq!(rotate(&one, 0, TERMS).await, Rotated::Reused);
    assert!(matches!(rotate(&one, 2, TERMS).await, Rotated::Rotated(next) if next.number == 3));
}

#[tokio::test]
async fn one_that_was_bound_elsewhere_is_moved_on_by_its_key_alone() {
    let (server, one, other) = seen_by_one().await;
    let dropped_at = || server.ask(&["PEXPIRETIME", "v:s:s"]);
    let before = dropped_at();
    rotate(&other, 0, bound_to("first")).await;
    assert_eq!(dropped_at(), before, "Redis drops it when it is over");
    let bound = find(&other).await;
    for terms in [TERMS, bound_to("second")] {
        assert_eq!(rotate(&one, 1, terms).await, Rotated::OfAnotherKey(key("first")));
        assert_eq!(find(&other).await, bound);
    }
    let rotated = rotate(&one, 1, bound_to("first")).await;
    assert!(matches!(rotated, Rotated::Rotated(next) if next.number == 2));
}

/// Redis has lost the session, and its code was redeemed once more: what was seen is another one.
#[tokio::test]
async fn one_that_was_opened_anew_is_not_taken_for_the_one_that_was_seen() {
    let (server, one, other) = seen_by_one().await;
    assert_eq!(server.ask(&["DEL", "v:s:s"]), "1");
    let anew = Session {
        salt: [9; 16],
        ..session("s", "alice", "c")
    };
    other.open_session(anew.clone(), NOW).await.unwrap();
    assert_eq!(rotate(&one, 0, TERMS).await, Rotated::Unknown);
    assert_eq!(find(&other).await, Some(anew.clone()));
    assert_eq!(recall(&one).await, Some(anew));
}
