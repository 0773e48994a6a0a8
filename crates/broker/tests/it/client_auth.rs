use std::time::Duration;

use vestibule_broker::store::Clients as _;
use vestibule_broker::{AuthenticateError, ClientAddress, ClientRefusal, EndpointError as _, TokenError};
use vestibule_protocol::{OAuthErrorCode, Secret};

use crate::fixture::{
    APP, NOTES_SERVER, SECRET, WEB, World, basic, client_id, params, redemption, replaced, secrets,
};

/// How long a guesser of a client's secret waits for one more try.
const GUESS_EVERY: Duration = Duration::from_secs(30);

/// Why the client is not let in, whether it is owed a challenge, and the status.
async fn refusal(
    world: &World,
    authorization: Option<&str>,
    pairs: &[(&str, &str)],
) -> (ClientRefusal, bool, u16) {
    let refused = world
        .broker
        .token(authorization, None, &params(pairs))
        .await
        .expect_err("a refusal");
    assert_eq!(refused.code(), OAuthErrorCode::InvalidClient);
    let (wants_basic, status) = (refused.wants_basic(), refused.status());
    let TokenError::Client(AuthenticateError::Refused { cause, .. }) = refused else {
        panic!("{refused}");
    };
    (cause, wants_basic, status)
}

const REFRESH: [(&str, &str); 2] = [("grant_type", "refresh_token"), ("refresh_token", "whatever")];

fn as_client<'a>(more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    REFRESH.iter().chain(more).copied().collect()
}

#[tokio::test]
async fn an_unknown_client_is_refused_with_401() {
    let world = World::new().await;
    let request = as_client(&[("client_id", "long-gone")]);
    assert_eq!(
        refusal(&world, None, &request).await,
        (ClientRefusal::Unknown, false, 401)
    );
}

#[tokio::test]
async fn a_client_that_tried_basic_is_owed_a_challenge() {
    let world = World::new().await;
    let header = basic("long-gone", "x");
    assert_eq!(
        refusal(&world, Some(&header), &REFRESH).await,
        (ClientRefusal::Unknown, true, 401)
    );
    let header = basic(WEB, "wrong");
    assert_eq!(
        refusal(&world, Some(&header), &REFRESH).await,
        (ClientRefusal::SecretWrong, true, 401)
    );
}

#[tokio::test]
async fn a_wrong_secret_is_refused() {
    let world = World::new().await;
    let request = as_client(&[("client_id", WEB), ("client_secret", "wrong")]);
    assert_eq!(
        refusal(&world, None, &request).await,
        (ClientRefusal::SecretWrong, false, 401)
    );
}

#[tokio::test]
async fn a_confidential_client_is_nobody_without_its_secret() {
    let world = World::new().await;
    let request = as_client(&[("client_id", WEB)]);
    assert_eq!(
        refusal(&world, None, &request).await.0,
        ClientRefusal::SecretMissing
    );
    // RFC 6749 §2.3.1 lets an empty secret be left out, and so it is as good as none.
    assert_eq!(
        refusal(&world, Some(&basic(WEB, "")), &REFRESH).await.0,
        ClientRefusal::SecretMissing
    );
}

/// How long nobody may try, if it is too early; panics if the client is judged.
fn waits(refused: &TokenError) -> Option<Duration> {
    assert_eq!(
        refused.code(),
        OAuthErrorCode::TemporarilyUnavailable,
        "{refused}"
    );
    assert_eq!((refused.status(), refused.wants_basic()), (429, false));
    refused.limited().map(|limited| limited.wait)
}

async fn guess(world: &World, client: &str, secret: &str) -> TokenError {
    let authorization = basic(client, secret);
    let result = world
        .broker
        .token(Some(&authorization), None, &params(&REFRESH))
        .await;
    result.expect_err("a refusal")
}

#[tokio::test]
async fn a_secret_cannot_be_guessed_for_ever_and_the_owner_gets_in_again() {
    let world = World::new().await;
    for number in 0..20 {
        let refused = guess(&world, WEB, &format!("guess {number}")).await;
        assert_eq!(refused.code(), OAuthErrorCode::InvalidClient);
    }
    assert_eq!(waits(&guess(&world, WEB, "one more").await), Some(GUESS_EVERY));
    // Not even the right one is looked at, or else a guesser would learn of it.
    assert!(waits(&guess(&world, WEB, SECRET).await).is_some());
    // Nobody else has to wait.
    assert_eq!(
        guess(&world, NOTES_SERVER, "a guess").await.code(),
        OAuthErrorCode::InvalidClient
    );
    for _ in 0..100 {
        assert!(waits(&guess(&world, WEB, "on and on").await).is_some());
    }
    world.advance(GUESS_EVERY);
    assert_eq!(
        guess(&world, WEB, SECRET).await.code(),
        OAuthErrorCode::InvalidGrant
    );
}

#[tokio::test]
async fn the_owner_s_own_calls_are_not_counted() {
    let world = World::new().await;
    for _ in 0..100 {
        assert_eq!(
            guess(&world, WEB, SECRET).await.code(),
            OAuthErrorCode::InvalidGrant
        );
    }
}

#[tokio::test]
async fn a_guesser_has_no_more_tries_at_another_replica() {
    let world = World::new().await;
    for _ in 0..20 {
        guess(&world, WEB, "a guess").await;
    }
    let other = world.replica(secrets("one", &[])).await;
    assert!(waits(&guess(&other, WEB, "a guess").await).is_some());
    assert!(waits(&guess(&other, WEB, SECRET).await).is_some());
}

#[tokio::test]
async fn whoever_has_a_secret_that_nobody_guesses_cannot_be_held_up() {
    const RANDOM: &str = "kq0Y8rXo1r5m3J0mPp9Wc2o7eVtNq4uLz6sTgBhDxEA=";
    let world = World::with(|settings| {
        for client in &mut settings.clients {
            client.secret = client.secret.as_ref().map(|_| Secret::new(RANDOM));
        }
    })
    .await;
    for _ in 0..100 {
        assert_eq!(
            guess(&world, WEB, "a guess").await.code(),
            OAuthErrorCode::InvalidClient
        );
    }
    assert_eq!(
        guess(&world, WEB, RANDOM).await.code(),
        OAuthErrorCode::InvalidGrant
    );
}

#[tokio::test]
async fn a_public_client_has_no_secret_to_show() {
    let world = World::new().await;
    let request = as_client(&[("client_id", APP), ("client_secret", "x")]);
    assert_eq!(
        refusal(&world, None, &request).await.0,
        ClientRefusal::SecretUnexpected
    );
}

#[tokio::test]
async fn two_methods_at_once_are_an_invalid_request() {
    let world = World::new().await;
    let request = as_client(&[("client_id", WEB), ("client_secret", SECRET)]);
    let header = basic(WEB, SECRET);
    let refused = world
        .broker
        .token(Some(&header), None, &params(&request))
        .await
        .expect_err("a refusal");
    assert_eq!(refused.code(), OAuthErrorCode::InvalidRequest);
}

#[tokio::test]
async fn an_unreadable_header_is_owed_a_challenge() {
    let world = World::new().await;
    for header in ["Basic ???", "Bearer x", &basic("an id\nof two lines", "x")] {
        let refused = world
            .broker
            .token(Some(header), None, &params(&REFRESH))
            .await
            .expect_err(header);
        assert_eq!(
            (refused.code(), refused.status()),
            (OAuthErrorCode::InvalidClient, 401)
        );
        assert!(refused.wants_basic());
    }
}

#[tokio::test]
async fn a_blocked_client_is_refused() {
    let world = World::new().await;
    let body = br#"{"redirect_uris":["https://app.example/cb"],"token_endpoint_auth_method":"none"}"#;
    let registered = world
        .broker
        .register(ClientAddress::default(), None, body)
        .await
        .expect("a client")
        .client_id;
    assert!(
        world
            .store
            .block_client(&registered, true, world.now())
            .await
            .unwrap()
    );
    let request = as_client(&[("client_id", registered.as_str())]);
    assert_eq!(
        refusal(&world, None, &request).await,
        (ClientRefusal::Blocked, false, 401)
    );
}

#[tokio::test]
async fn a_confidential_client_may_show_its_secret_either_way() {
    let world = World::new().await;
    for in_header in [true, false] {
        let code = world.issue_code(|grant| grant.client_id = client_id(WEB)).await;
        let mut request = replaced(&redemption(&code), "client_id", WEB);
        let header = in_header.then(|| basic(WEB, SECRET));
        if !in_header {
            request.push(("client_secret", SECRET));
        }
        world
            .broker
            .token(header.as_deref(), None, &params(&request))
            .await
            .expect("tokens");
    }
}
