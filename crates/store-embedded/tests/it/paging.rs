//! A page costs what it holds, however much there is.

use vestibule_broker::record::Session;
use vestibule_broker::store::{PageRequest, PageSize, Sessions, SessionsOf};
use vestibule_store_embedded::Embedded;
use vestibule_store_testkit::sample::{NOW, after, client_id, session, subject};

#[tokio::test]
async fn a_page_is_no_longer_than_was_asked_for() {
    let store = Embedded::in_memory();
    for number in 0..1200 {
        let session = session(&format!("s-{number}"), "alice", "c");
        store.open_session(session, NOW).await.unwrap();
    }
    for of in [
        SessionsOf::Anybody,
        SessionsOf::User(subject("alice")),
        SessionsOf::Client(client_id("c")),
    ] {
        for (asked, pages) in [(100, vec![100; 12]), (100_000, vec![500, 500, 200])] {
            let mut request = PageRequest {
                after: None,
                size: PageSize::nearest(asked),
            };
            let mut sizes = Vec::new();
            loop {
                let page = store.list_sessions(&of, &request, NOW).await.unwrap().unwrap();
                sizes.push(page.records.len());
                assert!(sizes.len() <= pages.len(), "{of:?}: {sizes:?}");
                match page.next {
                    Some(next) => request.after = Some(next),
                    None => break,
                }
            }
            assert_eq!(sizes, pages, "{of:?}");
        }
    }
}

#[tokio::test]
async fn what_has_expired_counts_towards_the_work_of_a_page() {
    let store = Embedded::in_memory();
    for number in 0..600 {
        let session = Session {
            idle_until: after(10),
            ..session(&format!("s-{number}"), "alice", "c")
        };
        store.open_session(session, NOW).await.unwrap();
    }
    let request = PageRequest {
        after: None,
        size: PageSize::LARGEST,
    };
    let page = store
        .list_sessions(&SessionsOf::Anybody, &request, after(10))
        .await;
    let page = page.unwrap().unwrap();
    assert!(page.records.is_empty() && page.next.is_some(), "{page:?}");
}
