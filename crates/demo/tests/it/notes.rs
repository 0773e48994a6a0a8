//! Notes and whose they are.

use serde_json::{Value, json};
use vestibule_demo::{NotesError, NotesStore};

use crate::client::{Client, World};

async fn write(client: &Client<'_>, title: &str) -> Value {
    let arguments = json!({ "title": title, "content": format!("the content of {title}") });
    client
        .call("create_secure_note", arguments)
        .await
        .returned()
        .clone()
}

async fn titles(client: &Client<'_>) -> Vec<String> {
    let answer = client.call("list_secure_notes", json!({})).await;
    let notes = answer.returned()["notes"].as_array().unwrap().clone();
    notes
        .iter()
        .map(|note| note["title"].as_str().unwrap().to_owned())
        .collect()
}

async fn read(client: &Client<'_>, uri: &str) -> crate::client::Answer {
    client.request("resources/read", json!({ "uri": uri })).await
}

#[tokio::test]
async fn nobody_sees_another_users_notes() {
    let world = World::new().await;
    let (alice, bob) = (world.client("alice", ""), world.client("bob", ""));
    let note = write(&alice, "a secret").await;
    assert_eq!(titles(&alice).await, ["a secret"]);
    assert!(titles(&bob).await.is_empty());
    let uri = note["uri"].as_str().unwrap();
    assert!(
        read(&alice, uri).await.result()["contents"][0]["text"]
            .as_str()
            .unwrap()
            .contains("the content of a secret")
    );
    assert!(read(&bob, uri).await.error().is_object());
}

#[tokio::test]
async fn a_user_whose_name_begins_like_anothers_is_another() {
    let world = World::new().await;
    write(&world.client("ann", ""), "anns").await;
    assert!(titles(&world.client("an", "")).await.is_empty());
    assert!(titles(&world.client("anna", "")).await.is_empty());
}

#[tokio::test]
async fn notes_survive_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("notes.redb");
    {
        let world = World::with_notes(NotesStore::open(&file).unwrap()).await;
        let alice = world.client("alice", "");
        write(&alice, "before").await;
    }
    let world = World::with_notes(NotesStore::open(&file).unwrap()).await;
    let alice = world.client("alice", "");
    write(&alice, "after").await;
    assert_eq!(titles(&alice).await, ["before", "after"]);
}

#[test]
fn two_processes_cannot_have_the_same_notes() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("notes.redb");
    let _first = NotesStore::open(&file).unwrap();
    assert!(matches!(NotesStore::open(&file), Err(NotesError::Storage(_))));
}

#[cfg(unix)]
#[test]
fn only_its_owner_may_read_the_file() {
    use std::os::unix::fs::PermissionsExt;

    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("notes.redb");
    let _store = NotesStore::open(&file).unwrap();
    assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
}

#[tokio::test]
async fn the_resources_are_the_profile_and_the_notes() {
    let world = World::new().await;
    let alice = world.client("alice", "mcp:read");
    write(&alice, "one").await;
    write(&alice, "two").await;
    let listed = alice.request("resources/list", json!({})).await;
    let uris: Vec<_> = listed.result()["resources"]
        .as_array()
        .unwrap()
        .iter()
        .map(|resource| resource["uri"].clone())
        .collect();
    assert_eq!(uris, ["user://profile", "user://notes/1", "user://notes/2"]);
    let told = alice.call("list_available_resources", json!({})).await;
    assert_eq!(told.returned()["resources"], json!(uris));
    assert_eq!(listed.result()["cacheScope"], "private");
    let profile = read(&alice, "user://profile").await;
    assert!(
        profile.result()["contents"][0]["text"]
            .as_str()
            .unwrap()
            .contains("local:alice")
    );
    let templates = alice.request("resources/templates/list", json!({})).await;
    assert_eq!(
        templates.result()["resourceTemplates"][0]["uriTemplate"],
        "user://notes/{note_id}"
    );
}

#[tokio::test]
async fn what_is_no_resource_is_not_found() {
    let world = World::new().await;
    let alice = world.client("alice", "");
    for uri in [
        "user://notes/1",
        "user://notes/x",
        "user://notes/-1",
        "user://other",
        "file:///etc/passwd",
    ] {
        assert!(read(&alice, uri).await.error().is_object(), "{uri}");
    }
}

#[tokio::test]
async fn a_note_has_its_limits() {
    let world = World::new().await;
    let alice = world.client("alice", "");
    let long = json!({ "title": "t".repeat(201), "content": "" });
    assert_eq!(
        alice.call("create_secure_note", long).await.error()["code"],
        -32602
    );
    let long = json!({ "title": "t", "content": "c".repeat(64 * 1024 + 1) });
    assert_eq!(
        alice.call("create_secure_note", long).await.error()["code"],
        -32602
    );
    assert!(titles(&alice).await.is_empty());
}
