//! The store and the parts of a cluster.

use std::collections::BTreeMap;

use vestibule_broker::store::{Remembered, ReplayGuard};
use vestibule_redis_testkit::Cluster;
use vestibule_store_redis::{OpenError, RedisSettings, RedisStore};
use vestibule_store_testkit::sample::{NOW, after, digest};

use crate::world::{install_tls, open, settings, until_it_answers};

/// How many keys are tried: enough for each server to have some.
const KEYS: usize = 30;

#[tokio::test]
async fn what_one_dead_server_had_is_refused_and_the_rest_is_answered() {
    let mut cluster = Cluster::start();
    for server in &cluster.servers {
        server.ask(&["CONFIG", "SET", "cluster-require-full-coverage", "no"]);
    }
    let store = open(&cluster.url()).await;
    let keys: Vec<_> = (0..KEYS).map(|number| digest(&format!("key {number}"))).collect();
    for key in &keys {
        store.remember(*key, after(60), NOW).await.unwrap();
    }
    cluster.servers[1].kill_once_written();
    let mut told = BTreeMap::new();
    for key in &keys {
        let answered = store.recall(*key, NOW).await.is_ok();
        *told.entry(answered).or_insert(0) += 1;
    }
    assert!(told[&true] >= KEYS / 3 && told[&false] >= KEYS / 10, "{told:?}");
    cluster.servers[1].start();
    for key in &keys {
        let again = until_it_answers(async || store.remember(*key, after(60), NOW).await).await;
        assert_eq!(again, Remembered::Seen);
    }
}

#[tokio::test]
async fn a_slot_that_has_moved_is_followed() {
    let cluster = Cluster::start();
    let store = open(&cluster.url()).await;
    let key = digest("key");
    store.remember(key, after(60), NOW).await.unwrap();
    let name = format!("v:r:{key}");
    let slot = cluster.servers[0].ask(&["CLUSTER", "KEYSLOT", &name]);
    let (from, to) = cluster.move_slot(slot.parse().unwrap());
    assert_ne!(from, to);
    for _ in 0..3 {
        assert_eq!(
            store.remember(key, after(60), NOW).await.unwrap(),
            Remembered::Seen
        );
    }
}

#[tokio::test]
async fn a_key_on_its_way_is_found() {
    let cluster = Cluster::start();
    let store = open(&cluster.url()).await;
    let key = digest("key");
    let name = format!("v:r:{key}");
    let slot = cluster.servers[0]
        .ask(&["CLUSTER", "KEYSLOT", &name])
        .parse()
        .unwrap();
    // The slot is on its way and the key was never at its old owner, so that it is made at the new one.
    cluster.begin_to_move(slot);
    let first = store.remember(key, after(60), NOW).await.unwrap();
    let second = store.remember(key, after(60), NOW).await.unwrap();
    assert_eq!((first, second), (Remembered::First, Remembered::Seen));
}

#[tokio::test]
async fn every_server_of_a_cluster_is_asked_over_tls() {
    install_tls();
    let (cluster, authority) = Cluster::encrypted();
    let known = RedisSettings {
        authority: Some(authority),
        ..settings(&cluster.url(), "v:")
    };
    let store = RedisStore::open(known).await.unwrap();
    for number in 0..KEYS {
        let key = digest(&format!("key {number}"));
        let first = store.remember(key, after(60), NOW).await.unwrap();
        assert_eq!(first, Remembered::First);
    }
    let unknown = RedisStore::open(settings(&cluster.url(), "v:"))
        .await
        .unwrap_err();
    assert!(matches!(unknown, OpenError::Trouble(_)), "{unknown}");
}
