//! Laws of devices that wait for somebody.

use vestibule_broker::store::{DeviceBegun, DeviceDecided, DeviceDecision, Polled, SLOWEST};

use crate::Bench;
use crate::ask::{RUNNERS, answer, count, race};
use crate::sample::{NOW, TICK, after, client_id, device, device_approval, digest, session_id};

fn approve(session: &str) -> DeviceDecision {
    DeviceDecision::Approve(Box::new(device_approval(session)))
}

fn granted(code: &str, session: &str) -> Polled {
    Polled::Granted(Box::new(device(code)), Box::new(device_approval(session)))
}

/// A user code that no device has leads nowhere, for every verb.
pub async fn an_unknown_user_code_leads_nowhere(bench: &impl Bench) {
    let store = bench.fresh().await;
    let (user, walk) = (digest("user"), digest("walk"));
    assert_eq!(answer(store.enter_device(user, walk, NOW)).await, None);
    let decided = answer(store.decide_device(user, walk, approve("s"), NOW)).await;
    assert_eq!(decided, DeviceDecided::Unknown);
    let polled = answer(store.poll_device(user, digest("code"), NOW)).await;
    assert_eq!(polled, Polled::Unknown);
}

/// What was begun is found by its user code, field for field.
pub async fn what_was_begun_is_found_as_it_was(bench: &impl Bench) {
    let store = bench.fresh().await;
    for code in ["one", "two"] {
        let begun = answer(store.begin_device(digest(code), device(code), NOW)).await;
        assert_eq!(begun, DeviceBegun::Begun);
    }
    for code in ["two", "one", "two"] {
        let found = answer(store.enter_device(digest(code), digest("walk"), NOW)).await;
        assert_eq!(found, Some(device(code)));
    }
}

/// A user code is one device's for as long as that is remembered; of many who want it, one gets it.
pub async fn a_user_code_is_one_devices(bench: &impl Bench) {
    let store = bench.fresh().await;
    let results = race(&store, |store, number| async move {
        let code = format!("code {number}");
        answer(store.begin_device(digest("user"), device(&code), NOW)).await
    })
    .await;
    assert_eq!(count(&results, |result| *result == DeviceBegun::Begun), 1);
    let forgotten_at = device("code").forgotten_at;
    for (now, expected) in [
        (forgotten_at.minus(TICK), DeviceBegun::Taken),
        (forgotten_at, DeviceBegun::Begun),
    ] {
        let begun = answer(store.begin_device(digest("user"), device("next"), now)).await;
        assert_eq!(begun, expected, "at {now:?}");
    }
}

/// Who holds another device code learns nothing and takes nothing.
pub async fn another_device_code_gets_nothing(bench: &impl Bench) {
    let store = bench.fresh().await;
    let (user, walk) = (digest("user"), digest("walk"));
    answer(store.begin_device(user, device("code"), NOW)).await;
    answer(store.enter_device(user, walk, NOW)).await;
    let other = answer(store.poll_device(user, digest("other"), NOW)).await;
    assert_eq!(other, Polled::Unknown);
    answer(store.decide_device(user, walk, approve("s"), NOW)).await;
    let other = answer(store.poll_device(user, digest("other"), NOW)).await;
    assert_eq!(other, Polled::Unknown);
    let polled = answer(store.poll_device(user, digest("code"), NOW)).await;
    assert_eq!(polled, granted("code", "s"));
}

/// A device that polls too early has to wait longer from then on, up to a bound; one that waits does not.
pub async fn a_device_that_polls_too_early_is_slowed_down(bench: &impl Bench) {
    let store = bench.fresh().await;
    answer(store.begin_device(digest("user"), device("code"), NOW)).await;
    // The interval of the sample is four seconds.
    let early = [
        (0, Polled::Pending),
        (4, Polled::Pending),
        (7, Polled::SlowDown),
        (15, Polled::SlowDown),
        (29, Polled::Pending),
        (42, Polled::SlowDown),
    ];
    for (second, expected) in early {
        let polled = answer(store.poll_device(digest("user"), digest("code"), after(second))).await;
        assert_eq!(polled, expected, "after {second} s");
    }
    for _ in 0..20 {
        let polled = answer(store.poll_device(digest("user"), digest("code"), after(43))).await;
        assert_eq!(polled, Polled::SlowDown);
    }
    let patient = after(43 + SLOWEST / 1000);
    let polled = answer(store.poll_device(digest("user"), digest("code"), patient)).await;
    assert_eq!(polled, Polled::Pending);
}

/// Of many polls at the same moment, one comes in time.
pub async fn one_of_many_polls_comes_in_time(bench: &impl Bench) {
    let store = bench.fresh().await;
    answer(store.begin_device(digest("user"), device("code"), NOW)).await;
    let results = race(&store, |store, _| async move {
        answer(store.poll_device(digest("user"), digest("code"), NOW)).await
    })
    .await;
    assert_eq!(count(&results, |result| *result == Polled::Pending), 1);
    assert_eq!(count(&results, |result| *result == Polled::SlowDown), RUNNERS - 1);
}

/// Only the walk that entered the code last decides, and nobody decides for a device whose code nobody entered.
pub async fn only_the_bound_walk_decides(bench: &impl Bench) {
    let store = bench.fresh().await;
    let (user, first, second) = (digest("user"), digest("first"), digest("second"));
    answer(store.begin_device(user, device("code"), NOW)).await;
    let decided = answer(store.decide_device(user, first, approve("s"), NOW)).await;
    assert_eq!(decided, DeviceDecided::Stale);
    answer(store.enter_device(user, first, NOW)).await;
    answer(store.enter_device(user, second, NOW)).await;
    let decided = answer(store.decide_device(user, first, approve("s"), NOW)).await;
    assert_eq!(decided, DeviceDecided::Stale);
    let polled = answer(store.poll_device(user, digest("code"), NOW)).await;
    assert_eq!(polled, Polled::Pending);
    let decided = answer(store.decide_device(user, second, approve("t"), NOW)).await;
    assert_eq!(decided, DeviceDecided::Decided);
    let polled = answer(store.poll_device(user, digest("code"), NOW)).await;
    assert_eq!(polled, granted("code", "t"));
}

/// A decision is final: it is not taken again, and the code is not entered again.
pub async fn a_decision_is_final(bench: &impl Bench) {
    let store = bench.fresh().await;
    let walk = digest("walk");
    for (user, decision) in [("approved", approve("s")), ("denied", DeviceDecision::Deny)] {
        let user = digest(user);
        answer(store.begin_device(user, device("code"), NOW)).await;
        answer(store.enter_device(user, walk, NOW)).await;
        let decided = answer(store.decide_device(user, walk, decision, NOW)).await;
        assert_eq!(decided, DeviceDecided::Decided);
        for decision in [approve("t"), DeviceDecision::Deny] {
            let decided = answer(store.decide_device(user, walk, decision, NOW)).await;
            assert_eq!(decided, DeviceDecided::Stale);
        }
        assert_eq!(answer(store.enter_device(user, digest("late"), NOW)).await, None);
    }
    for _ in 0..2 {
        let polled = answer(store.poll_device(digest("denied"), digest("code"), NOW)).await;
        assert_eq!(polled, Polled::Denied);
    }
}

/// Of many decisions of one walk, one stands.
pub async fn one_of_many_decisions_stands(bench: &impl Bench) {
    let store = bench.fresh().await;
    let (user, walk) = (digest("user"), digest("walk"));
    answer(store.begin_device(user, device("code"), NOW)).await;
    answer(store.enter_device(user, walk, NOW)).await;
    let results = race(&store, move |store, number| async move {
        let decision = match number % 2 {
            0 => approve(&format!("s{number}")),
            _ => DeviceDecision::Deny,
        };
        answer(store.decide_device(user, walk, decision, NOW)).await
    })
    .await;
    assert_eq!(count(&results, |result| *result == DeviceDecided::Decided), 1);
    let winner = results
        .iter()
        .position(|result| *result == DeviceDecided::Decided);
    let winner = winner.expect("a winner");
    let polled = answer(store.poll_device(user, digest("code"), NOW)).await;
    let expected = match winner % 2 {
        0 => granted("code", &format!("s{winner}")),
        _ => Polled::Denied,
    };
    assert_eq!(polled, expected);
}

/// What was granted is handed over once, whole; every later poll names the session that has to end.
pub async fn what_was_granted_is_handed_over_once(bench: &impl Bench) {
    let store = bench.fresh().await;
    let (user, walk) = (digest("user"), digest("walk"));
    answer(store.begin_device(user, device("code"), NOW)).await;
    answer(store.enter_device(user, walk, NOW)).await;
    answer(store.decide_device(user, walk, approve("s"), NOW)).await;
    let results = race(&store, move |store, _| async move {
        answer(store.poll_device(user, digest("code"), NOW)).await
    })
    .await;
    let spent = Polled::Spent(session_id("s"));
    assert_eq!(count(&results, |result| *result == granted("code", "s")), 1);
    assert_eq!(count(&results, |result| *result == spent), RUNNERS - 1);
    let late = device("code").forgotten_at.minus(TICK);
    assert_eq!(answer(store.poll_device(user, digest("code"), late)).await, spent);
    assert_eq!(answer(store.enter_device(user, walk, NOW)).await, None);
}

/// From its expiry on nobody enters a code or decides, and the device is told so until it is forgotten.
pub async fn a_device_is_expired_and_then_forgotten(bench: &impl Bench) {
    let store = bench.fresh().await;
    let walk = digest("walk");
    let (expiry, forgotten_at) = (device("code").expires_at, device("code").forgotten_at);
    for user in ["waiting", "approved"] {
        answer(store.begin_device(digest(user), device("code"), NOW)).await;
        let just = answer(store.enter_device(digest(user), walk, expiry.minus(TICK))).await;
        assert!(just.is_some(), "a millisecond before it is there");
    }
    answer(store.decide_device(digest("approved"), walk, approve("s"), NOW)).await;
    assert_eq!(
        answer(store.enter_device(digest("waiting"), walk, expiry)).await,
        None
    );
    let decided = answer(store.decide_device(digest("waiting"), walk, approve("s"), expiry)).await;
    assert_eq!(decided, DeviceDecided::Unknown);
    for user in ["waiting", "approved"] {
        for now in [expiry, forgotten_at.minus(TICK)] {
            let polled = answer(store.poll_device(digest(user), digest("code"), now)).await;
            assert_eq!(polled, Polled::Expired, "{user}");
        }
        let polled = answer(store.poll_device(digest(user), digest("code"), forgotten_at)).await;
        assert_eq!(polled, Polled::Unknown, "{user}");
    }
}

/// One device's life touches no other's.
pub async fn devices_live_each_for_itself(bench: &impl Bench) {
    let store = bench.fresh().await;
    let walk = digest("walk");
    let mut other = device("code");
    other.client_id = client_id("another-client");
    answer(store.begin_device(digest("one"), device("code"), NOW)).await;
    answer(store.begin_device(digest("two"), other.clone(), NOW)).await;
    for user in ["one", "two"] {
        answer(store.enter_device(digest(user), walk, NOW)).await;
    }
    answer(store.decide_device(digest("one"), walk, DeviceDecision::Deny, NOW)).await;
    let polled = answer(store.poll_device(digest("two"), digest("code"), NOW)).await;
    assert_eq!(polled, Polled::Pending);
    answer(store.decide_device(digest("two"), walk, approve("s"), NOW)).await;
    let polled = answer(store.poll_device(digest("two"), digest("code"), NOW)).await;
    let whole = Polled::Granted(Box::new(other), Box::new(device_approval("s")));
    assert_eq!(polled, whole);
}
