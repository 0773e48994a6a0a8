//! Clients that prove themselves with a key. What their assertions have to be, the servers of this world check.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use vestibule_client::{ClientCredential, Enrolment, Entrance, LoginRequest, UnattendedLogin};

use crate::world::{KeyPair, Twist, World, dynamic, known, no_arguments, unattended};

fn with_key(file: &Path) -> ClientCredential {
    ClientCredential::Key {
        file: file.to_owned(),
        id: None,
    }
}

fn robot(file: &Path) -> UnattendedLogin {
    unattended(Entrance::Itself(known("robot", with_key(file))))
}

/// A world that knows the robot's key, and the file in which the robot has it.
async fn world(twists: impl IntoIterator<Item = Twist>) -> (World, PathBuf) {
    let world = World::with(twists).await;
    let key = KeyPair::generate();
    let mut public = key.public();
    public["kid"] = "2026".into();
    world.ledger.register_key(public);
    let file = world.write("key.pem", &key.pem());
    (world, file)
}

async fn refused(world: &World, file: &Path) -> String {
    let login = world.client().login_unattended(&world.server, &robot(file)).await;
    assert!(world.ledger.requests("token").is_empty());
    assert!(world.file().is_none());
    login.unwrap_err().to_string()
}

#[tokio::test]
async fn a_key_that_others_can_read_is_not_used() {
    let (world, file) = world([]).await;
    for mode in [0o644, 0o604, 0o602, 0o601] {
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).unwrap();
        let sentence = refused(&world, &file).await;
        assert!(sentence.contains("run chmod o-rwx"), "{mode:o}: {sentence}");
    }
    // A group is the operator's to choose.
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o640)).unwrap();
    let login = world
        .client()
        .login_unattended(&world.server, &robot(&file))
        .await;
    login.unwrap();
}

#[tokio::test]
async fn what_is_no_key_is_named_and_not_quoted() {
    let (world, _) = world([]).await;
    let file = world.write("secret", "not a key but a secret");
    let sentence = refused(&world, &file).await;
    assert!(
        sentence.contains("openssl pkcs8") && !sentence.contains("but a secret"),
        "{sentence}"
    );
    let sentence = refused(&world, Path::new("/nowhere/key.pem")).await;
    assert!(sentence.contains("/nowhere/key.pem cannot be read"), "{sentence}");
}

#[tokio::test]
async fn a_server_that_verifies_no_such_signature_is_asked_for_nothing() {
    let (world, file) = world([Twist::Rs512Alone]).await;
    let sentence = refused(&world, &file).await;
    assert!(
        sentence.contains("(ES256)") && sentence.contains("RS512"),
        "{sentence}"
    );

    let (world, file) = self::world([Twist::SecretsOnly]).await;
    let sentence = refused(&world, &file).await;
    assert!(sentence.contains("private_key_jwt"), "{sentence}");
}

#[tokio::test]
async fn each_request_has_an_assertion_of_its_own() {
    let (world, file) = world([]).await;
    let client = world.client();
    client
        .login_unattended(&world.server, &robot(&file))
        .await
        .unwrap();
    world.clock.advance(Duration::from_secs(3600));
    client.call(&world.server, "echo", &no_arguments()).await.unwrap();
    client.logout(&world.server).await.unwrap();
    let requests = [world.ledger.requests("token"), world.ledger.requests("revoke")].concat();
    let assertions: Vec<_> = requests
        .iter()
        .map(|request| &request["client_assertion"])
        .collect();
    assert_eq!(assertions.len(), 3);
    assert!(assertions[0] != assertions[1] && assertions[1] != assertions[2]);
    for request in &requests {
        assert_eq!(request["client_id"], "robot");
        assert!(!request.contains_key("basic") && !request.contains_key("client_secret"));
    }
}

/// A nonce that is asked for is answered with another proof, and another assertion: both are good once.
#[tokio::test]
async fn an_assertion_is_not_shown_again_with_a_nonce() {
    let (world, file) = world([Twist::TakesProofs, Twist::McpTakesProofs, Twist::AsksForNonces]).await;
    world
        .client()
        .login_unattended(&world.server, &robot(&file))
        .await
        .unwrap();
    let requests = world.ledger.requests("token");
    assert_eq!(requests.len(), 2);
    assert_ne!(requests[0]["client_assertion"], requests[1]["client_assertion"]);
}

#[tokio::test]
async fn the_key_stays_in_its_file() {
    let (world, file) = world([]).await;
    world
        .client()
        .login_unattended(&world.server, &robot(&file))
        .await
        .unwrap();
    let kept = std::fs::read_to_string(world.file().unwrap()).unwrap();
    let pem = std::fs::read_to_string(&file).unwrap();
    assert!(kept.contains("key.pem") && !kept.contains(pem.lines().nth(1).unwrap()));

    std::fs::remove_file(&file).unwrap();
    world.clock.advance(Duration::from_secs(3600));
    let call = world.client().call(&world.server, "echo", &no_arguments()).await;
    let sentence = call.unwrap_err().to_string();
    assert!(sentence.contains("key.pem cannot be read"), "{sentence}");
}

#[tokio::test]
async fn a_key_of_another_kind_in_its_place_is_told_apart() {
    let (world, file) = world([]).await;
    world
        .client()
        .login_unattended(&world.server, &robot(&file))
        .await
        .unwrap();
    world.write("key.pem", include_str!("../../../jose/tests/it/keys/ed25519.pem"));
    world.clock.advance(Duration::from_secs(3600));
    let call = world.client().call(&world.server, "echo", &no_arguments()).await;
    let sentence = call.unwrap_err().to_string();
    assert!(sentence.contains("no longer signs with ES256"), "{sentence}");
}

#[tokio::test]
async fn a_person_comes_through_a_client_with_a_key() {
    let (world, file) = world([]).await;
    for (id, kid) in [(None, Value::Null), (Some("2026".to_owned()), "2026".into())] {
        let file = file.clone();
        let credential = ClientCredential::Key { file, id };
        let login = LoginRequest {
            enrolment: Enrolment::Known(known("robot", credential)),
            ..dynamic()
        };
        world.log_in_as(&login).await.unwrap();
        let request = world.ledger.requests("token").pop().unwrap();
        let header = request["client_assertion"].split('.').next().unwrap();
        let header: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header).unwrap()).unwrap();
        assert_eq!(header["kid"], kid);
    }
    assert!(world.ledger.clients().is_empty(), "it registers nobody");
}
