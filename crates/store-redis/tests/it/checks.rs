//! What is said of a Redis that is not fit to keep sessions.

use vestibule_protocol::Timestamp;
use vestibule_redis_testkit::{Cluster, Redis, Sentinel};
use vestibule_store_redis::Examination;

use crate::world::open;

/// The time of this machine.
fn now(server: &Redis) -> Timestamp {
    let told = server.ask(&["TIME"]);
    let seconds = told.lines().next().unwrap().parse().unwrap();
    Timestamp::from_secs(seconds)
}

async fn examine(server: &Redis) -> Examination {
    open(&server.url()).await.examine(now(server)).await.unwrap()
}

fn dangers(found: &Examination) -> String {
    let lines = found
        .dangers
        .iter()
        .map(|danger| format!("{}; {}", danger.what, danger.remedy));
    lines.collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn a_server_that_keeps_everything_is_not_complained_of() {
    let server = Redis::durable();
    let found = examine(&server).await;
    assert_eq!(dangers(&found), "");
    let told = &found.servers[0];
    assert!(
        told.contains(&server.port().to_string()) && told.contains("version 7."),
        "{told}"
    );
}

#[tokio::test]
async fn a_server_that_forgets_is_complained_of_with_what_to_set() {
    let cases: [(&[&str], &str); 4] = [
        (
            &["--maxmemory-policy allkeys-lru", "--appendonly yes"],
            "set maxmemory-policy noeviction",
        ),
        (&[], "keeps nothing on disk"),
        (&["--save 3600 1"], "keeps snapshots alone"),
        (
            &["--appendonly yes", "--appendfsync no"],
            "set appendfsync everysec",
        ),
    ];
    for (options, told) in cases {
        let found = dangers(&examine(&Redis::with(options)).await);
        assert!(found.contains(told), "{options:?}: {found}");
        assert_eq!(found.lines().count(), 1, "{options:?}: {found}");
    }
}

#[tokio::test]
async fn a_clock_that_goes_wrong_is_complained_of() {
    let server = Redis::durable();
    let store = open(&server.url()).await;
    let far = now(&server) + std::time::Duration::from_secs(100);
    let found = dangers(&store.examine(far).await.unwrap());
    assert!(found.contains("NTP"), "{found}");
}

#[tokio::test]
async fn a_master_that_waits_for_no_replica_is_complained_of() {
    let set = Sentinel::start();
    let store = open(&set.url()).await;
    let found = dangers(&store.examine(now(&set.servers[0])).await.unwrap());
    assert!(found.contains("min-replicas-to-write 1"), "{found}");
    set.servers[0].ask(&["CONFIG", "SET", "min-replicas-to-write", "1"]);
    let found = dangers(&store.examine(now(&set.servers[0])).await.unwrap());
    assert_eq!(found, "");
}

#[tokio::test]
async fn every_server_of_a_cluster_is_looked_at() {
    let cluster = Cluster::start();
    let store = open(&cluster.url()).await;
    let found = store.examine(now(&cluster.servers[0])).await.unwrap();
    assert_eq!(found.servers.len(), 3, "{found:?}");
    assert_eq!(dangers(&found), "");
}

#[tokio::test]
async fn a_replica_is_not_taken_for_a_master() {
    let set = Sentinel::start();
    let url = set.servers[1].url();
    let refused = vestibule_store_redis::RedisStore::open(crate::world::settings(&url, "v:"))
        .await
        .unwrap_err();
    assert!(
        refused.to_string().contains("is a slave and not a master"),
        "{refused}"
    );
}
