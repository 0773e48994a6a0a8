//! What a session costs in Redis.

use futures_util::{StreamExt as _, stream};
use vestibule_broker::record::Session;
use vestibule_broker::store::Sessions;
use vestibule_protocol::SessionId;
use vestibule_redis_testkit::Redis;
use vestibule_store_testkit::sample::{NOW, session, usual_session};

use crate::world::{open, until_it_answers};

/// How many sessions are opened before and while it is measured: the hashes of the indices are there by then.
const SESSIONS: u32 = 8000;

/// The goal, all keys and index entries counted.
const GOAL: u64 = 600;

/// Sixteen bytes that differ in every place.
fn scattered(number: u32) -> [u8; 16] {
    *vestibule_broker::Digest::of(&number.to_string())
        .as_bytes()
        .first_chunk()
        .unwrap()
}

fn used(server: &Redis) -> u64 {
    let info = server.ask(&["INFO", "memory"]);
    let line = info
        .lines()
        .find_map(|line| line.strip_prefix("used_memory_dataset:"));
    let dataset: u64 = line.unwrap().trim().parse().unwrap();
    let overhead: u64 = server
        .ask(&["MEMORY", "STATS"])
        .lines()
        .collect::<Vec<_>>()
        .windows(2)
        .filter(|pair| pair[0] == "overhead.hashtable.main" || pair[0] == "overhead.hashtable.expires")
        .map(|pair| pair[1].trim().parse::<u64>().unwrap())
        .sum();
    dataset + overhead
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_takes_less_than_600_bytes_with_all_its_index_entries() {
    let server = Redis::with(&[]);
    let store = &open(&server.url()).await;
    let fill = async |numbers: std::ops::Range<u32>| {
        stream::iter(numbers)
            .for_each_concurrent(16, |number| async move {
                // A busy machine may keep an answer for longer than the store waits.
                until_it_answers(async || store.open_session(usual_session(number, NOW), NOW).await).await;
            })
            .await;
    };
    fill(0..SESSIONS).await;
    let before = used(&server);
    fill(SESSIONS..2 * SESSIONS).await;
    let each = (used(&server) - before) / u64::from(SESSIONS);
    let id = SessionId::of_bytes(scattered(1));
    let record = server.ask(&["MEMORY", "USAGE", &format!("v:s:{id}")]);
    println!("{each} bytes for each session, {record} of them its record");
    assert!(each < GOAL, "{each} bytes");
}

/// Entries of what is over do not pile up.
#[tokio::test]
async fn an_index_does_not_grow_without_bound() {
    let server = Redis::with(&[]);
    let store = open(&server.url()).await;
    let long_ago = vestibule_protocol::Timestamp::from_secs(1_000_000_000);
    // The hash lives for as long as this one.
    store
        .open_session(session("first", "alice", "c"), NOW)
        .await
        .unwrap();
    for number in 0..400 {
        let over = Session {
            id: SessionId::of_bytes(scattered(number)),
            idle_until: long_ago,
            dies_at: long_ago,
            ..session("s", "alice", "c")
        };
        store.open_session(over, long_ago).await.unwrap();
    }
    let left = server.ask(&["--scan", "--pattern", "v:{x*"]);
    let entries: usize = left
        .lines()
        .map(|key| server.ask(&["HLEN", key]).parse::<usize>().unwrap())
        .sum();
    assert!(entries < 40, "{entries} entries are left of 802");
}

/// An owner who has much does not crowd out those who share a hash with them, and is listed in full.
#[tokio::test]
async fn a_user_with_very_many_sessions_has_them_all_listed() {
    let server = Redis::with(&[]);
    let store = &open(&server.url()).await;
    stream::iter(0..1000)
        .for_each_concurrent(4, |number| async move {
            let one = Session {
                id: SessionId::of_bytes(scattered(number)),
                ..session("s", "alice", "c")
            };
            store.open_session(one, NOW).await.unwrap();
        })
        .await;
    let subject = vestibule_store_testkit::sample::subject("alice");
    let listed = until_it_answers(async || store.sessions_of_user(&subject, NOW).await).await;
    assert_eq!(listed.len(), 1000);
    let shared = server.ask(&["--scan", "--pattern", "v:{xs*}"]);
    let crowded = server.ask(&["HLEN", &shared]);
    assert_eq!(crowded, "400", "in {shared}");
    assert_eq!(server.ask(&["OBJECT", "ENCODING", &shared]), "listpack");
}
