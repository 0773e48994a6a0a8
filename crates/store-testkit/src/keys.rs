//! Laws of the sealed key document.

use crate::Bench;
use crate::ask::{answer, count, race};
use crate::sample::sealed;

/// At first there is no document, and nothing to swap with.
pub async fn there_are_no_keys_at_first(bench: &impl Bench) {
    let store = bench.fresh().await;
    assert_eq!(answer(store.load_keys()).await, None);
    for version in [0, 1] {
        assert!(!answer(store.swap_keys(Some(version), sealed("keys"))).await);
    }
    assert_eq!(answer(store.load_keys()).await, None);
}

/// A swap that names the version that stands puts its document in place, under another version.
pub async fn a_swap_puts_the_document_in_place(bench: &impl Bench) {
    let store = bench.fresh().await;
    let mut version = None;
    for content in ["one", "two", "three"] {
        assert!(answer(store.swap_keys(version, sealed(content))).await);
        let loaded = answer(store.load_keys()).await.expect("a document");
        assert_eq!(loaded.document, sealed(content));
        assert_ne!(Some(loaded.version), version, "a version names one document only");
        version = Some(loaded.version);
    }
}

/// A swap that names another version, or none, changes nothing.
pub async fn a_swap_that_names_another_version_changes_nothing(bench: &impl Bench) {
    let store = bench.fresh().await;
    assert!(answer(store.swap_keys(None, sealed("one"))).await);
    let first = answer(store.load_keys()).await.expect("a document").version;
    assert!(answer(store.swap_keys(Some(first), sealed("two"))).await);
    let second = answer(store.load_keys()).await.expect("a document");
    for stale in [None, Some(first), Some(second.version + 1)] {
        assert!(
            !answer(store.swap_keys(stale, sealed("three"))).await,
            "{stale:?}"
        );
    }
    assert_eq!(answer(store.load_keys()).await, Some(second));
}

/// Of many who swap the same version, one does, and its document stands; from none to the first one too.
pub async fn one_of_many_swaps_succeeds(bench: &impl Bench) {
    let store = bench.fresh().await;
    let mut version = None;
    for _ in 0..3 {
        let results = race(&store, move |store, number| async move {
            answer(store.swap_keys(version, sealed(&format!("document-{number}")))).await
        })
        .await;
        assert_eq!(count(&results, |swapped| *swapped), 1);
        let winner = results.iter().position(|swapped| *swapped).expect("a winner");
        let loaded = answer(store.load_keys()).await.expect("a document");
        assert_eq!(loaded.document, sealed(&format!("document-{winner}")));
        version = Some(loaded.version);
    }
}
