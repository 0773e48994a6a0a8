//! Laws of authorization codes.

use vestibule_broker::record::CodeGrant;
use vestibule_broker::store::Redeemed;

use crate::Bench;
use crate::ask::{RUNNERS, answer, count, race};
use crate::sample::{NOW, TICK, after, code_grant, digest, session_id};

fn fresh(grant: CodeGrant) -> Redeemed {
    Redeemed::Fresh(Box::new(grant))
}

fn replayed(session: &str) -> Redeemed {
    Redeemed::Replayed(session_id(session))
}

/// A code that was never issued is unknown, now and when it is tried again.
pub async fn a_code_that_was_never_issued_is_unknown(bench: &impl Bench) {
    let store = bench.fresh().await;
    for _ in 0..2 {
        let redeemed = answer(store.redeem_code(digest("code"), after(600), NOW)).await;
        assert_eq!(redeemed, Redeemed::Unknown);
    }
}

/// The first redemption hands over the grant, field for field.
pub async fn the_first_redemption_hands_over_the_grant(bench: &impl Bench) {
    let store = bench.fresh().await;
    for session in ["one", "two"] {
        answer(store.issue_code(digest(session), code_grant(session))).await;
    }
    for session in ["two", "one"] {
        let redeemed = answer(store.redeem_code(digest(session), after(600), NOW)).await;
        assert_eq!(redeemed, fresh(code_grant(session)));
    }
}

/// Every later redemption is a replay, and names the session that has to end.
pub async fn every_later_redemption_is_a_replay(bench: &impl Bench) {
    let store = bench.fresh().await;
    answer(store.issue_code(digest("code"), code_grant("session"))).await;
    answer(store.redeem_code(digest("code"), after(600), NOW)).await;
    for _ in 0..3 {
        let redeemed = answer(store.redeem_code(digest("code"), after(600), NOW)).await;
        assert_eq!(redeemed, replayed("session"));
    }
}

/// Of many who redeem a code, one gets the grant; to all others it is a replay.
pub async fn one_of_many_redemptions_gets_the_grant(bench: &impl Bench) {
    let store = bench.fresh().await;
    answer(store.issue_code(digest("code"), code_grant("session"))).await;
    let results = race(&store, |store, _| async move {
        answer(store.redeem_code(digest("code"), after(600), NOW)).await
    })
    .await;
    assert_eq!(
        count(&results, |result| *result == fresh(code_grant("session"))),
        1
    );
    assert_eq!(
        count(&results, |result| *result == replayed("session")),
        RUNNERS - 1
    );
}

/// At its expiry an unredeemed code is unknown; a millisecond before, it is good.
pub async fn a_code_is_unknown_from_its_expiry_on(bench: &impl Bench) {
    let store = bench.fresh().await;
    let expiry = code_grant("session").expires_at;
    answer(store.issue_code(digest("late"), code_grant("session"))).await;
    answer(store.issue_code(digest("just"), code_grant("session"))).await;

    let late = answer(store.redeem_code(digest("late"), after(600), expiry)).await;
    assert_eq!(late, Redeemed::Unknown);
    let just = answer(store.redeem_code(digest("just"), after(600), expiry.minus(TICK))).await;
    assert_eq!(just, fresh(code_grant("session")));
}

/// The tombstone outlives the code's own expiry, up to its own last millisecond.
pub async fn a_replay_is_known_after_the_code_has_expired(bench: &impl Bench) {
    let store = bench.fresh().await;
    answer(store.issue_code(digest("code"), code_grant("session"))).await;
    answer(store.redeem_code(digest("code"), after(600), after(30))).await;
    for now in [after(60), after(61), after(600).minus(TICK)] {
        let redeemed = answer(store.redeem_code(digest("code"), after(700), now)).await;
        assert_eq!(redeemed, replayed("session"), "at {now:?}");
    }
}

/// A replay tells nothing to the holder of another code.
pub async fn a_replay_touches_no_other_code(bench: &impl Bench) {
    let store = bench.fresh().await;
    answer(store.issue_code(digest("code"), code_grant("session"))).await;
    answer(store.issue_code(digest("other"), code_grant("another"))).await;
    for _ in 0..2 {
        answer(store.redeem_code(digest("code"), after(600), NOW)).await;
    }
    let redeemed = answer(store.redeem_code(digest("other"), after(600), NOW)).await;
    assert_eq!(redeemed, fresh(code_grant("another")));
}
