//! What the store does while Redis is away.

use std::time::Duration;

use vestibule_broker::store::{Codes, Keys, Redeemed, Rotated, RotationTerms, Sessions};
use vestibule_redis_testkit::Redis;
use vestibule_store_redis::{OpenError, RedisStore};
use vestibule_store_testkit::sample::{NOW, TERMS, after, code_grant, digest, sealed, session, session_id};

use crate::proxy::Proxy;
use crate::world::{open, refusal, settings, until_it_answers, until_it_is_away};

/// Longer than a verb may take, for a machine that has other things to do.
const A_VERB: Duration = Duration::from_millis(1500);

/// What “at once” is on a busy machine.
const AT_ONCE: Duration = Duration::from_millis(200);

#[tokio::test]
async fn without_redis_the_store_does_not_open_and_says_where_it_looked() {
    let mut server = Redis::durable();
    server.kill();
    let url = server.url();
    let refused = RedisStore::open(settings(&url, "v:")).await.unwrap_err();
    assert!(matches!(refused, OpenError::Trouble(_)), "{refused:?}");
    let told = refused.to_string();
    assert!(told.contains(&format!("127.0.0.1:{}", server.port())), "{told}");
    assert!(told.contains("[store] url"), "{told}");
}

#[tokio::test]
async fn while_redis_is_down_every_verb_is_refused_at_once_and_works_again_once_it_is_up() {
    let mut server = Redis::durable();
    let store = open(&server.url()).await;
    store.open_session(session("s", "alice", "c"), NOW).await.unwrap();
    for _ in 0..2 {
        server.kill_once_written();
        until_it_is_away(async || store.find_session(&session_id("s"), NOW).await).await;
        for _ in 0..20 {
            assert!(refusal(store.find_session(&session_id("s"), NOW)).await < AT_ONCE);
            assert!(refusal(store.redeem_code(digest("c"), after(600), NOW)).await < AT_ONCE);
        }
        server.start();
        let found = until_it_answers(async || store.find_session(&session_id("s"), NOW).await).await;
        assert_eq!(found, Some(session("s", "alice", "c")));
    }
}

#[tokio::test]
async fn a_silent_redis_is_waited_for_within_bounds_and_then_not_at_all() {
    let server = Redis::durable();
    let store = open(&server.url()).await;
    server.pause();
    for _ in 0..3 {
        assert!(refusal(store.load_keys()).await < A_VERB);
    }
    // The last of them has opened the circuit, which the task that holds the connection does a moment later.
    let mut quick = 0;
    for _ in 0..50 {
        if refusal(store.load_keys()).await < AT_ONCE {
            quick += 1;
        }
    }
    assert!(quick >= 48, "{quick} of 50 were refused at once");
    server.resume();
    until_it_answers(async || store.load_keys().await).await;
}

#[tokio::test]
async fn a_connection_that_redis_closes_is_made_anew_before_anybody_notices() {
    let server = Redis::durable();
    let store = open(&server.url()).await;
    store.swap_keys(None, sealed("keys")).await.unwrap();
    for _ in 0..5 {
        server.ask(&["CLIENT", "KILL", "TYPE", "normal"]);
        assert!(store.load_keys().await.unwrap().is_some());
    }
}

#[tokio::test]
async fn a_question_whose_answer_is_lost_is_asked_again() {
    let server = Redis::durable();
    let proxy = Proxy::to(server.port()).await;
    let store = open(&proxy.url()).await;
    store.swap_keys(None, sealed("keys")).await.unwrap();
    proxy.lose_the_next_answer();
    assert!(store.load_keys().await.unwrap().is_some());
    assert_eq!(proxy.lost(), 1);
}

/// The command was carried out, and nobody knows: nothing is handed out, and nothing can be taken a second time.
#[tokio::test]
async fn a_redemption_whose_answer_is_lost_is_not_repeated() {
    let server = Redis::durable();
    let proxy = Proxy::to(server.port()).await;
    let store = open(&proxy.url()).await;
    let other = open(&server.url()).await;
    store.issue_code(digest("code"), code_grant("s")).await.unwrap();
    proxy.lose_the_next_answer();
    refusal(store.redeem_code(digest("code"), after(600), NOW)).await;
    assert_eq!(proxy.lost(), 1);
    let redeemed = other.redeem_code(digest("code"), after(600), NOW).await.unwrap();
    assert_eq!(redeemed, Redeemed::Replayed(session_id("s")));
}

/// A family is not lost because Redis was away for longer than the grace.
#[tokio::test]
async fn the_time_without_redis_is_not_counted_against_the_grace() {
    let mut server = Redis::durable();
    let store = open(&server.url()).await;
    let terms = RotationTerms {
        grace: Duration::from_secs(2),
        ..TERMS
    };
    let much_earlier = NOW.minus(Duration::from_secs(10));
    for (id, rotated_at) in [("just before", NOW), ("earlier", much_earlier)] {
        store
            .open_session(session(&id.replace(' ', "-"), "alice", "c"), NOW)
            .await
            .unwrap();
        let id = session_id(&id.replace(' ', "-"));
        store.rotate_session(&id, 0, terms, rotated_at).await.unwrap();
    }
    server.kill_once_written();
    until_it_is_away(async || store.find_session(&session_id("earlier"), NOW).await).await;
    server.start();
    let now = NOW + Duration::from_millis(2500);
    let ask = async |id: &str| store.rotate_session(&session_id(id), 0, terms, now).await;
    let lost = until_it_answers(async || ask("just-before").await).await;
    assert!(matches!(lost, Rotated::Repeated(_)), "{lost:?}");
    let stolen = ask("earlier").await.unwrap();
    assert!(matches!(stolen, Rotated::Reused), "{stolen:?}");
}

/// The one who asks again with the same token is given its successor, as long as the grace lasts.
#[tokio::test]
async fn a_rotation_whose_answer_is_lost_happens_once_and_can_be_repeated() {
    let server = Redis::durable();
    let proxy = Proxy::to(server.port()).await;
    let store = open(&proxy.url()).await;
    store.open_session(session("s", "alice", "c"), NOW).await.unwrap();
    proxy.lose_the_next_answer();
    refusal(store.rotate_session(&session_id("s"), 0, TERMS, NOW)).await;
    let again =
        until_it_answers(async || store.rotate_session(&session_id("s"), 0, TERMS, after(5)).await).await;
    let Rotated::Repeated(generation) = again else {
        panic!("{again:?}")
    };
    assert_eq!(generation.number, 1);
}
