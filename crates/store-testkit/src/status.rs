//! Laws of status lists.

use std::collections::{BTreeMap, BTreeSet};

use vestibule_broker::store::StatusBits;
use vestibule_protocol::StatusRef;

use crate::Bench;
use crate::ask::{RUNNERS, answer, race};
use crate::sample::after;

/// A list of which no bit was allotted does not exist, and setting a bit of it does not make it.
pub async fn a_list_that_was_never_begun_does_not_exist(bench: &impl Bench) {
    let store = bench.fresh().await;
    answer(store.set_status(StatusRef { list: 77, bit: 1 })).await;
    assert_eq!(answer(store.read_status(77)).await, None);
}

/// A bit that was allotted lies within a list that can be read and of which nothing is set.
pub async fn an_allotted_bit_is_not_set(bench: &impl Bench) {
    let store = bench.fresh().await;
    let StatusRef { list, bit } = answer(store.allot_status(after(900))).await;
    let read = answer(store.read_status(list)).await.expect("a list");
    assert!(bit < read.size, "bit {bit} of {}", read.size);
    assert_eq!(read.set, Vec::<u32>::new());
}

/// No bit is allotted twice, however many ask at once.
pub async fn no_bit_is_allotted_twice(bench: &impl Bench) {
    let store = bench.fresh().await;
    let each = 8;
    let results = race(&store, move |store, _| async move {
        let mut mine = Vec::new();
        for _ in 0..each {
            let status = answer(store.allot_status(after(900))).await;
            mine.push((status.list, status.bit));
        }
        mine
    })
    .await;
    let different: BTreeSet<_> = results.concat().into_iter().collect();
    assert_eq!(different.len(), RUNNERS * each);
}

/// A bit that is set is read as set, it alone, and the version changes with it.
pub async fn a_set_bit_is_read_and_changes_the_version(bench: &impl Bench) {
    let store = bench.fresh().await;
    let mut set: BTreeMap<u64, BTreeSet<u32>> = BTreeMap::new();
    for _ in 0..5 {
        let status = answer(store.allot_status(after(900))).await;
        let before = answer(store.read_status(status.list)).await.expect("a list");
        answer(store.set_status(status)).await;
        let read = answer(store.read_status(status.list)).await.expect("a list");

        let expected = set.entry(status.list).or_default();
        expected.insert(status.bit);
        assert_eq!(read.set.len(), expected.len(), "none is listed twice");
        assert_eq!(BTreeSet::from_iter(read.set), *expected);
        assert_ne!(read.version, before.version);
    }
}

/// Setting a bit again changes nothing, not even the version.
pub async fn setting_a_bit_again_changes_nothing(bench: &impl Bench) {
    let store = bench.fresh().await;
    let status = answer(store.allot_status(after(900))).await;
    answer(store.set_status(status)).await;
    let once: StatusBits = answer(store.read_status(status.list)).await.expect("a list");
    answer(store.set_status(status)).await;
    assert_eq!(answer(store.read_status(status.list)).await, Some(once));
}

/// Allotting bits does not change the version: what is published stays as it is.
pub async fn allotting_does_not_change_the_version(bench: &impl Bench) {
    let store = bench.fresh().await;
    let status = answer(store.allot_status(after(900))).await;
    answer(store.set_status(status)).await;
    let before = answer(store.read_status(status.list)).await;
    answer(store.allot_status(after(900))).await;
    assert_eq!(answer(store.read_status(status.list)).await, before);
}

/// None of the bits that are set at once is lost.
pub async fn bits_that_are_set_at_once_are_all_set(bench: &impl Bench) {
    let store = bench.fresh().await;
    let results = race(&store, |store, _| async move {
        let status = answer(store.allot_status(after(900))).await;
        answer(store.set_status(status)).await;
        status
    })
    .await;
    for StatusRef { list, bit } in results {
        let read = answer(store.read_status(list)).await.expect("a list");
        assert!(read.set.contains(&bit), "bit {bit} of list {list}");
    }
}
