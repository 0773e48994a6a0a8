//! What has expired goes, from memory and from the file, and nothing else does.

use std::path::Path;

use redb::{
    Database, ReadableDatabase as _, ReadableTableMetadata as _, TableDefinition, TableError,
    TableHandle as _,
};
use vestibule_broker::record::{BrowserLogin, Session};
use vestibule_broker::store::{
    Authorizations, BrowserLogins, Clients, Codes, Consents, Keys, Redeemed, Sessions, StatusLists,
};
use vestibule_store_embedded::Embedded;
use vestibule_store_testkit::sample::{
    NOW, TERMS, TICK, after, authorization, browser_login, client, client_id, code_grant, consent_key,
    digest, scopes, sealed, session, session_id, subject,
};

/// How many rows each table of the file has, by name; tables without any are left out.
fn rows(file: &Path) -> Vec<(String, u64)> {
    let database = Database::open(file).unwrap();
    let transaction = database.begin_read().unwrap();
    let names: Vec<String> = transaction
        .list_tables()
        .unwrap()
        .map(|table| table.name().to_owned())
        .collect();
    let count = |name: String| match transaction.open_table(TableDefinition::<&[u8], &[u8]>::new(&name)) {
        Ok(table) => Some((name, table.len().unwrap())),
        Err(TableError::TableTypeMismatch { .. }) => None,
        Err(error) => panic!("{error}"),
    };
    names
        .into_iter()
        .filter_map(count)
        .filter(|(_, rows)| *rows > 0)
        .collect()
}

fn counts(expected: &[(&str, u64)]) -> Vec<(String, u64)> {
    expected
        .iter()
        .map(|(name, rows)| ((*name).to_owned(), *rows))
        .collect()
}

#[tokio::test]
async fn what_has_expired_goes_from_the_file_too() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("store.redb");
    let store = Embedded::open(&file).unwrap();
    store
        .begin_authorization(digest("ticket"), authorization("alice"))
        .await
        .unwrap();
    store
        .put_browser_login(digest("cookie"), browser_login("alice"))
        .await
        .unwrap();
    store.register_client(client("c"), NOW).await.unwrap();
    store
        .issue_code(digest("unredeemed"), code_grant("s"))
        .await
        .unwrap();
    store
        .issue_code(digest("redeemed"), code_grant("s"))
        .await
        .unwrap();
    store
        .redeem_code(digest("redeemed"), after(600), NOW)
        .await
        .unwrap();
    store.open_session(session("s", "alice", "c"), NOW).await.unwrap();
    store
        .end_session(&session_id("ended"), after(600), NOW)
        .await
        .unwrap();
    store
        .grant_consent(consent_key("alice", "c", "files.example"), scopes("mcp:read"))
        .await
        .unwrap();
    store.swap_keys(None, sealed("keys")).await.unwrap();
    let status = store.allot_status(after(10)).await.unwrap();
    store.set_status(status).await.unwrap();

    store.sweep(after(600).minus(TICK)).await.unwrap();
    let redeemed = store
        .redeem_code(digest("redeemed"), after(600), after(599))
        .await
        .unwrap();
    assert_eq!(redeemed, Redeemed::Replayed(session_id("s")));
    store.close().await.unwrap();
    let stays = [
        ("consents", 1),
        ("keys", 1),
        ("status_bits", 1),
        ("status_lists", 1),
    ];
    let short = [
        ("authorizations", 1),
        ("codes", 1),
        ("consents", 1),
        ("ended_sessions", 1),
    ];
    assert_eq!(rows(&file), counts(&[&short[..], &stays[1..]].concat()));

    let store = Embedded::open(&file).unwrap();
    store.sweep(after(600)).await.unwrap();
    store.close().await.unwrap();
    assert_eq!(rows(&file), counts(&stays));
}

#[tokio::test]
async fn what_was_renewed_stays_until_its_new_end() {
    let store = Embedded::in_memory();
    store.open_session(session("s", "alice", "c"), NOW).await.unwrap();
    store.register_client(client("c"), NOW).await.unwrap();
    store
        .rotate_session(&session_id("s"), 0, TERMS, after(90))
        .await
        .unwrap();
    store
        .touch_client(&client_id("c"), after(190), after(90))
        .await
        .unwrap();

    for sweep in [after(100), after(150), after(190).minus(TICK)] {
        store.sweep(sweep).await.unwrap();
        assert!(
            store
                .find_session(&session_id("s"), sweep)
                .await
                .unwrap()
                .is_some()
        );
        assert!(store.find_client(&client_id("c"), sweep).await.unwrap().is_some());
    }
    store.sweep(after(190)).await.unwrap();
    assert_eq!(
        store.find_session(&session_id("s"), NOW).await.unwrap(),
        None,
        "even an older clock finds it gone"
    );
    assert_eq!(store.find_client(&client_id("c"), NOW).await.unwrap(), None);
}

#[tokio::test]
async fn what_was_cut_short_goes_at_its_new_end() {
    let store = Embedded::in_memory();
    store
        .put_browser_login(digest("cookie"), browser_login("alice"))
        .await
        .unwrap();
    let shorter = BrowserLogin {
        expires_at: after(10),
        ..browser_login("alice")
    };
    store.put_browser_login(digest("cookie"), shorter).await.unwrap();
    store.sweep(after(10)).await.unwrap();
    assert_eq!(
        store.find_browser_login(digest("cookie"), NOW).await.unwrap(),
        None
    );
}

#[tokio::test]
async fn one_sweep_takes_everything_that_is_due_however_much_it_is() {
    let directory = tempfile::tempdir().unwrap();
    let store = Embedded::open(&directory.path().join("store.redb")).unwrap();
    let (gone, kept) = (1500, 5);
    let all = (0..gone + kept).map(|number| {
        let idle_until = if number < gone { after(10) } else { after(100) };
        store.open_session(
            Session {
                idle_until,
                ..session(&format!("s-{number}"), "alice", "c")
            },
            NOW,
        )
    });
    for opened in futures_util::future::join_all(all).await {
        opened.unwrap();
    }
    let before = store.flushes();
    store.sweep(after(10)).await.unwrap();
    assert_eq!(
        store
            .sessions_of_user(&subject("alice"), NOW)
            .await
            .unwrap()
            .len(),
        kept
    );
    assert_eq!(
        store.flushes() - before,
        3,
        "three slices of five hundred and twelve"
    );
}
