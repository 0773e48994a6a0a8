//! Laws of logged-in browsers.

use crate::Bench;
use crate::ask::answer;
use crate::sample::{NOW, TICK, after, browser_login, digest};

/// A cookie that was never given out is nobody's.
pub async fn an_unknown_cookie_is_nobodys(bench: &impl Bench) {
    let store = bench.fresh().await;
    assert_eq!(
        answer(store.find_browser_login(digest("cookie"), NOW)).await,
        None
    );
    answer(store.end_browser_login(digest("cookie"))).await;
}

/// What was put is found under its cookie, field for field.
pub async fn what_was_put_is_found_as_it_was(bench: &impl Bench) {
    let store = bench.fresh().await;
    for user in ["alice", "bob"] {
        answer(store.put_browser_login(digest(user), browser_login(user))).await;
    }
    for user in ["alice", "bob"] {
        let found = answer(store.find_browser_login(digest(user), NOW)).await;
        assert_eq!(found, Some(browser_login(user)));
    }
}

/// At its expiry a login is gone; a millisecond before, it is there.
pub async fn a_login_is_gone_from_its_expiry_on(bench: &impl Bench) {
    let store = bench.fresh().await;
    answer(store.put_browser_login(digest("cookie"), browser_login("alice"))).await;
    let just = answer(store.find_browser_login(digest("cookie"), after(100).minus(TICK))).await;
    assert_eq!(just, Some(browser_login("alice")));
    assert_eq!(
        answer(store.find_browser_login(digest("cookie"), after(100))).await,
        None
    );
}

/// A login that was ended is gone, and no other.
pub async fn an_ended_login_is_gone(bench: &impl Bench) {
    let store = bench.fresh().await;
    for user in ["alice", "bob"] {
        answer(store.put_browser_login(digest(user), browser_login(user))).await;
    }
    for _ in 0..2 {
        answer(store.end_browser_login(digest("alice"))).await;
        assert_eq!(answer(store.find_browser_login(digest("alice"), NOW)).await, None);
    }
    let found = answer(store.find_browser_login(digest("bob"), NOW)).await;
    assert_eq!(found, Some(browser_login("bob")));
}
