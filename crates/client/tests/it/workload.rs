//! Workloads, which come in with what their platform says of them.

use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};
use vestibule_client::{CallError, ClientCredential, Entrance, Logout, UnattendedLogin};

use crate::world::{KeyPair, Twist, World, known, no_arguments, unattended};

fn workload(file: &Path) -> UnattendedLogin {
    unattended(Entrance::Workload {
        token_file: file.to_owned(),
        client: None,
    })
}

fn token(audience: &Value) -> String {
    KeyPair::generate().sign(&json!({"iss": "https://platform.example", "sub": "web", "aud": audience}))
}

async fn refused(world: &World, file: &Path) -> String {
    let login = world
        .client()
        .login_unattended(&world.server, &workload(file))
        .await;
    assert!(world.ledger.requests("token").is_empty());
    login.unwrap_err().to_string()
}

#[tokio::test]
async fn a_token_for_others_is_shown_to_nobody() {
    let world = World::good().await;
    let ours = world.ledger.origin().to_owned();
    for audience in [
        json!("https://kubernetes.default.svc"),
        json!([ours, "https://kubernetes.default.svc"]),
        json!([]),
        json!(format!("{ours}/token")),
        Value::Null,
    ] {
        let file = world.write("token", &token(&audience));
        let sentence = refused(&world, &file).await;
        assert!(
            sentence.contains("(aud), and is not shown to"),
            "{audience}: {sentence}"
        );
    }
}

#[tokio::test]
async fn a_file_with_something_else_is_shown_to_nobody() {
    let world = World::good().await;
    for text in ["", "password", &KeyPair::generate().pem()] {
        let file = world.write("token", text);
        let sentence = refused(&world, &file).await;
        assert!(sentence.contains("is no signed JWT"), "{sentence}");
    }
    let sentence = refused(&world, Path::new("/nowhere/token")).await;
    assert!(sentence.contains("/nowhere/token cannot be read"), "{sentence}");
}

/// SEP-1933: whoever is refused neither tries again nor tries another grant.
#[tokio::test]
async fn a_workload_that_is_refused_gives_up() {
    let world = World::with([Twist::RefreshRefused]).await;
    let file = world.write("token", &token(&json!(world.ledger.origin())));
    let login = world
        .client()
        .login_unattended(&world.server, &workload(&file))
        .await;
    let sentence = login.unwrap_err().to_string();
    assert!(sentence.contains("invalid_grant"), "{sentence}");
    assert_eq!(world.ledger.requests("token").len(), 1);
    assert!(world.file().is_none());
}

#[tokio::test]
async fn a_workload_needs_no_client_and_asks_again_with_what_its_platform_has_put_there() {
    let world = World::good().await;
    let tokens = [(), ()].map(|()| token(&json!(world.ledger.origin())));
    let file = world.write("token", &format!("{}\n", tokens[0]));
    let client = world.client();
    let login = client
        .login_unattended(&world.server, &workload(&file))
        .await
        .unwrap();
    assert!(login.renewable);
    client.call(&world.server, "echo", &no_arguments()).await.unwrap();
    world.write("token", &tokens[1]);
    world.clock.advance(Duration::from_secs(3600));
    client.call(&world.server, "echo", &no_arguments()).await.unwrap();
    let requests = world.ledger.requests("token");
    let shown: Vec<_> = requests.iter().map(|request| &request["assertion"]).collect();
    assert_eq!(shown, [&tokens[0], &tokens[1]]);
    for request in &requests {
        assert_eq!(
            request["grant_type"],
            "urn:ietf:params:oauth:grant-type:jwt-bearer"
        );
        assert!(!request.contains_key("client_id"));
    }
    let kept = std::fs::read_to_string(world.file().unwrap()).unwrap();
    assert!(
        !kept.contains(&tokens[1]),
        "the platform's token stays in its file"
    );

    // Without a client there is nobody whose token it could be.
    let logout = client.logout(&world.server).await.unwrap();
    assert_eq!(logout, Logout::Forgotten);
    assert!(world.ledger.requests("revoke").is_empty());
}

#[tokio::test]
async fn a_login_whose_platform_says_nothing_new_is_over() {
    let world = World::good().await;
    let file = world.write("token", &token(&json!(world.ledger.origin())));
    world
        .client()
        .login_unattended(&world.server, &workload(&file))
        .await
        .unwrap();
    world.ledger.add(Twist::RefreshRefused);
    world.clock.advance(Duration::from_secs(3600));
    let call = world.client().call(&world.server, "echo", &no_arguments()).await;
    assert!(matches!(call, Err(CallError::LoginEnded { .. })));
}

#[tokio::test]
async fn a_workload_may_be_a_client_that_the_server_knows() {
    let world = World::good().await;
    let token_file = world.write("token", &token(&json!(world.ledger.origin())));
    let client = Some(known("web", ClientCredential::None));
    let login = unattended(Entrance::Workload { token_file, client });
    world
        .client()
        .login_unattended(&world.server, &login)
        .await
        .unwrap();
    assert_eq!(world.ledger.requests("token")[0]["client_id"], "web");
}
