use std::time::Duration;

use tempfile::TempDir;

use super::*;

fn server(text: &str) -> McpUrl {
    McpUrl::parse(text).unwrap()
}

fn entry(access: &str) -> Entry {
    let entry = serde_json::json!({
        "server": "https://mcp.example/mcp",
        "resource": "https://mcp.example/mcp",
        "issuer": "https://as.example",
        "token_endpoint": "https://as.example/token",
        "client": {"id": "c", "secret": "client-secret", "method": "client_secret_basic"},
        "way": {"person": "loopback"},
        "proof_key": "proof-secret",
        "tokens": {"access": access, "refresh": "refresh-secret", "scope": "mcp:read"},
    });
    serde_json::from_value(entry).unwrap()
}

#[tokio::test]
async fn what_was_put_is_found_and_what_was_forgotten_is_not() {
    let home = TempDir::new().unwrap();
    let store = TokenStore::in_directory(home.path().join("a/b"));
    let server = server("https://mcp.example/mcp");
    assert!(store.find(&server).unwrap().is_none());
    let lock = store.lock(&server, Duration::ZERO).await.unwrap();
    for access in ["one", "two"] {
        store.put(&entry(access), &lock).unwrap();
        assert_eq!(
            store.find(&server).unwrap().unwrap().tokens.access.expose(),
            access
        );
    }
    store.forget(&server, &lock).unwrap();
    store.forget(&server, &lock).unwrap();
    assert!(store.find(&server).unwrap().is_none());
}

#[tokio::test]
async fn each_server_has_an_entry_of_its_own_whatever_its_slash() {
    let store = TokenStore::in_directory("/x");
    let name = |text| store.path(&server(text), "json");
    assert_eq!(name("https://mcp.example/mcp"), name("https://mcp.example/mcp/"));
    assert_eq!(
        name("https://mcp.example/mcp"),
        name("HTTPS://MCP.example:443/mcp")
    );
    assert_ne!(name("https://mcp.example/mcp"), name("https://mcp.example/other"));
    assert_ne!(
        name("https://mcp.example/mcp"),
        name("https://mcp.example:8443/mcp")
    );
    assert!(
        name("https://[::1]/../../etc/passwd")
            .parent()
            .unwrap()
            .ends_with("x")
    );
}

#[tokio::test]
async fn a_draft_left_behind_by_a_crash_is_in_nobodys_way() {
    let home = TempDir::new().unwrap();
    let store = TokenStore::in_directory(home.path());
    let server = server("https://mcp.example/mcp");
    fs::write(store.path(&server, "new"), "half an ent").unwrap();
    let lock = store.lock(&server, Duration::ZERO).await.unwrap();
    store.put(&entry("one"), &lock).unwrap();
    let mode = fs::metadata(store.path(&server, "json"))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[tokio::test]
async fn an_open_folder_is_closed_to_others() {
    let home = TempDir::new().unwrap();
    fs::set_permissions(home.path(), Permissions::from_mode(0o755)).unwrap();
    let store = TokenStore::in_directory(home.path());
    store
        .lock(&server("https://mcp.example/mcp"), Duration::ZERO)
        .await
        .unwrap();
    assert_eq!(
        fs::metadata(home.path()).unwrap().permissions().mode() & 0o777,
        0o700
    );
}

#[tokio::test]
async fn a_second_holder_waits_and_does_not_wait_for_ever() {
    let home = TempDir::new().unwrap();
    let store = TokenStore::in_directory(home.path());
    let server = server("https://mcp.example/mcp");
    let lock = store.lock(&server, Duration::ZERO).await.unwrap();
    let busy = store.lock(&server, Duration::from_millis(50)).await.unwrap_err();
    assert!(matches!(busy, StoreError::Busy { .. }), "{busy}");
    drop(lock);
    store.lock(&server, Duration::ZERO).await.unwrap();
}

#[test]
fn a_damaged_file_is_named_and_not_quoted() {
    let home = TempDir::new().unwrap();
    let store = TokenStore::in_directory(home.path());
    let server = server("https://mcp.example/mcp");
    fs::write(
        store.path(&server, "json"),
        r#"{"tokens": {"access": "top-secret"}}"#,
    )
    .unwrap();
    let error = store.find(&server).unwrap_err();
    assert!(
        error.to_string().contains("delete it and log in again"),
        "{error}"
    );
    assert!(!format!("{error} {error:?}").contains("top-secret"));
}

#[test]
fn an_entry_is_debugged_without_its_secrets() {
    let debug = format!("{:?}", entry("access-secret"));
    assert!(debug.contains("as.example"), "{debug}");
    for secret in ["access-secret", "refresh-secret", "client-secret", "proof-secret"] {
        assert!(!debug.contains(secret), "{debug}");
    }
}

#[test]
fn the_folder_is_below_the_users_config_folder() {
    let of = |xdg: Option<&str>, home: Option<&str>| {
        TokenStore::of_user(xdg.map(OsStr::new), home.map(OsStr::new)).map(|store| store.directory)
    };
    assert_eq!(
        of(Some("/c"), Some("/h")).unwrap(),
        Path::new("/c/vestibule/servers")
    );
    assert_eq!(
        of(None, Some("/h")).unwrap(),
        Path::new("/h/.config/vestibule/servers")
    );
    assert_eq!(
        of(Some("relative"), Some("/h")).unwrap(),
        Path::new("/h/.config/vestibule/servers")
    );
    assert!(matches!(of(Some(""), Some("")), Err(StoreError::NoFolder)));
}
