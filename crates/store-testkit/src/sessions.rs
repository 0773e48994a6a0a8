//! Laws of sessions.

use std::sync::Arc;

use vestibule_broker::record::Session;
use vestibule_broker::store::{Opened, Rotated, Store};
use vestibule_protocol::Timestamp;

use crate::Bench;
use crate::ask::{RUNNERS, answer, count, race};
use crate::rotation::rotate;
use crate::sample::{NOW, TICK, after, client_id, session, session_id, subject};

/// Opens a session, which must not be refused.
pub(crate) async fn open(store: &Arc<dyn Store>, session: Session) {
    let opened = answer(store.open_session(session, NOW)).await;
    assert_eq!(opened, Opened::Open);
}

/// Finds a session.
pub(crate) async fn find(store: &Arc<dyn Store>, id: &str, now: Timestamp) -> Option<Session> {
    answer(store.find_session(&session_id(id), now)).await
}

/// A session that was never opened is not found, cannot be rotated and cannot be ended.
pub async fn an_unknown_session_leads_nowhere(bench: &impl Bench) {
    let store = bench.fresh().await;
    assert_eq!(find(&store, "s", NOW).await, None);
    assert_eq!(rotate(&store, "s", 0, NOW).await, Rotated::Unknown);
    assert_eq!(
        answer(store.end_session(&session_id("s"), after(600), NOW)).await,
        None
    );
    assert!(
        answer(store.sessions_of_user(&subject("alice"), NOW))
            .await
            .is_empty()
    );
    assert!(
        answer(store.sessions_of_client(&client_id("c"), NOW))
            .await
            .is_empty()
    );
}

/// What was opened is found, field for field.
pub async fn what_was_opened_is_found_as_it_was(bench: &impl Bench) {
    let store = bench.fresh().await;
    open(&store, session("one", "alice", "c")).await;
    open(&store, session("two", "bob", "d")).await;
    assert_eq!(find(&store, "one", NOW).await, Some(session("one", "alice", "c")));
    assert_eq!(find(&store, "two", NOW).await, Some(session("two", "bob", "d")));
}

/// A session that is not used is gone when its idle time is over, for every verb; a millisecond before, it lives.
pub async fn a_session_is_gone_when_its_idle_time_is_over(bench: &impl Bench) {
    let store = bench.fresh().await;
    open(&store, session("s", "alice", "c")).await;
    let end = after(100);

    assert!(find(&store, "s", end.minus(TICK)).await.is_some());
    assert_eq!(find(&store, "s", end).await, None);
    assert_eq!(rotate(&store, "s", 0, end).await, Rotated::Unknown);
    assert!(
        answer(store.sessions_of_user(&subject("alice"), end))
            .await
            .is_empty()
    );
    assert!(
        answer(store.sessions_of_client(&client_id("c"), end))
            .await
            .is_empty()
    );
    assert_eq!(
        answer(store.end_session(&session_id("s"), after(600), end)).await,
        None
    );
}

/// However often it is used, a session is gone when its time is over.
pub async fn a_session_dies_at_its_time_however_often_it_is_used(bench: &impl Bench) {
    let store = bench.fresh().await;
    open(&store, session("s", "alice", "c")).await;
    for generation in 0..11 {
        let rotated = rotate(&store, "s", generation, after(generation * 90)).await;
        assert!(
            matches!(rotated, Rotated::Rotated(_)),
            "generation {generation}: {rotated:?}"
        );
    }
    assert!(find(&store, "s", after(1000).minus(TICK)).await.is_some());
    assert_eq!(find(&store, "s", after(1000)).await, None);
    assert_eq!(rotate(&store, "s", 11, after(1000)).await, Rotated::Unknown);
}

/// An end hands back the record as it stood, and the session is gone for every verb.
pub async fn an_ended_session_is_gone(bench: &impl Bench) {
    let store = bench.fresh().await;
    open(&store, session("s", "alice", "c")).await;
    rotate(&store, "s", 0, NOW).await;
    let current = find(&store, "s", NOW).await;

    assert_eq!(
        answer(store.end_session(&session_id("s"), after(600), NOW)).await,
        current
    );
    assert_eq!(find(&store, "s", NOW).await, None);
    for presented in [0, 1] {
        assert_eq!(rotate(&store, "s", presented, NOW).await, Rotated::Unknown);
    }
    assert_eq!(
        answer(store.end_session(&session_id("s"), after(600), NOW)).await,
        None
    );
    assert!(
        answer(store.sessions_of_user(&subject("alice"), NOW))
            .await
            .is_empty()
    );
    assert!(
        answer(store.sessions_of_client(&client_id("c"), NOW))
            .await
            .is_empty()
    );
}

/// Of many who end a session, one is handed its record.
pub async fn one_of_many_who_end_a_session_gets_its_record(bench: &impl Bench) {
    let store = bench.fresh().await;
    open(&store, session("s", "alice", "c")).await;
    let results = race(&store, |store, _| async move {
        answer(store.end_session(&session_id("s"), after(600), NOW)).await
    })
    .await;
    assert_eq!(
        count(&results, |result| *result == Some(session("s", "alice", "c"))),
        1
    );
    assert_eq!(count(&results, Option::is_none), RUNNERS - 1);
}

/// A session that was ended cannot be opened again while that is remembered.
pub async fn an_ended_session_is_not_opened_again(bench: &impl Bench) {
    let store = bench.fresh().await;
    open(&store, session("s", "alice", "c")).await;
    answer(store.end_session(&session_id("s"), after(600), NOW)).await;
    for now in [NOW, after(600).minus(TICK)] {
        let opened = answer(store.open_session(session("s", "alice", "c"), now)).await;
        assert_eq!(opened, Opened::AlreadyEnded, "at {now:?}");
        assert_eq!(find(&store, "s", NOW).await, None);
    }
}

/// A session that is ended before it is opened is refused, until that need not be remembered any longer.
pub async fn a_session_ended_before_it_is_opened_is_refused(bench: &impl Bench) {
    let store = bench.fresh().await;
    answer(store.end_session(&session_id("s"), after(50), NOW)).await;
    for now in [NOW, after(50).minus(TICK)] {
        let opened = answer(store.open_session(session("s", "alice", "c"), now)).await;
        assert_eq!(opened, Opened::AlreadyEnded, "at {now:?}");
    }
    assert_eq!(find(&store, "s", NOW).await, None);
    assert!(
        answer(store.sessions_of_user(&subject("alice"), NOW))
            .await
            .is_empty()
    );
    let opened = answer(store.open_session(session("s", "alice", "c"), after(50))).await;
    assert_eq!(opened, Opened::Open);
}

/// A second end that asks for less time does not shorten the first one's.
pub async fn a_second_end_does_not_shorten_the_first(bench: &impl Bench) {
    let store = bench.fresh().await;
    answer(store.end_session(&session_id("s"), after(600), NOW)).await;
    answer(store.end_session(&session_id("s"), after(10), NOW)).await;
    let opened = answer(store.open_session(session("s", "alice", "c"), after(599))).await;
    assert_eq!(opened, Opened::AlreadyEnded);
}

/// When a session is opened and ended at once, it does not live: it was ended after the opening, or its opening was refused.
pub async fn an_end_prevails_over_an_opening_at_the_same_time(bench: &impl Bench) {
    let store = bench.fresh().await;
    let results = race(&store, |store, number| async move {
        let id = format!("s-{}", number / 2);
        if number % 2 == 0 {
            let opened = answer(store.open_session(session(&id, "alice", "c"), NOW)).await;
            opened == Opened::Open
        } else {
            answer(store.end_session(&session_id(&id), after(600), NOW))
                .await
                .is_some()
        }
    })
    .await;
    for (number, pair) in results.chunks(2).enumerate() {
        assert_eq!(find(&store, &format!("s-{number}"), NOW).await, None);
        assert!(
            matches!(pair, [true, true] | [false, false]),
            "opened and not ended, or the reverse: {pair:?}"
        );
    }
    assert!(
        answer(store.sessions_of_user(&subject("alice"), NOW))
            .await
            .is_empty()
    );
}

/// When a session is rotated and ended at once, it is ended.
pub async fn an_end_prevails_over_a_rotation_at_the_same_time(bench: &impl Bench) {
    let store = bench.fresh().await;
    for number in 0..RUNNERS / 2 {
        open(&store, session(&format!("s-{number}"), "alice", "c")).await;
    }
    let results = race(&store, |store, number| async move {
        let id = format!("s-{}", number / 2);
        if number % 2 == 0 {
            rotate(&store, &id, 0, NOW).await;
            None
        } else {
            Some(
                answer(store.end_session(&session_id(&id), after(600), NOW))
                    .await
                    .is_some(),
            )
        }
    })
    .await;
    assert_eq!(
        count(&results, |ended| *ended == Some(false)),
        0,
        "each of them lived"
    );
    for number in 0..RUNNERS / 2 {
        assert_eq!(find(&store, &format!("s-{number}"), NOW).await, None);
        assert_eq!(
            rotate(&store, &format!("s-{number}"), 1, NOW).await,
            Rotated::Unknown
        );
    }
}
