//! Laws of listings that come in pages.

use std::collections::BTreeSet;
use std::sync::Arc;

use vestibule_broker::record::{RegisteredClient, Session};
use vestibule_broker::store::{Cursor, Page, PageRequest, PageSize, SessionsOf, Store};
use vestibule_protocol::Timestamp;

use crate::Bench;
use crate::ask::{RUNNERS, answer, race};
use crate::rotation::rotate;
use crate::sample::{NOW, after, client, client_id, session, session_id, subject};
use crate::sessions::open;

/// More pages than a listing of a few records has, however a store cuts it.
const ENDLESS: usize = 20_000;

const SIZES: [usize; 3] = [1, 3, 500];

fn first(size: usize) -> PageRequest {
    PageRequest {
        after: None,
        size: PageSize::nearest(size),
    }
}

/// Turns the pages to the last one.
async fn leaf_through<T>(size: usize, mut turn: impl AsyncFnMut(PageRequest) -> Option<Page<T>>) -> Vec<T> {
    let mut records = Vec::new();
    let mut request = first(size);
    for _ in 0..ENDLESS {
        let page = turn(request.clone()).await.expect("a page");
        records.extend(page.records);
        if page.next.is_none() {
            return records;
        }
        request.after = page.next;
    }
    panic!("the listing does not end");
}

async fn clients(store: &Arc<dyn Store>, size: usize, now: Timestamp) -> BTreeSet<String> {
    let turn = async |page: PageRequest| answer(store.list_clients(&page, now)).await;
    let listed = leaf_through(size, turn).await;
    listed.iter().map(|client| client.id.to_string()).collect()
}

async fn sessions(store: &Arc<dyn Store>, of: &SessionsOf, size: usize, now: Timestamp) -> BTreeSet<String> {
    let turn = async |page: PageRequest| answer(store.list_sessions(of, &page, now)).await;
    let listed = leaf_through(size, turn).await;
    listed.iter().map(|session| session.id.to_string()).collect()
}

fn named(names: impl IntoIterator<Item = impl ToString>) -> BTreeSet<String> {
    names.into_iter().map(|name| name.to_string()).collect()
}

/// Where there is nothing, the first page is the last, or leads to it.
pub async fn an_empty_listing_has_an_end(bench: &impl Bench) {
    let store = bench.fresh().await;
    assert_eq!(clients(&store, 10, NOW).await, BTreeSet::new());
    for of in [
        SessionsOf::Anybody,
        SessionsOf::User(subject("alice")),
        SessionsOf::Client(client_id("c")),
    ] {
        assert_eq!(sessions(&store, &of, 10, NOW).await, BTreeSet::new());
    }
}

/// The clients are those that live, blocked or not, however large the pages are; each is as it stands.
pub async fn the_pages_of_clients_hold_those_that_live(bench: &impl Bench) {
    let store = bench.fresh().await;
    let ids: Vec<String> = (0..10).map(|number| format!("client-{number}")).collect();
    for id in &ids {
        answer(store.register_client(client(id), NOW)).await;
    }
    for (id, expires_at) in [("brief", after(10)), ("deleted", after(100))] {
        let client = RegisteredClient {
            expires_at,
            ..client(id)
        };
        answer(store.register_client(client, NOW)).await;
    }
    answer(store.block_client(&client_id("client-3"), true, NOW)).await;
    answer(store.touch_client(&client_id("client-4"), after(500), NOW)).await;
    answer(store.delete_client(&client_id("deleted"), NOW)).await;
    for size in SIZES {
        assert_eq!(
            clients(&store, size, NOW).await,
            named(ids.iter().map(String::as_str).chain(["brief"]))
        );
        assert_eq!(clients(&store, size, after(10)).await, named(&ids));
        assert_eq!(clients(&store, size, after(100)).await, named(["client-4"]));
    }
    let turn = async |page: PageRequest| answer(store.list_clients(&page, NOW)).await;
    let listed = leaf_through(500, turn).await;
    let blocked = RegisteredClient {
        blocked: true,
        ..client("client-3")
    };
    assert!(listed.contains(&blocked));
    assert!(listed.contains(&client("client-5")));
}

/// The sessions of everybody, of a user and of a client are those that live, however large the pages are.
pub async fn the_pages_of_sessions_hold_those_that_live(bench: &impl Bench) {
    let store = bench.fresh().await;
    for number in 0..6 {
        open(&store, session(&format!("a-{number}"), "alice", "c")).await;
        open(&store, session(&format!("b-{number}"), "bob", "c")).await;
        open(&store, session(&format!("d-{number}"), "alice", "d")).await;
    }
    let brief = Session {
        idle_until: after(10),
        ..session("brief", "alice", "c")
    };
    open(&store, brief).await;
    answer(store.end_session(&session_id("a-0"), after(600), NOW)).await;
    answer(store.end_session(&session_id("b-1"), after(600), NOW)).await;
    let of = |initials: &'static str| {
        initials
            .chars()
            .flat_map(|initial| (0..6).map(move |number| format!("{initial}-{number}")))
            .filter(|id| id != "a-0" && id != "b-1")
    };
    for size in SIZES {
        for (whose, expected) in [
            (SessionsOf::Anybody, named(of("abd"))),
            (SessionsOf::User(subject("alice")), named(of("ad"))),
            (SessionsOf::User(subject("bob")), named(of("b"))),
            (SessionsOf::User(subject("carol")), BTreeSet::new()),
            (SessionsOf::Client(client_id("c")), named(of("ab"))),
            (SessionsOf::Client(client_id("d")), named(of("d"))),
        ] {
            assert_eq!(
                sessions(&store, &whose, size, after(10)).await,
                expected,
                "{whose:?}, pages of {size}"
            );
        }
        assert!(
            sessions(&store, &SessionsOf::Anybody, size, NOW)
                .await
                .contains("brief")
        );
    }
    let turn = async |page: PageRequest| answer(store.list_sessions(&SessionsOf::Anybody, &page, NOW)).await;
    assert!(
        leaf_through(500, turn)
            .await
            .contains(&session("d-0", "alice", "d"))
    );
}

/// What lives from the first page to the last is in one of them, although it is used while they are turned.
pub async fn a_session_in_use_is_not_passed_over(bench: &impl Bench) {
    for of in [
        SessionsOf::Anybody,
        SessionsOf::User(subject("alice")),
        SessionsOf::Client(client_id("c")),
    ] {
        let store = bench.fresh().await;
        let ids: Vec<String> = (0..12).map(|number| format!("s-{number}")).collect();
        for id in &ids {
            open(&store, session(id, "alice", "c")).await;
        }
        let mut uses = (0..).map(|turn: usize| (turn % ids.len(), (turn / ids.len()) as u64));
        let turn = async |page: PageRequest| {
            let page = answer(store.list_sessions(&of, &page, NOW)).await;
            // Each turn uses one session and opens another.
            if let Some((number, generation)) = uses.next()
                && let Some(id) = ids.get(number)
                && generation < 2
            {
                rotate(&store, id, generation, after(generation)).await;
                open(
                    &store,
                    session(&format!("new-{number}-{generation}"), "alice", "c"),
                )
                .await;
            }
            page
        };
        let listed = leaf_through(2, turn).await;
        let listed = named(listed.iter().map(|session| session.id.as_str()));
        assert!(listed.is_superset(&named(&ids)), "{of:?}: {listed:?}");
    }
}

/// What is registered and opened at once is listed.
pub async fn what_came_at_once_is_all_listed(bench: &impl Bench) {
    let store = bench.fresh().await;
    race(&store, |store, number| async move {
        let id = format!("of-{number}");
        answer(store.register_client(client(&id), NOW)).await;
        open(&store, session(&id, "alice", &id)).await;
    })
    .await;
    let all = named((0..RUNNERS).map(|number| format!("of-{number}")));
    assert_eq!(clients(&store, 10, NOW).await, all);
    assert_eq!(sessions(&store, &SessionsOf::Anybody, 10, NOW).await, all);
    assert_eq!(
        sessions(&store, &SessionsOf::User(subject("alice")), 10, NOW).await,
        all
    );
}

/// A mark that the store does not make starts no page, rather than the listing anew.
pub async fn a_foreign_mark_starts_no_page(bench: &impl Bench) {
    let store = bench.fresh().await;
    answer(store.register_client(client("c"), NOW)).await;
    open(&store, session("s", "alice", "c")).await;
    for mark in ["", "not a mark of any store", "\u{1f510}"] {
        let page = PageRequest {
            after: Some(Cursor::new(mark)),
            ..first(10)
        };
        assert_eq!(answer(store.list_clients(&page, NOW)).await, None, "{mark:?}");
        for of in [
            SessionsOf::Anybody,
            SessionsOf::User(subject("alice")),
            SessionsOf::Client(client_id("c")),
        ] {
            assert_eq!(
                answer(store.list_sessions(&of, &page, NOW)).await,
                None,
                "{mark:?}"
            );
        }
    }
}
