//! Scripts that Redis has forgotten are loaded again.

use vestibule_broker::store::{Codes, Redeemed, Remembered, ReplayGuard, Sessions};
use vestibule_redis_testkit::{Cluster, Redis};
use vestibule_store_testkit::sample::{NOW, after, code_grant, digest, session, session_id};

use crate::world::open;

#[tokio::test]
async fn a_forgotten_script_is_loaded_again_and_decides_once() {
    let server = Redis::durable();
    let store = open(&server.url()).await;
    store.issue_code(digest("code"), code_grant("s")).await.unwrap();
    server.ask(&["SCRIPT", "FLUSH"]);
    let redeemed = store.redeem_code(digest("code"), after(600), NOW).await.unwrap();
    assert_eq!(redeemed, Redeemed::Fresh(Box::new(code_grant("s"))));
    server.ask(&["SCRIPT", "FLUSH"]);
    store.open_session(session("s", "alice", "c"), NOW).await.unwrap();
    server.ask(&["SCRIPT", "FLUSH"]);
    assert!(
        store
            .end_session(&session_id("s"), after(600), NOW)
            .await
            .unwrap()
            .is_some()
    );
}

#[tokio::test]
async fn on_a_cluster_too() {
    let cluster = Cluster::start();
    let store = open(&cluster.url()).await;
    for round in 0..12 {
        for server in &cluster.servers {
            server.ask(&["SCRIPT", "FLUSH"]);
        }
        let key = digest(&format!("key {round}"));
        let first = store.remember(key, after(60), NOW).await.unwrap();
        let second = store.remember(key, after(60), NOW).await.unwrap();
        assert_eq!((first, second), (Remembered::First, Remembered::Seen));
    }
}
