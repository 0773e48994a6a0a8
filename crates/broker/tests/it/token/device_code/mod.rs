//! Devices: the request, the code that a person types, the poll.

mod people;
mod requests;

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use vestibule_broker::settings::{DeviceCodeSettings, Settings};
use vestibule_broker::{
    AnswerPlace, ClientAddress, Decision, DeviceAuthorizationError, DeviceOutcome, EndpointError as _, Next,
    TokenError, WalkError,
};
use vestibule_protocol::{
    AuthMethod, DeviceAuthorizationResponse, GrantType, OAuthErrorCode, TokenRequestError, TokenResponse,
};

use crate::fixture::{APP, FILES, NOTES, WEB, World, client_id, params, replaced, scopes};
use crate::proof::{Prover, without_nonces};
use crate::walk::person::{Person, request, ticket, world_with};

const DEVICE_GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";
const CALLERS: usize = 32;

/// The clients `tv` and `radio` may use the grant.
fn with_devices(settings: &mut Settings) {
    settings.grants.device_code = Some(DeviceCodeSettings::default());
    for id in ["tv", "radio"] {
        let mut client = crate::fixture::settings().clients.remove(0);
        client.id = client_id(id);
        client.redirect_uris.clear();
        client.auth_method = AuthMethod::None;
        client.grant_types = vec![GrantType::DeviceCode, GrantType::RefreshToken];
        settings.clients.push(client);
    }
}

async fn world() -> World {
    world_with(with_devices).await
}

async fn begin_with(
    world: &World,
    pairs: &[(&str, &str)],
) -> Result<DeviceAuthorizationResponse, DeviceAuthorizationError> {
    let params = params(pairs);
    world
        .broker
        .authorize_device(ClientAddress::default(), None, &params)
        .await
}

async fn begin(world: &World) -> DeviceAuthorizationResponse {
    begin_with(world, &[("client_id", "tv"), ("scope", "mcp:read mcp:write")])
        .await
        .expect("codes")
}

async fn poll_as(world: &World, client: &str, code: &str) -> Result<TokenResponse, TokenError> {
    let pairs = [
        ("grant_type", DEVICE_GRANT),
        ("device_code", code),
        ("client_id", client),
    ];
    world.token(&pairs).await
}

async fn poll(world: &World, device: &DeviceAuthorizationResponse) -> Result<TokenResponse, TokenError> {
    poll_as(world, "tv", device.device_code.expose()).await
}

async fn enter(world: &World, person: &mut Person, typed: &str) -> Result<Next, WalkError> {
    let turn = world.broker.enter_user_code(typed, person.browser()).await?;
    Ok(person.take(turn))
}

/// As far as the consent page.
async fn arrive(world: &World, device: &DeviceAuthorizationResponse, name: &str) -> (Person, String) {
    let mut person = Person::default();
    let next = enter(world, &mut person, device.user_code.as_str()).await;
    let walk = ticket(next.expect("a walk"));
    person.log_in(world, &walk, name).await;
    (person, walk)
}

fn approval(allowed: &str) -> Decision {
    Decision::Approve {
        scopes: scopes(allowed),
    }
}

async fn approve(world: &World, device: &DeviceAuthorizationResponse) {
    let (mut alice, walk) = arrive(world, device, "alice").await;
    let next = alice.decide(world, &walk, approval("mcp:read")).await.unwrap();
    assert!(matches!(
        next,
        Next::Device {
            outcome: DeviceOutcome::Approved,
            ..
        }
    ));
}

#[tokio::test]
async fn nothing_is_given_before_somebody_allows_it() {
    let world = world().await;
    let device = begin(&world).await;
    let refused = poll(&world, &device).await.unwrap_err();
    assert!(matches!(refused, TokenError::AuthorizationPending));
    assert_eq!(
        (refused.code(), refused.status()),
        (OAuthErrorCode::AuthorizationPending, 400)
    );
    let (_, _) = arrive(&world, &device, "alice").await;
    world.advance(Duration::from_secs(5));
    assert!(matches!(
        poll(&world, &device).await,
        Err(TokenError::AuthorizationPending)
    ));
}

#[tokio::test]
async fn a_device_that_polls_too_often_is_told_to_slow_down() {
    let world = world().await;
    let device = begin(&world).await;
    assert!(matches!(
        poll(&world, &device).await,
        Err(TokenError::AuthorizationPending)
    ));
    let refused = poll(&world, &device).await.unwrap_err();
    assert_eq!(
        (refused.code(), refused.status()),
        (OAuthErrorCode::SlowDown, 400)
    );
    world.advance(Duration::from_secs(5));
    assert!(matches!(poll(&world, &device).await, Err(TokenError::SlowDown)));
    world.advance(Duration::from_secs(14));
    assert!(matches!(
        poll(&world, &device).await,
        Err(TokenError::AuthorizationPending)
    ));
}

#[tokio::test]
async fn a_device_that_was_denied_is_told_so() {
    let world = world().await;
    let device = begin(&world).await;
    let (mut alice, walk) = arrive(&world, &device, "alice").await;
    let next = alice.decide(&world, &walk, Decision::Deny).await.unwrap();
    assert!(matches!(
        next,
        Next::Device {
            outcome: DeviceOutcome::Denied,
            ..
        }
    ));
    for _ in 0..2 {
        let refused = poll(&world, &device).await.unwrap_err();
        assert_eq!(
            (refused.code(), refused.status()),
            (OAuthErrorCode::AccessDenied, 400)
        );
    }
}

#[tokio::test]
async fn codes_end_after_ten_minutes() {
    let world = world().await;
    let device = begin(&world).await;
    let (mut alice, walk) = arrive(&world, &device, "alice").await;
    world.advance(Duration::from_secs(600));
    let late = enter(&world, &mut Person::default(), device.user_code.as_str()).await;
    assert!(matches!(late, Err(WalkError::UserCode)));
    let late = alice.decide(&world, &walk, approval("mcp:read")).await;
    assert!(matches!(late, Err(WalkError::Expired)));
    let refused = poll(&world, &device).await.unwrap_err();
    assert_eq!(
        (refused.code(), refused.status()),
        (OAuthErrorCode::ExpiredToken, 400)
    );
}

#[tokio::test]
async fn a_device_code_is_refused_to_another_client() {
    let world = world().await;
    let device = begin(&world).await;
    approve(&world, &device).await;
    let refused = poll_as(&world, "radio", device.device_code.expose())
        .await
        .unwrap_err();
    assert!(matches!(refused, TokenError::DeviceCodeUnknown));
    assert_eq!(refused.code(), OAuthErrorCode::InvalidGrant);
    poll(&world, &device).await.expect("tokens for the device itself");
}

#[tokio::test]
async fn a_device_code_cannot_be_made_of_a_user_code() {
    let world = world().await;
    let device = begin(&world).await;
    approve(&world, &device).await;
    let (place, secret) = device.device_code.expose().split_once('.').unwrap();
    let shorter = format!("{place}.{}", &secret[1..]);
    for guess in [
        place,
        &format!("{place}."),
        &shorter,
        device.user_code.as_str(),
        "",
        ".",
    ] {
        let refused = poll_as(&world, "tv", guess).await;
        assert!(
            matches!(
                refused,
                Err(TokenError::DeviceCodeUnknown | TokenError::Request(_))
            ),
            "{guess}"
        );
    }
}

#[tokio::test]
async fn what_was_allowed_is_what_the_device_gets() {
    let world = world().await;
    let device = begin(&world).await;
    approve(&world, &device).await;
    let tokens = poll(&world, &device).await.expect("tokens");
    let claims = world.read(&tokens.access_token).await;
    assert_eq!(claims.sub.as_str(), "local:alice");
    assert_eq!(claims.client_id.as_str(), "tv");
    assert_eq!(claims.scope, scopes("mcp:read"));
    assert!(claims.aud.contains(NOTES) && !claims.aud.contains(FILES));
    let refreshed = world
        .token(&[
            ("grant_type", "refresh_token"),
            ("refresh_token", tokens.refresh_token.as_deref().unwrap()),
            ("client_id", "tv"),
        ])
        .await
        .expect("a refresh");
    assert_eq!(refreshed.scope, scopes("mcp:read"));
}

#[tokio::test]
async fn a_device_code_that_comes_back_ends_its_session() {
    let world = world().await;
    let device = begin(&world).await;
    approve(&world, &device).await;
    let tokens = poll(&world, &device).await.expect("tokens");
    let refused = poll(&world, &device).await.unwrap_err();
    assert!(matches!(refused, TokenError::DeviceCodeSpent));
    assert_eq!(refused.code(), OAuthErrorCode::InvalidGrant);
    assert!(world.session_of(&tokens).await.is_none());
    assert!(world.is_revoked(&tokens).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_32_polls_of_an_approved_device_at_most_one_succeeds() {
    let world = Arc::new(world().await);
    let device = begin(&world).await;
    approve(&world, &device).await;
    let mut callers = JoinSet::new();
    for _ in 0..CALLERS {
        let (world, code) = (world.clone(), device.device_code.expose().to_owned());
        callers.spawn(async move { poll_as(&world, "tv", &code).await });
    }
    let mut succeeded = 0;
    for result in callers.join_all().await {
        match result {
            Ok(_) => succeeded += 1,
            // The other one is what the winner meets when a loser has ended its session.
            Err(TokenError::DeviceCodeSpent | TokenError::CodeReplayed) => {}
            Err(error) => panic!("{error}"),
        }
    }
    assert!(succeeded <= 1);
}

#[tokio::test]
async fn a_device_that_proves_a_key_gets_tokens_for_it() {
    let world = world_with(|settings| {
        with_devices(settings);
        without_nonces(settings);
    })
    .await;
    let prover = Prover::new();
    let device = begin(&world).await;
    approve(&world, &device).await;
    let code = device.device_code.expose();
    let pairs = [
        ("grant_type", DEVICE_GRANT),
        ("device_code", code),
        ("client_id", "tv"),
    ];
    let tokens = prover.ask(&world, &pairs).await.expect("tokens");
    let jkt = prover.jkt(&world);
    assert_eq!(tokens.token_type, "DPoP");
    assert_eq!(world.read(&tokens.access_token).await.cnf.unwrap().jkt, jkt);
    assert_eq!(world.session_of(&tokens).await.unwrap().dpop_jkt, Some(jkt));
}
