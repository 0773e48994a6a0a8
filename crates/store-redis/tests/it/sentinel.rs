//! The store follows the master.

use vestibule_broker::store::{Codes, Keys, Redeemed, Sessions};
use vestibule_protocol::Secret;
use vestibule_redis_testkit::Sentinel;
use vestibule_store_redis::{OpenError, RedisSettings, RedisStore};
use vestibule_store_testkit::sample::{NOW, after, code_grant, digest, sealed, session, session_id};

use crate::world::{install_tls, open, settings, until_it_answers};

#[tokio::test]
async fn after_a_failover_the_new_master_is_asked_and_knows_everything() {
    let set = Sentinel::start();
    let store = open(&set.url()).await;
    store.open_session(session("s", "alice", "c"), NOW).await.unwrap();
    store.issue_code(digest("code"), code_grant("s")).await.unwrap();
    store.redeem_code(digest("code"), after(600), NOW).await.unwrap();
    set.fail_over();
    // The old master takes no writes once it knows, and whoever tries one is told so.
    until_it_answers(async || store.swap_keys(None, sealed("keys")).await).await;
    let found = store.find_session(&session_id("s"), NOW).await.unwrap();
    assert_eq!(found, Some(session("s", "alice", "c")));
    let redeemed = store.redeem_code(digest("code"), after(600), NOW).await.unwrap();
    assert_eq!(redeemed, Redeemed::Replayed(session_id("s")));
}

#[tokio::test]
async fn a_master_that_dies_is_replaced() {
    let mut set = Sentinel::start();
    let store = open(&set.url()).await;
    store.swap_keys(None, sealed("keys")).await.unwrap();
    let before = set.master();
    set.servers[0].kill();
    set.wait_for_another(before);
    let keys = until_it_answers(async || store.load_keys().await).await;
    assert_eq!(keys.map(|keys| keys.document), Some(sealed("keys")));
}

/// The servers' password stands in the URL, that of the sentinels beside it; neither opens the other door.
#[tokio::test]
async fn sentinels_and_servers_have_passwords_of_their_own() {
    let set = Sentinel::guarded("of-the-servers", "of-the-sentinels");
    let with = |password| RedisSettings {
        sentinel_password: Some(Secret::new(password)),
        ..settings(&set.url(), "v:")
    };
    let refused = RedisStore::open(with("of-the-servers")).await.unwrap_err();
    assert!(matches!(refused, OpenError::Trouble(_)), "{refused:?}");
    assert!(!refused.to_string().contains("of-the-"), "{refused}");
    let store = RedisStore::open(with("of-the-sentinels")).await.unwrap();
    store.swap_keys(None, sealed("keys")).await.unwrap();
    let keys = store.load_keys().await.unwrap();
    assert_eq!(keys.map(|keys| keys.document), Some(sealed("keys")));
}

#[tokio::test]
async fn sentinels_and_servers_are_believed_if_the_authority_vouches_for_them() {
    install_tls();
    let (set, authority) = Sentinel::encrypted();
    let known = RedisSettings {
        authority: Some(authority),
        ..settings(&set.url(), "v:")
    };
    let store = RedisStore::open(known).await.unwrap();
    assert_eq!(store.load_keys().await.unwrap(), None);
    let unknown = RedisStore::open(settings(&set.url(), "v:")).await.unwrap_err();
    assert!(matches!(unknown, OpenError::Trouble(_)), "{unknown}");
}
