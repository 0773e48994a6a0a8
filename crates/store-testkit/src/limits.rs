//! Laws of rate-limit cells.

use std::time::Duration;

use vestibule_broker::store::{Quota, Verdict};

use crate::Bench;
use crate::ask::{RUNNERS, answer, count, race};
use crate::sample::{NOW, TICK, after};

const QUOTA: Quota = Quota {
    burst: 5,
    per: Duration::from_secs(10),
};

/// A burst may come at once; what is more has to wait.
pub async fn a_burst_goes_and_no_more(bench: &impl Bench) {
    let store = bench.fresh().await;
    for event in 1..=QUOTA.burst {
        assert_eq!(
            answer(store.check_limit("cell", QUOTA, NOW)).await,
            Verdict::Go,
            "event {event}"
        );
    }
    let verdict = answer(store.check_limit("cell", QUOTA, NOW)).await;
    assert_eq!(verdict, Verdict::Wait(QUOTA.per));
}

/// However many come at once, as many go as the burst allows.
pub async fn of_many_at_once_a_burst_goes(bench: &impl Bench) {
    let store = bench.fresh().await;
    let results = race(&store, |store, _| async move {
        answer(store.check_limit("cell", QUOTA, NOW)).await
    })
    .await;
    assert_eq!(count(&results, |verdict| *verdict == Verdict::Go), 5);
    assert_eq!(
        count(&results, |verdict| *verdict == Verdict::Wait(QUOTA.per)),
        RUNNERS - 5
    );
}

/// After a burst one goes in each period: at its last millisecond none, at its end one.
pub async fn after_a_burst_one_goes_in_each_period(bench: &impl Bench) {
    let store = bench.fresh().await;
    for _ in 0..QUOTA.burst {
        answer(store.check_limit("cell", QUOTA, NOW)).await;
    }
    for period in 1..=3 {
        let end = after(10 * period);
        let early = answer(store.check_limit("cell", QUOTA, end.minus(TICK))).await;
        assert_eq!(early, Verdict::Wait(TICK), "period {period}");
        assert_eq!(
            answer(store.check_limit("cell", QUOTA, end)).await,
            Verdict::Go,
            "period {period}"
        );
    }
}

/// Who waits as long as they are told goes on; who comes a millisecond before is told to wait for it.
pub async fn the_wait_is_as_long_as_it_has_to_be(bench: &impl Bench) {
    let store = bench.fresh().await;
    let mut now = NOW;
    for _ in 0..QUOTA.burst {
        answer(store.check_limit("cell", QUOTA, now)).await;
        now = now + Duration::from_millis(777);
    }
    let verdict = answer(store.check_limit("cell", QUOTA, now)).await;
    let Verdict::Wait(wait) = verdict else {
        panic!("the cell is full, and says {verdict:?}")
    };
    assert_eq!(wait, Duration::from_millis(10_000 - 5 * 777));
    let early = answer(store.check_limit("cell", QUOTA, (now + wait).minus(TICK))).await;
    assert_eq!(early, Verdict::Wait(TICK));
    assert_eq!(
        answer(store.check_limit("cell", QUOTA, now + wait)).await,
        Verdict::Go
    );
}

/// Those who are told to wait do not make the wait longer.
pub async fn a_refused_event_does_not_count(bench: &impl Bench) {
    let store = bench.fresh().await;
    for _ in 0..QUOTA.burst + 20 {
        answer(store.check_limit("cell", QUOTA, NOW)).await;
    }
    let verdict = answer(store.check_limit("cell", QUOTA, NOW)).await;
    assert_eq!(verdict, Verdict::Wait(QUOTA.per));
}

/// A cell that was left alone for long enough takes a whole burst, and no more than that.
pub async fn a_cell_left_alone_takes_a_burst_again(bench: &impl Bench) {
    let store = bench.fresh().await;
    for now in [NOW, after(50), after(500)] {
        for event in 1..=QUOTA.burst {
            assert_eq!(
                answer(store.check_limit("cell", QUOTA, now)).await,
                Verdict::Go,
                "event {event}"
            );
        }
        let verdict = answer(store.check_limit("cell", QUOTA, now)).await;
        assert_eq!(verdict, Verdict::Wait(QUOTA.per));
    }
}

/// One full cell does not hold up another.
pub async fn cells_fill_each_for_itself(bench: &impl Bench) {
    let store = bench.fresh().await;
    let single = Quota {
        burst: 1,
        per: Duration::from_secs(60),
    };
    for cell in ["login:alice", "login:bob", "register:192.0.2.1"] {
        assert_eq!(
            answer(store.check_limit(cell, single, NOW)).await,
            Verdict::Go,
            "{cell}"
        );
        let verdict = answer(store.check_limit(cell, single, NOW)).await;
        assert_eq!(verdict, Verdict::Wait(single.per), "{cell}");
    }
}

/// A cell that was emptied takes a whole burst; clearing one that is empty is no error.
pub async fn a_cleared_cell_takes_a_burst_again(bench: &impl Bench) {
    let store = bench.fresh().await;
    answer(store.clear_limit("cell")).await;
    for _ in 0..=QUOTA.burst {
        answer(store.check_limit("cell", QUOTA, NOW)).await;
        answer(store.check_limit("other", QUOTA, NOW)).await;
    }
    answer(store.clear_limit("cell")).await;
    for event in 1..=QUOTA.burst {
        assert_eq!(
            answer(store.check_limit("cell", QUOTA, NOW)).await,
            Verdict::Go,
            "event {event}"
        );
    }
    let cleared = answer(store.check_limit("cell", QUOTA, NOW)).await;
    assert_eq!(cleared, Verdict::Wait(QUOTA.per));
    let other = answer(store.check_limit("other", QUOTA, NOW)).await;
    assert_eq!(other, Verdict::Wait(QUOTA.per), "the other cell was not cleared");
}
