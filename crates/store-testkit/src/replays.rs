//! Laws of what is good once.

use vestibule_broker::store::Remembered;

use crate::Bench;
use crate::ask::{RUNNERS, answer, count, race};
use crate::sample::{NOW, TICK, after, digest};

/// A key is first once, and seen ever after; another key is not touched.
pub async fn a_key_is_first_once(bench: &impl Bench) {
    let store = bench.fresh().await;
    let first = answer(store.remember(digest("key"), after(60), NOW)).await;
    assert_eq!(first, Remembered::First);
    for now in [NOW, after(1), after(60).minus(TICK)] {
        let again = answer(store.remember(digest("key"), after(60), now)).await;
        assert_eq!(again, Remembered::Seen, "at {now:?}");
    }
    let other = answer(store.remember(digest("other"), after(60), NOW)).await;
    assert_eq!(other, Remembered::First);
}

/// Of many who use a key at once, one is the first.
pub async fn one_of_many_is_the_first(bench: &impl Bench) {
    let store = bench.fresh().await;
    let results = race(&store, |store, _| async move {
        answer(store.remember(digest("key"), after(60), NOW)).await
    })
    .await;
    assert_eq!(count(&results, |result| *result == Remembered::First), 1);
    assert_eq!(count(&results, |result| *result == Remembered::Seen), RUNNERS - 1);
}

/// When the time is over, the key is forgotten.
pub async fn a_key_is_forgotten_when_its_time_is_over(bench: &impl Bench) {
    let store = bench.fresh().await;
    answer(store.remember(digest("key"), after(60), NOW)).await;
    let late = answer(store.remember(digest("key"), after(120), after(60))).await;
    assert_eq!(late, Remembered::First);
    let again = answer(store.remember(digest("key"), after(120), after(61))).await;
    assert_eq!(again, Remembered::Seen);
}

/// Whoever uses a key again makes its memory longer, never shorter.
pub async fn a_memory_is_never_shortened(bench: &impl Bench) {
    let store = bench.fresh().await;
    answer(store.remember(digest("key"), after(60), NOW)).await;
    answer(store.remember(digest("key"), after(10), NOW)).await;
    let seen = answer(store.remember(digest("key"), after(100), after(59))).await;
    assert_eq!(seen, Remembered::Seen);
    let seen = answer(store.remember(digest("key"), after(100), after(99))).await;
    assert_eq!(seen, Remembered::Seen);
}

/// Recalling a key says until when it is remembered, and changes nothing.
pub async fn recalling_a_key_changes_nothing(bench: &impl Bench) {
    let store = bench.fresh().await;
    assert_eq!(answer(store.recall(digest("key"), NOW)).await, None);
    let first = answer(store.remember(digest("key"), after(60), NOW)).await;
    assert_eq!(first, Remembered::First);
    for now in [NOW, after(60).minus(TICK)] {
        assert_eq!(answer(store.recall(digest("key"), now)).await, Some(after(60)));
    }
    assert_eq!(answer(store.recall(digest("other"), NOW)).await, None);
    assert_eq!(answer(store.recall(digest("key"), after(60))).await, None);
    let late = answer(store.remember(digest("key"), after(120), after(60))).await;
    assert_eq!(late, Remembered::First);
    answer(store.remember(digest("key"), after(90), after(61))).await;
    assert_eq!(
        answer(store.recall(digest("key"), after(61))).await,
        Some(after(120))
    );
}
