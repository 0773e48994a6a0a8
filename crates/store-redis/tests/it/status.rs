//! Status bits are allotted by the block, and each is given to one session.

use std::collections::BTreeSet;

use vestibule_broker::store::StatusLists;
use vestibule_protocol::StatusRef;
use vestibule_redis_testkit::Redis;
use vestibule_store_redis::RedisStore;
use vestibule_store_testkit::sample::after;

use crate::world::{open, until_it_answers};

/// So many bits are a good part of a thousand blocks.
const BITS: usize = 1000;

async fn allot(store: &RedisStore) -> StatusRef {
    store.allot_status(after(900)).await.unwrap()
}

fn scripts_run(server: &Redis) -> u64 {
    let stats = server.ask(&["INFO", "commandstats"]);
    let calls = stats
        .lines()
        .find_map(|line| line.strip_prefix("cmdstat_evalsha:calls="));
    calls.map_or(0, |calls| calls.split(',').next().unwrap().parse().unwrap())
}

#[tokio::test]
async fn most_bits_are_given_without_a_question() {
    let server = Redis::with(&[]);
    let store = open(&server.url()).await;
    for _ in 0..BITS {
        allot(&store).await;
    }
    let asked = scripts_run(&server);
    assert!(asked < BITS as u64 / 32, "{asked} questions for {BITS} bits");
}

#[tokio::test]
async fn two_replicas_are_never_given_the_same_bit() {
    let server = Redis::with(&[]);
    let stores = [open(&server.url()).await, open(&server.url()).await];
    let mut given = BTreeSet::new();
    for _ in 0..BITS {
        for store in &stores {
            let status = allot(store).await;
            assert!(
                given.insert((status.list, status.bit)),
                "{status:?} is given again"
            );
        }
    }
}

/// The last allotments may be lost with the server, and then what was spare belongs to a list of which nothing is known.
#[tokio::test]
async fn a_restart_of_redis_spoils_the_spare_bits() {
    let mut server = Redis::durable();
    let store = open(&server.url()).await;
    let before = allot(&store).await;
    assert_eq!(allot(&store).await.list, before.list);
    server.kill_once_written();
    server.start();
    until_it_answers(async || store.read_status(before.list).await).await;
    let after_it = until_it_answers(async || store.allot_status(after(900)).await).await;
    assert!(after_it.list > before.list + 1, "{after_it:?} after {before:?}");
}

#[tokio::test]
async fn a_list_is_kept_for_as_long_as_its_longest_session() {
    let server = Redis::with(&[]);
    let store = open(&server.url()).await;
    for days in [1, 3, 30, 2] {
        let needed_until = after(days * 86_400);
        let status = store.allot_status(needed_until).await.unwrap();
        let kept_until = server.ask(&["HGET", "v:{t}", &format!("until:{}", status.list)]);
        assert!(
            kept_until.parse::<i64>().unwrap() >= needed_until.as_millis(),
            "{days} days"
        );
    }
}

/// A list that is nearly full gives what it has, and the next bits are another's.
#[tokio::test]
async fn a_full_list_is_followed_by_another() {
    let server = Redis::with(&[]);
    let store = open(&server.url()).await;
    let first = allot(&store).await;
    server.ask(&["HSET", "v:{t}", "left", "3"]);
    let mut given = BTreeSet::from([(first.list, first.bit)]);
    for _ in 0..200 {
        let status = allot(&store).await;
        assert!(
            given.insert((status.list, status.bit)),
            "{status:?} is given again"
        );
    }
    let lists: BTreeSet<u64> = given.iter().map(|(list, _)| *list).collect();
    assert_eq!(lists, BTreeSet::from([first.list, first.list + 1]));
}
