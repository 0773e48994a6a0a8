//! Laws of the generations of a session.

use std::sync::Arc;
use std::time::Duration;

use vestibule_broker::record::Session;
use vestibule_broker::store::{Rotated, RotationTerms, Store};
use vestibule_protocol::Timestamp;

use crate::Bench;
use crate::ask::{RUNNERS, answer, count, race};
use crate::sample::{NOW, TERMS, TICK, after, key, session, session_id};
use crate::sessions::{find, open};

/// Presents a generation.
pub(crate) async fn rotate(store: &Arc<dyn Store>, id: &str, presented: u64, now: Timestamp) -> Rotated {
    answer(store.rotate_session(&session_id(id), presented, TERMS, now)).await
}

/// A rotation moves to the next generation, notes when, renews the idle time, and changes nothing else.
pub async fn a_rotation_moves_to_the_next_generation(bench: &impl Bench) {
    let store = bench.fresh().await;
    open(&store, session("s", "alice", "c")).await;
    for (presented, now) in [(0, after(40)), (1, after(41)), (2, after(120))] {
        let expected = Session {
            generation: presented + 1,
            rotated_at: now,
            idle_until: now + TERMS.idle,
            ..session("s", "alice", "c")
        };
        assert_eq!(
            rotate(&store, "s", presented, now).await,
            Rotated::Rotated(expected.current())
        );
        assert_eq!(find(&store, "s", now).await, Some(expected));
    }
}

/// The generation just before the current one is a repetition until the grace is over, which changes nothing.
pub async fn the_generation_before_is_a_repetition_within_the_grace(bench: &impl Bench) {
    let store = bench.fresh().await;
    open(&store, session("s", "alice", "c")).await;
    rotate(&store, "s", 0, after(10)).await;
    let current = find(&store, "s", after(10)).await.expect("a session");
    for now in [after(10), after(11), after(40).minus(TICK)] {
        assert_eq!(
            rotate(&store, "s", 0, now).await,
            Rotated::Repeated(current.current()),
            "at {now:?}"
        );
    }
    assert_eq!(find(&store, "s", after(40)).await, Some(current));
}

/// A rotation that names when to look at the provider again writes it down with the generation; one that does not leaves it.
pub async fn a_rotation_notes_when_to_look_again(bench: &impl Bench) {
    let store = bench.fresh().await;
    open(&store, session("s", "alice", "c")).await;
    for (presented, named, noted) in [(0, Some(after(1800)), 1800), (1, None, 1800)] {
        let terms = RotationTerms {
            recheck_at: named,
            ..TERMS
        };
        answer(store.rotate_session(&session_id("s"), presented, terms, NOW)).await;
        let session = find(&store, "s", NOW).await.expect("a session");
        assert_eq!(session.recheck_at, Some(after(noted)));
    }
}

/// A session that is bound to a key is found and rotated as any other, and stays bound to it.
pub async fn a_session_stays_bound_to_its_key(bench: &impl Bench) {
    let store = bench.fresh().await;
    let bound = Session {
        dpop_jkt: Some(key("its own")),
        ..session("s", "alice", "c")
    };
    open(&store, bound.clone()).await;
    assert_eq!(find(&store, "s", NOW).await, Some(bound.clone()));
    for (presented, named) in [(0, None), (1, Some(key("another"))), (2, Some(key("its own")))] {
        let terms = RotationTerms {
            bind: named,
            proved: Some(key("its own")),
            ..TERMS
        };
        let rotated = answer(store.rotate_session(&session_id("s"), presented, terms, NOW)).await;
        let expected = Session {
            generation: presented + 1,
            idle_until: NOW + TERMS.idle,
            ..bound.clone()
        };
        assert_eq!(rotated, Rotated::Rotated(expected.current()));
        assert_eq!(find(&store, "s", NOW).await, Some(expected));
    }
    let ended = answer(store.end_session(&session_id("s"), after(10), NOW)).await;
    assert_eq!(ended.and_then(|session| session.dpop_jkt), Some(key("its own")));
}

/// A rotation that names a key binds a session that was bound to none, with the generation: a repetition binds nothing.
pub async fn a_rotation_binds_to_the_first_key_that_it_names(bench: &impl Bench) {
    let store = bench.fresh().await;
    open(&store, session("s", "alice", "c")).await;
    let rotate_with = |presented, named| {
        let terms = RotationTerms {
            bind: Some(key(named)),
            proved: Some(key(named)),
            ..TERMS
        };
        let store = Arc::clone(&store);
        async move { answer(store.rotate_session(&session_id("s"), presented, terms, after(10))).await }
    };
    let bound = Session {
        generation: 1,
        rotated_at: after(10),
        idle_until: after(10) + TERMS.idle,
        dpop_jkt: Some(key("first")),
        ..session("s", "alice", "c")
    };
    assert_eq!(rotate_with(0, "first").await, Rotated::Rotated(bound.current()));
    assert_eq!(rotate_with(0, "first").await, Rotated::Repeated(bound.current()));
    assert_eq!(
        rotate_with(0, "second").await,
        Rotated::OfAnotherKey(key("first"))
    );
    assert_eq!(find(&store, "s", after(10)).await, Some(bound.clone()));
    // Its life goes on as that of any other.
    assert_eq!(
        find(&store, "s", bound.idle_until.minus(TICK)).await,
        Some(bound.clone())
    );
    assert_eq!(find(&store, "s", bound.idle_until).await, None);
}

/// Whoever does not prove the key that a session is bound to moves nothing on and is told nothing of its generations.
pub async fn without_its_key_a_bound_session_stays_as_it_is(bench: &impl Bench) {
    let store = bench.fresh().await;
    let bound = Session {
        dpop_jkt: Some(key("its own")),
        generation: 2,
        ..session("s", "alice", "c")
    };
    open(&store, bound.clone()).await;
    for presented in 0..3 {
        for named in [None, Some(key("another"))] {
            let terms = RotationTerms {
                bind: named,
                proved: named,
                ..TERMS
            };
            let rotated = answer(store.rotate_session(&session_id("s"), presented, terms, NOW)).await;
            assert_eq!(
                rotated,
                Rotated::OfAnotherKey(key("its own")),
                "generation {presented}"
            );
        }
    }
    assert_eq!(find(&store, "s", NOW).await, Some(bound));
}

/// A session with another salt than its caller knows is none that the caller knows.
pub async fn a_session_with_another_salt_is_unknown(bench: &impl Bench) {
    let store = bench.fresh().await;
    open(&store, session("s", "alice", "c")).await;
    let mut terms = TERMS;
    terms.salt[15] ^= 1;
    let rotated = answer(store.rotate_session(&session_id("s"), 0, terms, NOW)).await;
    assert_eq!(rotated, Rotated::Unknown);
    assert_eq!(find(&store, "s", NOW).await, Some(session("s", "alice", "c")));
    assert!(matches!(rotate(&store, "s", 0, NOW).await, Rotated::Rotated(_)));
}

/// A session is recalled with all that no rotation changes, and not once this store has ended it.
pub async fn a_session_is_recalled_until_it_is_ended(bench: &impl Bench) {
    let store = bench.fresh().await;
    let recall = async |now| answer(store.recall_session(&session_id("s"), now)).await;
    assert_eq!(recall(NOW).await, None);
    open(&store, session("s", "alice", "c")).await;
    assert_eq!(recall(NOW).await, Some(session("s", "alice", "c")));
    for generation in 0..3 {
        rotate(&store, "s", generation, after(50)).await;
        let current = find(&store, "s", after(50)).await.expect("a session");
        let recalled = recall(after(50)).await.expect("a session");
        assert_eq!(recalled.at(current.current()), current);
    }
    assert!(recall(after(149)).await.is_some());
    assert_eq!(recall(after(150)).await, None);
    answer(store.end_session(&session_id("s"), after(600), after(50))).await;
    assert_eq!(recall(after(50)).await, None);
}

/// From the end of the grace on, the generation before is reuse.
pub async fn the_generation_before_is_reuse_after_the_grace(bench: &impl Bench) {
    let store = bench.fresh().await;
    open(&store, session("s", "alice", "c")).await;
    rotate(&store, "s", 0, after(10)).await;
    for now in [after(40), after(90)] {
        assert_eq!(rotate(&store, "s", 0, now).await, Rotated::Reused, "at {now:?}");
    }
}

/// Any older generation is reuse, even within the grace.
pub async fn an_older_generation_is_reuse_even_within_the_grace(bench: &impl Bench) {
    let store = bench.fresh().await;
    open(&store, session("s", "alice", "c")).await;
    for generation in 0..3 {
        rotate(&store, "s", generation, after(10)).await;
    }
    for presented in [0, 1] {
        let rotated = rotate(&store, "s", presented, after(10)).await;
        assert!(
            matches!(rotated, Rotated::Reused),
            "generation {presented}: {rotated:?}"
        );
    }
    assert!(matches!(
        rotate(&store, "s", 2, after(10)).await,
        Rotated::Repeated(_)
    ));
}

/// Reuse changes nothing: it is the caller who ends the session.
pub async fn reuse_does_not_end_the_session_by_itself(bench: &impl Bench) {
    let store = bench.fresh().await;
    open(&store, session("s", "alice", "c")).await;
    for generation in 0..2 {
        rotate(&store, "s", generation, NOW).await;
    }
    let current = find(&store, "s", NOW).await;
    assert_eq!(rotate(&store, "s", 0, after(50)).await, Rotated::Reused);
    assert_eq!(find(&store, "s", after(50)).await, current);
    assert!(matches!(
        rotate(&store, "s", 2, after(50)).await,
        Rotated::Rotated(_)
    ));
}

/// A generation that was not reached is unknown, and changes nothing.
pub async fn a_generation_not_yet_reached_is_unknown(bench: &impl Bench) {
    let store = bench.fresh().await;
    open(&store, session("s", "alice", "c")).await;
    rotate(&store, "s", 0, NOW).await;
    for presented in [2, 3, u64::MAX] {
        assert_eq!(
            rotate(&store, "s", presented, NOW).await,
            Rotated::Unknown,
            "generation {presented}"
        );
    }
    assert!(matches!(rotate(&store, "s", 1, NOW).await, Rotated::Rotated(_)));
}

/// Of many who present one generation, one rotates it; the others repeat that rotation and see the same session.
pub async fn one_of_many_rotations_succeeds_and_the_others_repeat_it(bench: &impl Bench) {
    let store = bench.fresh().await;
    open(&store, session("s", "alice", "c")).await;
    for generation in 0..3 {
        let results = race(&store, move |store, _| async move {
            rotate(&store, "s", generation, NOW).await
        })
        .await;
        let current = find(&store, "s", NOW).await.expect("a session");
        assert_eq!(current.generation, generation + 1);
        let (rotated, repeated) = (
            Rotated::Rotated(current.current()),
            Rotated::Repeated(current.current()),
        );
        assert_eq!(count(&results, |result| *result == rotated), 1);
        assert_eq!(count(&results, |result| *result == repeated), RUNNERS - 1);
    }
}

/// Without a grace, of many who present one generation one rotates it, and the others are caught.
pub async fn without_a_grace_all_rotations_but_one_are_reuse(bench: &impl Bench) {
    let store = bench.fresh().await;
    open(&store, session("s", "alice", "c")).await;
    let terms = RotationTerms {
        grace: Duration::ZERO,
        ..TERMS
    };
    let results = race(&store, move |store, _| async move {
        answer(store.rotate_session(&session_id("s"), 0, terms, NOW)).await
    })
    .await;
    assert_eq!(count(&results, |result| matches!(result, Rotated::Rotated(_))), 1);
    assert_eq!(
        count(&results, |result| matches!(result, Rotated::Reused)),
        RUNNERS - 1
    );
}
