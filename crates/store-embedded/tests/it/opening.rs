//! What is opened and what is refused, and why.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use redb::{Database, TableDefinition};
use tempfile::TempDir;
use vestibule_broker::store::{Clients, Codes, Sessions};
use vestibule_store_embedded::{Embedded, OpenError};
use vestibule_store_testkit::sample::{NOW, client, client_id, code_grant, digest, session, session_id};

fn place() -> (TempDir, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("store.redb");
    (directory, file)
}

/// A store with a client, a code and a session in it.
async fn fill(file: &Path) {
    let store = Embedded::open(file).unwrap();
    store.register_client(client("c"), NOW).await.unwrap();
    store.issue_code(digest("code"), code_grant("s")).await.unwrap();
    store.open_session(session("s", "alice", "c"), NOW).await.unwrap();
    store.close().await.unwrap();
}

fn mode(file: &Path) -> u32 {
    fs::metadata(file).unwrap().permissions().mode() & 0o777
}

/// Writes a row past the store.
fn tamper(file: &Path, table: &str, key: &str, value: &str) {
    let database = Database::open(file).unwrap();
    let transaction = database.begin_write().unwrap();
    let table = TableDefinition::<&[u8], &[u8]>::new(table);
    transaction
        .open_table(table)
        .unwrap()
        .insert(key.as_bytes(), value.as_bytes())
        .unwrap();
    transaction.commit().unwrap();
}

#[tokio::test]
async fn a_store_that_is_open_is_not_opened_again() {
    let (_directory, file) = place();
    let store = Embedded::open(&file).unwrap();
    let refused = Embedded::open(&file).unwrap_err();
    assert!(matches!(refused, OpenError::InUse { .. }));
    assert!(
        refused
            .to_string()
            .contains("is in use by another process; stop that one first"),
        "{refused}"
    );
    drop(store);
    Embedded::open(&file).unwrap();
}

#[tokio::test]
async fn a_closed_store_is_opened_again_while_its_handle_lives() {
    let (_directory, file) = place();
    let store = Embedded::open(&file).unwrap();
    store.close().await.unwrap();
    Embedded::open(&file).unwrap();
}

#[test]
fn a_file_that_is_something_else_is_refused_and_left_alone() {
    let (_directory, file) = place();
    let letter = "Dear reader,\n".repeat(1000);
    fs::write(&file, &letter).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    let before = mode(&file);
    let refused = Embedded::open(&file).unwrap_err();
    assert!(matches!(refused, OpenError::Foreign { .. }), "{refused:?}");
    assert_eq!(fs::read_to_string(&file).unwrap(), letter);
    assert_eq!(mode(&file), before);
}

#[test]
fn a_place_that_cannot_be_written_is_named() {
    let (directory, _) = place();
    for nowhere in [
        directory.path().join("missing/store.redb"),
        directory.path().to_owned(),
    ] {
        let refused = Embedded::open(&nowhere).unwrap_err();
        assert!(matches!(refused, OpenError::Inaccessible { .. }), "{refused:?}");
        assert!(
            refused.to_string().contains(nowhere.to_str().unwrap()),
            "{refused}"
        );
    }
}

#[tokio::test]
async fn a_newer_versions_store_is_refused() {
    let (_directory, file) = place();
    fill(&file).await;
    let database = Database::open(&file).unwrap();
    let transaction = database.begin_write().unwrap();
    transaction
        .open_table(TableDefinition::<&str, u64>::new("about"))
        .unwrap()
        .insert("schema", 2)
        .unwrap();
    transaction.commit().unwrap();
    drop(database);

    let refused = Embedded::open(&file).unwrap_err();
    assert!(
        matches!(
            refused,
            OpenError::Newer {
                found: 2,
                known: 1,
                ..
            }
        ),
        "{refused:?}"
    );
}

#[tokio::test]
async fn a_file_format_of_old_is_refused() {
    let (_directory, file) = place();
    fill(&file).await;
    let mut bytes = fs::read(&file).unwrap();
    // The first byte of each of the two commit slots is the format's version.
    for slot in [64, 192] {
        assert_eq!(bytes[slot], 3);
        bytes[slot] = 2;
    }
    fs::write(&file, bytes).unwrap();
    let refused = Embedded::open(&file).unwrap_err();
    assert!(
        matches!(refused, OpenError::Outdated { format: 2, .. }),
        "{refused:?}"
    );
}

#[tokio::test]
async fn a_row_that_cannot_be_read_is_named_and_not_dropped() {
    let another = serde_json::to_string(&session("another", "alice", "c")).unwrap();
    let oversized = format!("\"{}\"", " ".repeat(1 << 20));
    let cases = [
        (
            "sessions",
            "\"s\"",
            "{}",
            "the record is malformed: missing field",
        ),
        (
            "sessions",
            "\"s\"",
            &another,
            "the record belongs under another key",
        ),
        ("sessions", "not json", &another, "the key is malformed"),
        (
            "codes",
            "\"c2hvcnQ\"",
            "{}",
            "the key is malformed: a digest has 32 bytes",
        ),
        ("clients", "\"c\"", &oversized, "it has 1048581 bytes"),
        (
            "status_bits",
            "[0,1]",
            "[5]",
            "the record belongs under another key",
        ),
        ("sessoins", "\"s\"", "{}", "there should be no such table"),
    ];
    for (table, key, value, complaint) in cases {
        let (_directory, file) = place();
        fill(&file).await;
        tamper(&file, table, key, value);
        let refused = Embedded::open(&file).unwrap_err();
        let sentence = refused.to_string();
        assert!(
            sentence.contains(&format!("in table {table} under key {key}: {complaint}")),
            "{sentence}"
        );
        assert!(matches!(refused, OpenError::Row { .. }), "{refused:?}");
    }
}

#[tokio::test]
async fn the_file_is_its_owners_alone() {
    let (_directory, file) = place();
    drop(Embedded::open(&file).unwrap());
    assert_eq!(mode(&file), 0o600);
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    drop(Embedded::open(&file).unwrap());
    assert_eq!(mode(&file), 0o600, "one that was too open is closed");
}

#[tokio::test]
async fn a_store_that_is_dropped_has_written_everything() {
    let (_directory, file) = place();
    let store = Embedded::open(&file).unwrap();
    store.open_session(session("s", "alice", "c"), NOW).await.unwrap();
    drop(store);
    let store = Embedded::open(&file).unwrap();
    let found = store.find_session(&session_id("s"), NOW).await.unwrap();
    assert_eq!(found, Some(session("s", "alice", "c")));
}

#[tokio::test]
async fn a_store_that_has_become_empty_gives_its_space_back() {
    let (_directory, file) = place();
    let store = Embedded::open(&file).unwrap();
    for number in 0..300 {
        let id = format!("{number}-{}", "x".repeat(1500));
        store.register_client(client(&id), NOW).await.unwrap();
        store.delete_client(&client_id(&id), NOW).await.unwrap();
        if number % 3 == 0 {
            store.register_client(client(&id), NOW).await.unwrap();
        }
    }
    let before = fs::metadata(&file).unwrap().len();
    store
        .sweep(NOW + std::time::Duration::from_secs(100))
        .await
        .unwrap();
    store.close().await.unwrap();
    let after = fs::metadata(&file).unwrap().len();
    assert!(after < before / 2, "{before} bytes before, {after} after");
}
