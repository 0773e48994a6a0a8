//! Laws of pushed authorization requests.

use crate::Bench;
use crate::ask::{RUNNERS, answer, count, race};
use crate::sample::{NOW, TICK, digest, pushed_request};

/// A request that was never pushed is not there.
pub async fn a_request_that_was_never_pushed_is_not_there(bench: &impl Bench) {
    let store = bench.fresh().await;
    assert_eq!(answer(store.take_pushed_request(digest("key"), NOW)).await, None);
}

/// What was pushed is handed over once, as it was.
pub async fn what_was_pushed_is_handed_over_once(bench: &impl Bench) {
    let store = bench.fresh().await;
    for key in ["one", "two"] {
        answer(store.push_request(digest(key), pushed_request(key))).await;
    }
    let taken = answer(store.take_pushed_request(digest("one"), NOW)).await;
    assert_eq!(taken, Some(pushed_request("one")));
    assert_eq!(answer(store.take_pushed_request(digest("one"), NOW)).await, None);
    let other = answer(store.take_pushed_request(digest("two"), NOW)).await;
    assert_eq!(other, Some(pushed_request("two")));
}

/// Of many who take a request one gets it.
pub async fn one_of_many_takers_gets_the_request(bench: &impl Bench) {
    let store = bench.fresh().await;
    answer(store.push_request(digest("key"), pushed_request("key"))).await;
    let results = race(&store, |store, _| async move {
        answer(store.take_pushed_request(digest("key"), NOW)).await
    })
    .await;
    let whole = Some(pushed_request("key"));
    assert_eq!(count(&results, |result| *result == whole), 1);
    assert_eq!(count(&results, Option::is_none), RUNNERS - 1);
}

/// At its expiry a request is gone; a millisecond before, it is there.
pub async fn a_request_is_gone_from_its_expiry_on(bench: &impl Bench) {
    let store = bench.fresh().await;
    let expiry = pushed_request("key").expires_at;
    for key in ["late", "just"] {
        answer(store.push_request(digest(key), pushed_request("key"))).await;
    }
    assert_eq!(
        answer(store.take_pushed_request(digest("late"), expiry)).await,
        None
    );
    let just = answer(store.take_pushed_request(digest("just"), expiry.minus(TICK))).await;
    assert_eq!(just, Some(pushed_request("key")));
}
