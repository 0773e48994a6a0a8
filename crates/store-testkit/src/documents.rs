//! Laws of client metadata documents.

use std::collections::BTreeSet;
use std::sync::Arc;

use vestibule_broker::record::{ClientDocument, ReadDocument, Standing};
use vestibule_broker::store::{PageRequest, PageSize, Store};
use vestibule_protocol::Timestamp;

use crate::Bench;
use crate::ask::{answer, race};
use crate::sample::{NOW, TICK, after, client_id, document};

const APP: &str = "https://app.example/{client}.json";

async fn find(store: &Arc<dyn Store>, id: &str, now: Timestamp) -> Option<ClientDocument> {
    answer(store.find_document(&client_id(id), now)).await
}

/// What was put is found field for field, and hands itself back; another id is not touched.
pub async fn what_was_put_is_found_as_it_was(bench: &impl Bench) {
    let store = bench.fresh().await;
    assert_eq!(find(&store, APP, NOW).await, None);
    assert_eq!(
        answer(store.put_document(document(APP), NOW)).await,
        document(APP)
    );
    assert_eq!(find(&store, APP, NOW).await, Some(document(APP)));
    assert_eq!(find(&store, "https://app.example/{client}.jso", NOW).await, None);
}

/// At its expiry a document is gone, and so is the word on it.
pub async fn a_document_is_gone_from_its_expiry_on(bench: &impl Bench) {
    let store = bench.fresh().await;
    answer(store.put_document(document(APP), NOW)).await;
    answer(store.judge_document(&client_id(APP), Standing::Approved, after(100), NOW)).await;
    assert!(find(&store, APP, after(100).minus(TICK)).await.is_some());
    assert_eq!(find(&store, APP, after(100)).await, None);
    assert!(!answer(store.forget_document(&client_id(APP), after(100))).await);

    let again = ClientDocument {
        expires_at: after(300),
        ..document(APP)
    };
    assert_eq!(answer(store.put_document(again.clone(), after(100))).await, again);
}

/// Reading a document again replaces what it said, and never shortens its life.
pub async fn reading_again_replaces_what_it_said(bench: &impl Bench) {
    let store = bench.fresh().await;
    answer(store.put_document(document(APP), NOW)).await;
    let read = document(APP).read.map(|read| ReadDocument {
        read_at: after(50),
        fresh_until: after(60),
        ..read
    });
    let again = ClientDocument {
        read,
        expires_at: after(20),
        ..document(APP)
    };
    let filed = ClientDocument {
        expires_at: after(100),
        ..again.clone()
    };
    assert_eq!(answer(store.put_document(again, after(10))).await, filed);
    assert_eq!(find(&store, APP, after(99)).await, Some(filed));
}

/// The operator's word stays, whatever the document says later.
pub async fn reading_again_does_not_lift_the_operators_word(bench: &impl Bench) {
    let store = bench.fresh().await;
    answer(store.put_document(document(APP), NOW)).await;
    for standing in [Standing::Blocked, Standing::Approved, Standing::Usual] {
        answer(store.judge_document(&client_id(APP), standing, after(500), NOW)).await;
        let put = answer(store.put_document(document(APP), NOW)).await;
        let kept = ClientDocument {
            standing,
            expires_at: after(500),
            ..document(APP)
        };
        assert_eq!(put, kept);
        assert_eq!(find(&store, APP, after(499)).await, Some(kept));
    }
}

/// The operator's word may come before anybody has read the document.
pub async fn a_word_may_come_first(bench: &impl Bench) {
    let store = bench.fresh().await;
    answer(store.judge_document(&client_id(APP), Standing::Blocked, after(500), NOW)).await;
    let unread = ClientDocument {
        read: None,
        standing: Standing::Blocked,
        expires_at: after(500),
        ..document(APP)
    };
    assert_eq!(find(&store, APP, NOW).await, Some(unread));
    let put = answer(store.put_document(document(APP), NOW)).await;
    assert_eq!((put.standing, put.read), (Standing::Blocked, document(APP).read));
}

/// Of a reading and a word at the same time, both are kept.
pub async fn a_word_prevails_over_a_reading_at_the_same_time(bench: &impl Bench) {
    let store = bench.fresh().await;
    answer(store.put_document(document(APP), NOW)).await;
    race(&store, |store, number| async move {
        if number == 0 {
            answer(store.judge_document(&client_id(APP), Standing::Blocked, after(500), NOW)).await;
        } else {
            answer(store.put_document(document(APP), NOW)).await;
        }
    })
    .await;
    let found = find(&store, APP, NOW).await.expect("a document");
    assert_eq!(
        (found.standing, found.expires_at),
        (Standing::Blocked, after(500))
    );
    assert_eq!(found.read, document(APP).read);
}

/// A document that is forgotten is gone, with the word on it.
pub async fn a_forgotten_document_is_gone(bench: &impl Bench) {
    let store = bench.fresh().await;
    assert!(!answer(store.forget_document(&client_id(APP), NOW)).await);
    answer(store.put_document(document(APP), NOW)).await;
    answer(store.judge_document(&client_id(APP), Standing::Blocked, after(500), NOW)).await;
    assert!(answer(store.forget_document(&client_id(APP), NOW)).await);
    assert_eq!(find(&store, APP, NOW).await, None);
    assert_eq!(
        answer(store.put_document(document(APP), NOW)).await,
        document(APP)
    );
}

/// The pages of documents hold those that live, each once, and no registered client.
pub async fn the_pages_of_documents_hold_those_that_live(bench: &impl Bench) {
    let store = bench.fresh().await;
    let ids: BTreeSet<String> = (0..7)
        .map(|n| format!("https://app{n}.example/client.json"))
        .collect();
    for id in &ids {
        answer(store.put_document(document(id), NOW)).await;
    }
    answer(store.register_client(crate::sample::client("registered"), NOW)).await;
    let mut found = Vec::new();
    let mut after_mark = None;
    loop {
        let request = PageRequest {
            after: after_mark,
            size: PageSize::nearest(3),
        };
        let page = answer(store.list_documents(&request, NOW)).await.expect("a page");
        found.extend(page.records.into_iter().map(|document| document.id.to_string()));
        after_mark = page.next;
        if after_mark.is_none() {
            break;
        }
    }
    assert_eq!(found.len(), ids.len());
    assert_eq!(found.into_iter().collect::<BTreeSet<_>>(), ids);
}
