//! Laws of who has which sessions.

use std::collections::BTreeSet;

use vestibule_broker::record::Session;
use vestibule_protocol::SessionId;

use crate::Bench;
use crate::ask::{RUNNERS, answer, race};
use crate::rotation::rotate;
use crate::sample::{NOW, after, client_id, session, session_id, subject};
use crate::sessions::open;

fn ids(sessions: &[Session]) -> BTreeSet<SessionId> {
    sessions.iter().map(|session| session.id.clone()).collect()
}

fn named(ids: &[&str]) -> BTreeSet<SessionId> {
    ids.iter().map(|id| session_id(id)).collect()
}

/// A user's sessions are those that live, and nobody else's; each is as it stands.
pub async fn the_sessions_of_a_user_are_those_that_live(bench: &impl Bench) {
    let store = bench.fresh().await;
    for (id, user, client) in [
        ("a1", "alice", "c"),
        ("a2", "alice", "c"),
        ("a3", "alice", "d"),
        ("b1", "bob", "c"),
    ] {
        open(&store, session(id, user, client)).await;
    }
    open(
        &store,
        Session {
            idle_until: after(10),
            ..session("brief", "alice", "c")
        },
    )
    .await;
    rotate(&store, "a1", 0, NOW).await;
    let all = answer(store.sessions_of_user(&subject("alice"), NOW)).await;
    assert_eq!(all.len(), 4, "none is listed twice");
    assert_eq!(ids(&all), named(&["a1", "a2", "a3", "brief"]));

    answer(store.end_session(&session_id("a2"), after(600), NOW)).await;
    let left = answer(store.sessions_of_user(&subject("alice"), after(10))).await;
    assert_eq!(ids(&left), named(&["a1", "a3"]));
    let rotated = left.iter().find(|session| session.id == session_id("a1"));
    assert_eq!(rotated.map(|session| session.generation), Some(1));
    assert_eq!(
        ids(&answer(store.sessions_of_user(&subject("bob"), NOW)).await),
        named(&["b1"])
    );
}

/// A client's sessions are those that live, and no other client's.
pub async fn the_sessions_of_a_client_are_those_that_live(bench: &impl Bench) {
    let store = bench.fresh().await;
    for (id, user, client) in [
        ("c1", "alice", "c"),
        ("c2", "bob", "c"),
        ("c3", "bob", "c"),
        ("d1", "alice", "d"),
    ] {
        open(&store, session(id, user, client)).await;
    }
    answer(store.end_session(&session_id("c2"), after(600), NOW)).await;
    let left = answer(store.sessions_of_client(&client_id("c"), NOW)).await;
    assert_eq!(left.len(), 2, "none is listed twice");
    assert_eq!(ids(&left), named(&["c1", "c3"]));
    assert_eq!(
        ids(&answer(store.sessions_of_client(&client_id("d"), NOW)).await),
        named(&["d1"])
    );
}

/// Sessions that are opened at once are all listed.
pub async fn sessions_opened_at_once_are_all_listed(bench: &impl Bench) {
    let store = bench.fresh().await;
    race(&store, |store, number| async move {
        open(&store, session(&format!("s-{number}"), "alice", "c")).await;
    })
    .await;
    let of_user = answer(store.sessions_of_user(&subject("alice"), NOW)).await;
    let of_client = answer(store.sessions_of_client(&client_id("c"), NOW)).await;
    assert_eq!(ids(&of_user).len(), RUNNERS);
    assert_eq!(ids(&of_client).len(), RUNNERS);
}
