//! Of many who ask at once through several clients, one is given what only one may have.

use std::time::Duration;

use futures_util::future::join_all;
use vestibule_broker::store::{Codes, Redeemed, Rotated, RotationTerms, Sessions};
use vestibule_redis_testkit::Redis;
use vestibule_store_testkit::sample::{NOW, after, code_grant, digest, session, session_id};

use crate::world::open;

const ROUNDS: usize = 1000;
const RUNNERS: usize = 32;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_code_is_redeemed_once_however_many_replicas_try() {
    let server = Redis::with(&[]);
    let stores = [open(&server.url()).await, open(&server.url()).await];
    for round in 0..ROUNDS {
        let code = digest(&format!("code {round}"));
        stores[0].issue_code(code, code_grant("s")).await.unwrap();
        let tries = (0..RUNNERS).map(|runner| stores[runner % 2].redeem_code(code, after(600), NOW));
        let results: Vec<_> = join_all(tries).await.into_iter().map(Result::unwrap).collect();
        let fresh = results
            .iter()
            .filter(|result| matches!(result, Redeemed::Fresh(_)))
            .count();
        let replayed = Redeemed::Replayed(session_id("s"));
        let replays = results.iter().filter(|result| **result == replayed).count();
        assert_eq!((fresh, replays), (1, RUNNERS - 1), "round {round}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_is_rotated_once_however_many_replicas_try() {
    let server = Redis::with(&[]);
    let stores = [open(&server.url()).await, open(&server.url()).await];
    let terms = RotationTerms {
        grace: Duration::from_secs(30),
        idle: Duration::from_secs(100),
        recheck_at: None,
    };
    let id = session_id("s");
    stores[0]
        .open_session(session("s", "alice", "c"), NOW)
        .await
        .unwrap();
    for round in 0..ROUNDS as u64 {
        let tries = (0..RUNNERS).map(|runner| stores[runner % 2].rotate_session(&id, round, terms, NOW));
        let results: Vec<_> = join_all(tries).await.into_iter().map(Result::unwrap).collect();
        let (mut rotated, mut repeated) = (0, 0);
        for result in results {
            match result {
                Rotated::Rotated(session) if session.generation == round + 1 => rotated += 1,
                Rotated::Repeated(session) if session.generation == round + 1 => repeated += 1,
                other => panic!("round {round}: {other:?}"),
            }
        }
        assert_eq!((rotated, repeated), (1, RUNNERS - 1), "round {round}");
    }
}
