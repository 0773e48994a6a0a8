//! What Redis itself refuses is not done, and is told as an absence: nobody takes it for a decision.

use std::thread;

use vestibule_broker::store::{Codes, Redeemed, Sessions, StoreError};
use vestibule_redis_testkit::{Redis, until};
use vestibule_store_redis::RedisStore;
use vestibule_store_testkit::sample::{NOW, after, code_grant, digest, session, session_id};

use crate::world::{open, until_it_answers};

/// Tries to redeem the code and to open a session, and hears why not.
async fn is_refused(store: &RedisStore, word: &str) {
    let redeemed = store.redeem_code(digest("code"), after(600), NOW).await;
    let opened = store.open_session(session("s", "alice", "c"), NOW).await;
    for refused in [redeemed.map(drop), opened.map(drop)] {
        let Err(StoreError::Unavailable(cause)) = refused else {
            panic!("{word}: {refused:?}")
        };
        let told = cause.to_string();
        assert!(told.contains(word), "{word} is not in: {told}");
    }
}

/// Nothing of what was refused has happened.
async fn is_as_before(store: &RedisStore) {
    let found = until_it_answers(async || store.find_session(&session_id("s"), NOW).await).await;
    assert_eq!(found, None);
    let redeem = async || store.redeem_code(digest("code"), after(600), NOW).await;
    let redeemed = until_it_answers(redeem).await;
    assert_eq!(redeemed, Redeemed::Fresh(Box::new(code_grant("s"))));
}

async fn with_a_code(server: &Redis) -> RedisStore {
    let store = open(&server.url()).await;
    store.issue_code(digest("code"), code_grant("s")).await.unwrap();
    store
}

#[tokio::test]
async fn without_memory_nothing_is_done_by_halves() {
    let server = Redis::with(&["--maxmemory-policy noeviction"]);
    let store = with_a_code(&server).await;
    server.ask(&["CONFIG", "SET", "maxmemory", "1"]);
    is_refused(&store, "OOM").await;
    server.ask(&["CONFIG", "SET", "maxmemory", "0"]);
    is_as_before(&store).await;
}

#[tokio::test]
async fn while_redis_cannot_save_nothing_is_promised() {
    let server = Redis::with(&["--save 900 1"]);
    let store = with_a_code(&server).await;
    // A snapshot cannot take the place of a directory.
    let snapshot = server.folder().join("dump.rdb");
    std::fs::create_dir(&snapshot).unwrap();
    server.ask(&["BGSAVE"]);
    let saved = |status: &str| {
        let status = format!("rdb_last_bgsave_status:{status}");
        until("a snapshot is tried", || {
            server.ask(&["INFO", "persistence"]).contains(&status)
        });
    };
    saved("err");
    is_refused(&store, "MISCONF").await;
    std::fs::remove_dir(&snapshot).unwrap();
    server.ask(&["BGSAVE"]);
    saved("ok");
    is_as_before(&store).await;
}

#[tokio::test]
async fn a_master_that_became_a_replica_is_not_believed() {
    let server = Redis::with(&[]);
    let store = with_a_code(&server).await;
    // Of a master that nobody runs, so that nothing is copied.
    server.ask(&["REPLICAOF", "127.0.0.1", "1"]);
    is_refused(&store, "").await;
    server.ask(&["REPLICAOF", "NO", "ONE"]);
    is_as_before(&store).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_redis_reads_its_records_it_is_away() {
    let server = Redis::with(&[
        "--enable-debug-command yes",
        "--loading-process-events-interval-bytes 1024",
    ]);
    let store = with_a_code(&server).await;
    server.ask(&["DEBUG", "POPULATE", "400"]);
    // Microseconds for each record: two seconds in all, unless somebody makes it shorter.
    server.ask(&["CONFIG", "SET", "key-load-delay", "5000"]);
    thread::scope(|scope| {
        scope.spawn(|| server.ask(&["DEBUG", "RELOAD"]));
        until("Redis reads", || {
            server.ask(&["INFO", "persistence"]).contains("loading:1")
        });
        tokio::task::block_in_place(|| {
            tokio::runtime::Handle::current().block_on(is_refused(&store, ""));
        });
    });
    is_as_before(&store).await;
}
