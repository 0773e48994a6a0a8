//! Clients that come for a user of an enterprise's identity provider.

use std::time::Duration;

use serde_json::json;
use vestibule_client::{
    CallError, ClientCredential, Entrance, IdToken, IdentityProvider, LoginError, TokenError, UnattendedLogin,
};
use vestibule_protocol::Secret;

use crate::world::{KeyPair, Twist, World, known, no_arguments, unattended};

fn login(world: &World, id_token: IdToken) -> UnattendedLogin {
    let secret = ClientCredential::Secret(Secret::new("a:secret"));
    unattended(Entrance::Enterprise {
        client: known("robot", secret),
        identity_provider: IdentityProvider {
            issuer: format!("{}/idp", world.ledger.origin()),
            client: known("robot-at-the-idp", ClientCredential::None),
        },
        id_token,
    })
}

fn id_token(issuer: &str) -> String {
    KeyPair::generate().sign(&json!({"iss": issuer, "sub": "ada", "aud": "robot-at-the-idp"}))
}

fn good(world: &World) -> String {
    id_token(&format!("{}/idp", world.ledger.origin()))
}

async fn refused(world: &World, given: &str) -> LoginError {
    let given = IdToken::Given(Secret::new(given));
    let login = world
        .client()
        .login_unattended(&world.server, &login(world, given))
        .await;
    assert!(world.ledger.requests("token").is_empty());
    assert!(world.file().is_none());
    login.unwrap_err()
}

#[tokio::test]
async fn an_id_token_of_another_issuer_is_not_shown() {
    let world = World::good().await;
    for foreign in [id_token("https://other.example"), "no token at all".to_owned()] {
        let error = refused(&world, &foreign).await;
        assert!(matches!(error, LoginError::Token(TokenError::File(_))), "{error}");
    }
    assert!(world.ledger.requests("idp").is_empty());
}

#[tokio::test]
async fn what_the_identity_provider_does_not_vouch_for_goes_no_further() {
    let world = World::with([Twist::IdpRefuses]).await;
    let error = refused(&world, &good(&world)).await;
    assert!(error.to_string().contains("does not vouch"), "{error}");

    // A token that is good elsewhere would be good for whoever it is shown to.
    let world = World::with([Twist::IdpGivesSomethingElse]).await;
    let error = refused(&world, &good(&world)).await;
    assert!(
        error.to_string().contains("where an ID-JAG was asked for"),
        "{error}"
    );
}

#[tokio::test]
async fn an_identity_provider_vouches_for_its_user_at_this_server_alone() {
    let world = World::good().await;
    let token = good(&world);
    let given = IdToken::File(world.write("id-token", &token));
    let client = world.client();
    client
        .login_unattended(&world.server, &login(&world, given))
        .await
        .unwrap();
    client.call(&world.server, "echo", &no_arguments()).await.unwrap();

    let asked = world.ledger.requests("idp").remove(0);
    assert_eq!(asked["audience"], world.ledger.origin());
    assert_eq!(asked["resource"], world.server.as_str());
    assert_eq!(asked["scope"], "mcp:read");
    assert_eq!(
        [&asked["subject_token"], &asked["client_id"]],
        [&token, "robot-at-the-idp"]
    );
    let shown = world.ledger.requests("token").remove(0);
    assert_eq!(
        [&shown["assertion"], &shown["basic"]],
        ["the-word-for-ada", "robot:a%3Asecret"]
    );
    assert!(
        !shown.values().any(|value| *value == token),
        "the ID token is the identity provider's alone"
    );
}

#[tokio::test]
async fn the_file_of_an_id_token_is_read_again_and_an_id_token_that_was_given_is_not_kept() {
    let world = World::good().await;
    let (one, two) = (good(&world), good(&world));
    let client = world.client();
    let file = IdToken::File(world.write("id-token", &one));
    let done = client.login_unattended(&world.server, &login(&world, file)).await;
    assert!(done.unwrap().renewable);
    world.write("id-token", &two);
    world.clock.advance(Duration::from_secs(3600));
    client.call(&world.server, "echo", &no_arguments()).await.unwrap();
    let asked = world.ledger.requests("idp");
    assert_eq!(
        [&asked[0]["subject_token"], &asked[1]["subject_token"]],
        [&one, &two]
    );

    let given = IdToken::Given(Secret::new(&*one));
    let done = client
        .login_unattended(&world.server, &login(&world, given))
        .await;
    assert!(!done.unwrap().renewable);
    let kept = std::fs::read_to_string(world.file().unwrap()).unwrap();
    assert!(!kept.contains(&one));
    world.clock.advance(Duration::from_secs(3600));
    let error = client
        .call(&world.server, "echo", &no_arguments())
        .await
        .unwrap_err();
    assert!(
        matches!(error, CallError::Refresh(TokenError::IdTokenNotKept)),
        "{error}"
    );
}
