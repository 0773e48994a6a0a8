//! Laws of logins at providers.

use std::collections::BTreeSet;
use std::sync::Arc;

use vestibule_broker::record::{Called, UpstreamId, UpstreamLogin, UpstreamState, Vouched};
use vestibule_broker::store::{Claimed, Settlement, Store};
use vestibule_protocol::{ProviderId, Timestamp};

use crate::Bench;
use crate::ask::{RUNNERS, answer, count, race};
use crate::sample::{NOW, TICK, after, sealed, subject, upstream, upstream_id};

async fn put(store: &Arc<dyn Store>, login: UpstreamLogin) {
    answer(store.put_upstream(login)).await;
}

async fn find(store: &Arc<dyn Store>, id: &str, now: Timestamp) -> Option<UpstreamLogin> {
    answer(store.find_upstream(&upstream_id(id), now)).await
}

async fn claim(store: &Arc<dyn Store>, id: &str, now: Timestamp) -> Claimed {
    answer(store.claim_upstream(&upstream_id(id), now + LEASE, now)).await
}

async fn settle(
    store: &Arc<dyn Store>,
    id: &str,
    version: u64,
    settlement: Settlement,
    now: Timestamp,
) -> bool {
    answer(store.settle_upstream(&upstream_id(id), version, settlement, now)).await
}

const LEASE: std::time::Duration = std::time::Duration::from_secs(20);

fn standing(kept: &str, check_due: Timestamp) -> Settlement {
    Settlement::Standing {
        kept: Some(sealed(kept)),
        check_due,
    }
}

/// Claims a login that is due, and says at which version.
async fn granted(store: &Arc<dyn Store>, id: &str, now: Timestamp) -> u64 {
    match claim(store, id, now).await {
        Claimed::Granted(login) => vouched(&login).version,
        other => panic!("not granted: {other:?}"),
    }
}

fn vouched(login: &UpstreamLogin) -> &Vouched {
    login.vouched().expect("a login that stands")
}

fn ids(logins: &[UpstreamLogin]) -> BTreeSet<UpstreamId> {
    logins.iter().map(|login| login.id.clone()).collect()
}

fn sid(name: &str) -> Called {
    Called::Sid(name.to_owned())
}

fn sub(name: &str) -> Called {
    Called::Sub(name.to_owned())
}

async fn called(store: &Arc<dyn Store>, provider: &ProviderId, name: Called) -> BTreeSet<UpstreamId> {
    ids(&answer(store.upstreams_called(provider, &name, NOW)).await)
}

fn named(ids: &[&str]) -> BTreeSet<UpstreamId> {
    ids.iter().map(|id| upstream_id(id)).collect()
}

/// A login that was never put is not there, and counts as ended.
pub async fn an_unknown_login_counts_as_ended(bench: &impl Bench) {
    let store = bench.fresh().await;
    assert_eq!(find(&store, "u", NOW).await, None);
    assert_eq!(claim(&store, "u", NOW).await, Claimed::Ended);
    assert!(!settle(&store, "u", 0, standing("new", after(50)), NOW).await);
    assert!(!answer(store.hold_upstream(&upstream_id("u"), after(50), NOW)).await);
    assert_eq!(answer(store.end_upstream(&upstream_id("u"), NOW)).await, None);
    assert_eq!(find(&store, "u", NOW).await, None);
}

/// What was put is found under its id, field for field.
pub async fn what_was_put_is_found_as_it_was(bench: &impl Bench) {
    let store = bench.fresh().await;
    for id in ["u", "v"] {
        put(&store, upstream(id, "alice")).await;
    }
    for id in ["u", "v"] {
        assert_eq!(find(&store, id, NOW).await, Some(upstream(id, "alice")));
    }
}

/// At its expiry a login is gone; a millisecond before, it is there.
pub async fn a_login_is_gone_from_its_expiry_on(bench: &impl Bench) {
    let store = bench.fresh().await;
    put(&store, upstream("u", "alice")).await;
    assert!(find(&store, "u", after(1000).minus(TICK)).await.is_some());
    assert_eq!(find(&store, "u", after(1000)).await, None);
    assert_eq!(claim(&store, "u", after(1000)).await, Claimed::Ended);
    assert!(!answer(store.hold_upstream(&upstream_id("u"), after(2000), after(1000))).await);
}

/// A login is kept for as long as something stands on it, and never for less than before.
pub async fn holding_a_login_keeps_it_and_never_shortens_its_life(bench: &impl Bench) {
    let store = bench.fresh().await;
    put(&store, upstream("u", "alice")).await;
    for until in [after(1500), after(500)] {
        assert!(answer(store.hold_upstream(&upstream_id("u"), until, NOW)).await);
    }
    let kept = find(&store, "u", after(1499)).await;
    assert_eq!(kept.map(|login| login.expires_at), Some(after(1500)));
}

/// Before its time nobody has to ask, and nothing changes.
pub async fn a_claim_before_its_time_is_not_due(bench: &impl Bench) {
    let store = bench.fresh().await;
    put(&store, upstream("u", "alice")).await;
    let early = claim(&store, "u", after(100).minus(TICK)).await;
    assert_eq!(early, Claimed::NotDue(Box::new(upstream("u", "alice"))));
    assert_eq!(find(&store, "u", NOW).await, Some(upstream("u", "alice")));
}

/// Of many who would ask at once, one does.
pub async fn one_of_many_claims_is_granted(bench: &impl Bench) {
    let store = bench.fresh().await;
    put(&store, upstream("u", "alice")).await;
    let results = race(
        &store,
        |store, _| async move { claim(&store, "u", after(100)).await },
    )
    .await;
    assert_eq!(count(&results, |result| matches!(result, Claimed::Granted(_))), 1);
    assert_eq!(
        count(&results, |result| matches!(result, Claimed::Busy(_))),
        RUNNERS - 1
    );
}

/// A claim that was not settled is free again when its time is over.
pub async fn a_claim_that_was_not_settled_is_free_again(bench: &impl Bench) {
    let store = bench.fresh().await;
    put(&store, upstream("u", "alice")).await;
    let first = granted(&store, "u", after(100)).await;
    let busy = claim(&store, "u", after(120).minus(TICK)).await;
    assert!(matches!(busy, Claimed::Busy(_)), "{busy:?}");
    let second = granted(&store, "u", after(120)).await;
    assert!(second > first);
}

/// A settlement replaces what is kept, notes when, and is not due again until it says.
pub async fn a_settlement_replaces_what_is_kept(bench: &impl Bench) {
    let store = bench.fresh().await;
    put(&store, upstream("u", "alice")).await;
    let version = granted(&store, "u", after(100)).await;
    assert!(settle(&store, "u", version, standing("new", after(300)), after(101)).await);
    let login = find(&store, "u", after(101)).await.expect("a login");
    let now = vouched(&login);
    assert_eq!(
        (&now.kept, now.checked_at, now.check_due),
        (&sealed("new"), after(101), after(300))
    );
    assert_eq!((now.failing_since, now.claimed_until), (None, None));
    let next = claim(&store, "u", after(300).minus(TICK)).await;
    assert!(matches!(next, Claimed::NotDue(_)), "{next:?}");

    let version = granted(&store, "u", after(300)).await;
    let unchanged = Settlement::Standing {
        kept: None,
        check_due: after(500),
    };
    assert!(settle(&store, "u", version, unchanged, after(301)).await);
    let login = find(&store, "u", after(301)).await.expect("a login");
    assert_eq!(vouched(&login).kept, sealed("new"));
}

/// Who has lost the claim, or has settled it, settles nothing.
pub async fn a_settlement_of_a_lost_claim_changes_nothing(bench: &impl Bench) {
    let store = bench.fresh().await;
    put(&store, upstream("u", "alice")).await;
    let lost = granted(&store, "u", after(100)).await;
    let held = granted(&store, "u", after(120)).await;
    assert!(!settle(&store, "u", lost, standing("lost", after(900)), after(121)).await);
    assert!(settle(&store, "u", held, standing("held", after(300)), after(121)).await);
    for version in [lost, held] {
        assert!(!settle(&store, "u", version, standing("late", after(900)), after(122)).await);
    }
    let login = find(&store, "u", after(122)).await.expect("a login");
    assert_eq!(vouched(&login).kept, sealed("held"));
}

/// Of many who settle one claim, one does.
pub async fn one_of_many_settlements_is_written(bench: &impl Bench) {
    let store = bench.fresh().await;
    put(&store, upstream("u", "alice")).await;
    let version = granted(&store, "u", after(100)).await;
    let results = race(&store, move |store, number| async move {
        let kept = standing(&format!("k{number}"), after(300));
        settle(&store, "u", version, kept, after(101)).await
    })
    .await;
    assert_eq!(count(&results, |written| *written), 1);
}

/// An outage is counted from its first failure, until the provider answers.
pub async fn an_outage_is_counted_from_its_first_failure(bench: &impl Bench) {
    let store = bench.fresh().await;
    put(&store, upstream("u", "alice")).await;
    for (at, next) in [(100, 160), (160, 220)] {
        let version = granted(&store, "u", after(at)).await;
        let failing = Settlement::Failing {
            kept: None,
            check_due: after(next),
        };
        assert!(settle(&store, "u", version, failing, after(at)).await);
        let login = find(&store, "u", after(at)).await.expect("a login");
        let now = vouched(&login);
        assert_eq!((now.failing_since, now.checked_at), (Some(after(100)), NOW));
        assert_eq!(now.kept, sealed("kept"));
    }
    let version = granted(&store, "u", after(220)).await;
    assert!(settle(&store, "u", version, standing("new", after(300)), after(220)).await);
    let login = find(&store, "u", after(220)).await.expect("a login");
    assert_eq!(vouched(&login).failing_since, None);
}

/// What a provider keeps may change though its answer proves nothing, and the outage counts on.
pub async fn a_failure_may_replace_what_is_kept(bench: &impl Bench) {
    let store = bench.fresh().await;
    put(&store, upstream("u", "alice")).await;
    let version = granted(&store, "u", after(100)).await;
    let failing = Settlement::Failing {
        kept: Some(sealed("new")),
        check_due: after(160),
    };
    assert!(settle(&store, "u", version, failing, after(100)).await);
    let login = find(&store, "u", after(101)).await.expect("a login");
    let now = vouched(&login);
    assert_eq!(now.kept, sealed("new"));
    assert_eq!((now.failing_since, now.checked_at), (Some(after(100)), NOW));
}

/// A login that has ended stays so, is still found, and keeps nothing that could be used.
pub async fn an_ended_login_stays_ended(bench: &impl Bench) {
    let store = bench.fresh().await;
    put(&store, upstream("u", "alice")).await;
    let version = granted(&store, "u", after(100)).await;
    let ended = answer(store.end_upstream(&upstream_id("u"), after(101))).await;
    assert_eq!(ended.map(|login| login.id), Some(upstream_id("u")));
    assert!(!settle(&store, "u", version, standing("new", after(300)), after(102)).await);
    assert!(!answer(store.hold_upstream(&upstream_id("u"), after(2000), after(102))).await);
    assert_eq!(claim(&store, "u", after(200)).await, Claimed::Ended);
    let found = find(&store, "u", after(200)).await.expect("a tombstone");
    assert_eq!(found.state, UpstreamState::Ended);
    assert_eq!(
        answer(store.end_upstream(&upstream_id("u"), after(200))).await,
        None
    );
}

/// Of many who end a login, one gets its record.
pub async fn one_of_many_who_end_a_login_gets_its_record(bench: &impl Bench) {
    let store = bench.fresh().await;
    put(&store, upstream("u", "alice")).await;
    let results = race(&store, |store, _| async move {
        answer(store.end_upstream(&upstream_id("u"), NOW)).await
    })
    .await;
    assert_eq!(count(&results, Option::is_some), 1);
}

/// Whoever settles at the same time, an end prevails.
pub async fn an_end_prevails_over_a_settlement_at_the_same_time(bench: &impl Bench) {
    let store = bench.fresh().await;
    put(&store, upstream("u", "alice")).await;
    let version = granted(&store, "u", after(100)).await;
    race(&store, move |store, number| async move {
        if number == 0 {
            answer(store.end_upstream(&upstream_id("u"), after(101))).await;
        } else {
            settle(&store, "u", version, standing("new", after(300)), after(101)).await;
        }
    })
    .await;
    let found = find(&store, "u", after(102)).await.expect("a tombstone");
    assert_eq!(found.state, UpstreamState::Ended);
}

/// A user's logins are those that stand, and nobody else's.
pub async fn the_logins_of_a_user_are_those_that_stand(bench: &impl Bench) {
    let store = bench.fresh().await;
    for (id, user) in [("a1", "alice"), ("a2", "alice"), ("a3", "alice"), ("b1", "bob")] {
        put(&store, upstream(id, user)).await;
    }
    let brief = UpstreamLogin {
        expires_at: after(10),
        ..upstream("brief", "alice")
    };
    put(&store, brief).await;
    answer(store.end_upstream(&upstream_id("a2"), NOW)).await;
    let all = answer(store.upstreams_of_user(&subject("alice"), NOW)).await;
    assert_eq!(all.len(), 3, "none is listed twice");
    assert_eq!(ids(&all), named(&["a1", "a3", "brief"]));
    let left = answer(store.upstreams_of_user(&subject("alice"), after(10))).await;
    assert_eq!(ids(&left), named(&["a1", "a3"]));
}

/// A provider's name for a login finds the logins of that provider alone.
pub async fn a_sid_is_that_of_one_provider_alone(bench: &impl Bench) {
    let store = bench.fresh().await;
    let with = |id: &str, sid: Option<&str>| UpstreamLogin {
        sid: sid.map(str::to_owned),
        ..upstream(id, "alice")
    };
    let other = ProviderId::parse("other").expect("a provider id");
    let elsewhere = UpstreamLogin {
        provider: other.clone(),
        ..with("elsewhere", Some("one"))
    };
    for login in [
        with("u1", Some("one")),
        with("u2", Some("one")),
        with("u3", Some("two")),
        with("u4", None),
        elsewhere,
    ] {
        put(&store, login).await;
    }
    let provider = upstream("u", "alice").provider;
    assert_eq!(called(&store, &provider, sid("one")).await, named(&["u1", "u2"]));
    assert_eq!(called(&store, &other, sid("one")).await, named(&["elsewhere"]));
    assert!(called(&store, &provider, sid("")).await.is_empty());
    assert!(called(&store, &provider, sub("one")).await.is_empty());
}

/// A provider's name for a user finds the logins of all users whom it calls so, at that provider alone.
pub async fn what_a_provider_calls_a_user_finds_all_of_the_users_logins(bench: &impl Bench) {
    let store = bench.fresh().await;
    for (id, user) in [("a1", "alice"), ("a2", "alice"), ("b1", "bob")] {
        put(&store, upstream(id, user)).await;
    }
    let nameless = UpstreamLogin {
        sub: None,
        ..upstream("a3", "alice")
    };
    put(&store, nameless).await;
    let provider = upstream("u", "alice").provider;
    assert_eq!(
        called(&store, &provider, sub("sub of alice")).await,
        named(&["a1", "a2"])
    );
    assert!(called(&store, &provider, sid("sub of alice")).await.is_empty());
    let other = ProviderId::parse("other").expect("a provider id");
    assert!(called(&store, &other, sub("sub of alice")).await.is_empty());
}

/// Until its expiry a login that has ended is found by its names, so that whoever was interrupted when ending it can go on.
pub async fn an_ended_login_is_found_by_its_names(bench: &impl Bench) {
    let store = bench.fresh().await;
    put(&store, upstream("u", "alice")).await;
    answer(store.end_upstream(&upstream_id("u"), NOW)).await;
    let provider = upstream("u", "alice").provider;
    for name in [sid("sid of u"), sub("sub of alice")] {
        let found = answer(store.upstreams_called(&provider, &name, after(1000).minus(TICK))).await;
        assert_eq!(ids(&found), named(&["u"]));
        assert!(found.iter().all(|login| login.state == UpstreamState::Ended));
        let late = answer(store.upstreams_called(&provider, &name, after(1000))).await;
        assert!(late.is_empty());
    }
}
