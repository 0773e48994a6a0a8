//! Laws of authorizations in progress.

use vestibule_broker::record::Authorization;
use vestibule_broker::store::{Advance, Taken};

use crate::Bench;
use crate::ask::{RUNNERS, answer, count, race};
use crate::sample::{NOW, TICK, authorization, digest};

fn at_step(step: u64, user: &str) -> Authorization {
    Authorization {
        step,
        ..authorization(user)
    }
}

/// A ticket that was never given out leads nowhere.
pub async fn an_unknown_ticket_leads_nowhere(bench: &impl Bench) {
    let store = bench.fresh().await;
    let ticket = digest("ticket");
    assert_eq!(answer(store.find_authorization(ticket, NOW)).await, None);
    assert_eq!(
        answer(store.take_authorization(ticket, 0, NOW)).await,
        Taken::Unknown
    );
    let advance = answer(store.advance_authorization(ticket, at_step(1, "alice"), NOW)).await;
    assert_eq!(advance, Advance::Unknown);
    assert_eq!(
        answer(store.find_authorization(ticket, NOW)).await,
        None,
        "the advance made one"
    );
}

/// What was begun is found under its ticket, field for field, as often as it is looked for.
pub async fn what_was_begun_is_found_as_it_was(bench: &impl Bench) {
    let store = bench.fresh().await;
    for user in ["alice", "bob"] {
        answer(store.begin_authorization(digest(user), authorization(user))).await;
    }
    for user in ["alice", "bob", "alice"] {
        let found = answer(store.find_authorization(digest(user), NOW)).await;
        assert_eq!(found, Some(authorization(user)));
    }
}

/// At its expiry an authorization is gone for every verb; a millisecond before, it is there.
pub async fn an_authorization_is_gone_from_its_expiry_on(bench: &impl Bench) {
    let store = bench.fresh().await;
    let (ticket, expiry) = (digest("ticket"), authorization("alice").expires_at);
    answer(store.begin_authorization(ticket, authorization("alice"))).await;

    assert!(
        answer(store.find_authorization(ticket, expiry.minus(TICK)))
            .await
            .is_some()
    );
    assert_eq!(answer(store.find_authorization(ticket, expiry)).await, None);
    let advance = answer(store.advance_authorization(ticket, at_step(1, "alice"), expiry)).await;
    assert_eq!(advance, Advance::Unknown);
    assert_eq!(
        answer(store.take_authorization(ticket, 0, expiry)).await,
        Taken::Unknown
    );
    let taken = answer(store.take_authorization(ticket, 0, expiry.minus(TICK))).await;
    assert!(
        matches!(taken, Taken::Taken(_)),
        "a millisecond earlier it is still there: {taken:?}"
    );
}

/// An advance replaces the authorization.
pub async fn an_advance_replaces_the_authorization(bench: &impl Bench) {
    let store = bench.fresh().await;
    let ticket = digest("ticket");
    answer(store.begin_authorization(ticket, authorization("alice"))).await;
    for step in 1..=3 {
        let next = at_step(step, &format!("user-{step}"));
        assert_eq!(
            answer(store.advance_authorization(ticket, next.clone(), NOW)).await,
            Advance::Advanced
        );
        assert_eq!(answer(store.find_authorization(ticket, NOW)).await, Some(next));
    }
}

/// An advance to any step but the next one is stale, and changes nothing.
pub async fn an_advance_from_another_step_is_stale(bench: &impl Bench) {
    let store = bench.fresh().await;
    let ticket = digest("ticket");
    answer(store.begin_authorization(ticket, at_step(5, "alice"))).await;
    for step in [0, 4, 5, 7, u64::MAX] {
        let advance = answer(store.advance_authorization(ticket, at_step(step, "mallory"), NOW)).await;
        assert_eq!(advance, Advance::Stale, "to step {step}");
    }
    assert_eq!(
        answer(store.find_authorization(ticket, NOW)).await,
        Some(at_step(5, "alice"))
    );
}

/// Of many who take the same step, one does; the others are stale, and the winner's record stands.
pub async fn one_of_many_advances_succeeds(bench: &impl Bench) {
    let store = bench.fresh().await;
    let ticket = digest("ticket");
    answer(store.begin_authorization(ticket, authorization("alice"))).await;
    let results = race(&store, move |store, number| async move {
        let next = at_step(1, &format!("user-{number}"));
        answer(store.advance_authorization(ticket, next, NOW)).await
    })
    .await;

    assert_eq!(count(&results, |result| *result == Advance::Advanced), 1);
    assert_eq!(count(&results, |result| *result == Advance::Stale), RUNNERS - 1);
    let winner = results
        .iter()
        .position(|result| *result == Advance::Advanced)
        .expect("a winner");
    let found = answer(store.find_authorization(ticket, NOW)).await;
    assert_eq!(found, Some(at_step(1, &format!("user-{winner}"))));
}

/// A take at another step is stale, and takes nothing.
pub async fn a_take_at_another_step_takes_nothing(bench: &impl Bench) {
    let store = bench.fresh().await;
    let ticket = digest("ticket");
    answer(store.begin_authorization(ticket, at_step(5, "alice"))).await;
    for step in [0, 4, 6, u64::MAX] {
        let taken = answer(store.take_authorization(ticket, step, NOW)).await;
        assert_eq!(taken, Taken::Stale, "at step {step}");
    }
    let taken = answer(store.take_authorization(ticket, 5, NOW)).await;
    assert_eq!(taken, Taken::Taken(Box::new(at_step(5, "alice"))));
}

/// Of many who take an authorization one gets it, whole; to the others it is unknown.
pub async fn one_of_many_takers_gets_the_authorization(bench: &impl Bench) {
    let store = bench.fresh().await;
    let ticket = digest("ticket");
    answer(store.begin_authorization(ticket, authorization("alice"))).await;
    let results = race(&store, move |store, _| async move {
        answer(store.take_authorization(ticket, 0, NOW)).await
    })
    .await;

    let whole = Taken::Taken(Box::new(authorization("alice")));
    assert_eq!(count(&results, |result| *result == whole), 1);
    assert_eq!(count(&results, |result| *result == Taken::Unknown), RUNNERS - 1);
}

/// What was taken is gone for every verb.
pub async fn what_was_taken_is_gone(bench: &impl Bench) {
    let store = bench.fresh().await;
    let (ticket, other) = (digest("ticket"), digest("other"));
    answer(store.begin_authorization(ticket, authorization("alice"))).await;
    answer(store.begin_authorization(other, authorization("bob"))).await;
    answer(store.take_authorization(ticket, 0, NOW)).await;

    assert_eq!(answer(store.find_authorization(ticket, NOW)).await, None);
    assert_eq!(
        answer(store.take_authorization(ticket, 0, NOW)).await,
        Taken::Unknown
    );
    let advance = answer(store.advance_authorization(ticket, at_step(1, "alice"), NOW)).await;
    assert_eq!(advance, Advance::Unknown);
    assert_eq!(
        answer(store.find_authorization(other, NOW)).await,
        Some(authorization("bob"))
    );
}

/// When some take a step and others take the authorization from before it, one of all of them succeeds.
pub async fn an_advance_and_a_take_of_one_step_do_not_both_succeed(bench: &impl Bench) {
    let store = bench.fresh().await;
    let ticket = digest("ticket");
    answer(store.begin_authorization(ticket, authorization("alice"))).await;
    let results = race(&store, move |store, number| async move {
        if number % 2 == 0 {
            let advance = answer(store.advance_authorization(ticket, at_step(1, "alice"), NOW)).await;
            advance == Advance::Advanced
        } else {
            matches!(
                answer(store.take_authorization(ticket, 0, NOW)).await,
                Taken::Taken(_)
            )
        }
    })
    .await;
    assert_eq!(count(&results, |succeeded| *succeeded), 1);
}
