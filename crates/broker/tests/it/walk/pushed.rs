//! Requests that a client pushes before it sends the browser.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use vestibule_broker::settings::Settings;
use vestibule_broker::store::PushedRequests as _;
use vestibule_broker::{
    AuthorizeError, ClientAddress, Decision, Digest, EndpointError as _, Next, PushError, UntrustedRequest,
};
use vestibule_protocol::{OAuthErrorCode, PushedAuthorizationResponse};

use super::person::{Person, answer, param, refusal, request, web_request, world, world_with};
use crate::fixture::{APP, CALLBACK, LOOPBACK, ONCE, SECRET, WEB, World, params, replaced, scopes};

const CALLERS: usize = 32;

async fn try_push(world: &World, pairs: &[(&str, &str)]) -> Result<PushedAuthorizationResponse, PushError> {
    let params = params(pairs);
    world
        .broker
        .push_authorization(ClientAddress::default(), None, None, &params)
        .await
}

async fn push(world: &World, pairs: &[(&str, &str)]) -> String {
    let answer = try_push(world, pairs).await.expect("a request_uri");
    answer.request_uri.expose().to_owned()
}

/// What the browser brings.
fn brought<'a>(client: &'a str, request_uri: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![("client_id", client), ("request_uri", request_uri)]
}

async fn page(world: &World, pairs: &[(&str, &str)]) -> UntrustedRequest {
    match Person::default().try_authorize(world, pairs).await {
        Err(AuthorizeError::Page(error)) => error,
        other => panic!("{other:?}"),
    }
}

fn must_push(settings: &mut Settings) {
    for client in &mut settings.clients {
        client.must_push = true;
    }
}

#[tokio::test]
async fn what_the_endpoint_would_refuse_is_refused_when_it_is_pushed() {
    let world = world().await;
    let ours = "urn:ietf:params:oauth:request_uri:x";
    for (name, value, code) in [
        ("client_id", "", OAuthErrorCode::InvalidRequest),
        ("client_id", "nobody", OAuthErrorCode::InvalidClient),
        ("client_id", WEB, OAuthErrorCode::InvalidClient),
        (
            "redirect_uri",
            "https://evil.example/",
            OAuthErrorCode::InvalidRequest,
        ),
        ("code_challenge", "", OAuthErrorCode::InvalidRequest),
        ("response_type", "token", OAuthErrorCode::UnsupportedResponseType),
        ("scope", "files:read", OAuthErrorCode::InvalidScope),
        (
            "resource",
            "https://elsewhere.example/mcp",
            OAuthErrorCode::InvalidTarget,
        ),
        ("request", "e30.e30.", OAuthErrorCode::RequestNotSupported),
        (
            "request_uri",
            "https://app.example/request",
            OAuthErrorCode::InvalidRequest,
        ),
        ("request_uri", ours, OAuthErrorCode::InvalidRequest),
    ] {
        let refused = try_push(&world, &replaced(&request(), name, value))
            .await
            .unwrap_err();
        assert_eq!(refused.code(), code, "{name}={value}");
    }
    let twice = [request(), vec![("state", "another")]].concat();
    let refused = try_push(&world, &twice).await.unwrap_err();
    assert_eq!(refused.code(), OAuthErrorCode::InvalidRequest);
    let long = "s".repeat(17_000);
    let refused = try_push(&world, &replaced(&request(), "state", &long))
        .await
        .unwrap_err();
    assert_eq!(
        (refused.code(), refused.status()),
        (OAuthErrorCode::InvalidRequest, 413)
    );
}

#[tokio::test]
async fn a_name_that_was_never_given_out_is_a_page() {
    let world = world().await;
    let made_up = "urn:ietf:params:oauth:request_uri:made-up";
    let error = page(&world, &brought(APP, made_up)).await;
    assert_eq!(error, UntrustedRequest::PushedRequestUnknown);
    // Even beside a whole request: only what was pushed would count.
    let pairs = replaced(&request(), "request_uri", made_up);
    assert_eq!(page(&world, &pairs).await, UntrustedRequest::PushedRequestUnknown);
}

#[tokio::test]
async fn any_other_request_uri_is_not_supported() {
    let world = world().await;
    let pairs = replaced(&request(), "request_uri", "https://app.example/request");
    let redirect = refusal(Person::default().try_authorize(&world, &pairs).await);
    assert_eq!(
        param(&redirect, "error").as_deref(),
        Some("request_uri_not_supported")
    );
}

#[tokio::test]
async fn a_pushed_request_is_good_for_its_client_alone() {
    let world = world().await;
    let request_uri = push(&world, &request()).await;
    let error = page(&world, &brought(ONCE, &request_uri)).await;
    assert_eq!(error, UntrustedRequest::PushedRequestUnknown);
    // The other client has used nothing up.
    Person::default()
        .authorize(&world, &brought(APP, &request_uri))
        .await;
}

#[tokio::test]
async fn a_pushed_request_is_good_once_and_for_a_moment() {
    let world = world().await;
    let request_uri = push(&world, &request()).await;
    Person::default()
        .authorize(&world, &brought(APP, &request_uri))
        .await;
    let again = page(&world, &brought(APP, &request_uri)).await;
    assert_eq!(again, UntrustedRequest::PushedRequestUnknown);

    let pushed = try_push(&world, &request()).await.unwrap();
    assert_eq!(pushed.expires_in, 90);
    world.advance(Duration::from_secs(90));
    let late = page(&world, &brought(APP, pushed.request_uri.expose())).await;
    assert_eq!(late, UntrustedRequest::PushedRequestUnknown);
}

#[tokio::test]
async fn only_what_was_pushed_counts() {
    let world = world().await;
    let request_uri = push(&world, &request()).await;
    let mut pairs = brought(APP, &request_uri);
    pairs.extend([
        ("redirect_uri", "https://evil.example/"),
        ("scope", "mcp:read mcp:write mcp:admin"),
        ("state", "another"),
        ("code_challenge", "x"),
    ]);
    let mut alice = Person::default();
    let walk = alice.authorize(&world, &pairs).await;
    alice.log_in(&world, &walk, "alice").await;
    let decision = Decision::Approve {
        scopes: scopes("mcp:read mcp:write mcp:admin"),
    };
    let redirect = answer(alice.decide(&world, &walk, decision).await.unwrap());
    assert!(redirect.location.starts_with(LOOPBACK), "{}", redirect.location);
    assert_eq!(param(&redirect, "state").as_deref(), Some("the state"));
}

#[tokio::test]
async fn a_client_that_has_to_push_is_refused_without() {
    let world = world_with(must_push).await;
    let redirect = refusal(Person::default().try_authorize(&world, &request()).await);
    assert_eq!(param(&redirect, "error").as_deref(), Some("invalid_request"));
    let request_uri = push(&world, &request()).await;
    Person::default()
        .authorize(&world, &brought(APP, &request_uri))
        .await;
}

#[tokio::test]
async fn the_endpoint_is_advertised_and_request_objects_are_not() {
    let world = world().await;
    let metadata = world.broker.metadata();
    assert_eq!(
        metadata.pushed_authorization_request_endpoint.as_deref(),
        Some("https://auth.example/oauth/par")
    );
    assert!(!metadata.request_parameter_supported);
}

#[tokio::test]
async fn a_confidential_client_shows_its_secret_and_the_store_never_sees_it() {
    let world = world().await;
    let mut pairs = replaced(&web_request(), "client_id", WEB);
    pairs.push(("client_secret", SECRET));
    let request_uri = push(&world, &pairs).await;
    let key = Digest::of(&format!("{WEB}\n{request_uri}"));
    let kept = world.store.take_pushed_request(key, world.now()).await;
    let kept = kept.unwrap().expect("what was kept");
    let callback = ("redirect_uri".to_owned(), CALLBACK.to_owned());
    assert!(kept.params.contains(&callback));
    assert!(!format!("{kept:?}").contains(SECRET));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_32_browsers_with_one_pushed_request_one_sets_out() {
    let world = Arc::new(world().await);
    let request_uri = push(&world, &request()).await;
    let mut browsers = JoinSet::new();
    for _ in 0..CALLERS {
        let (world, request_uri) = (world.clone(), request_uri.clone());
        browsers.spawn(async move {
            let pairs = brought(APP, &request_uri);
            Person::default().try_authorize(&world, &pairs).await
        });
    }
    let results = browsers.join_all().await;
    let count = |wanted: fn(&Result<Next, AuthorizeError>) -> bool| {
        results.iter().filter(|result| wanted(result)).count()
    };
    assert_eq!(count(Result::is_ok), 1);
    let unknown = |result: &Result<Next, AuthorizeError>| {
        matches!(
            result,
            Err(AuthorizeError::Page(UntrustedRequest::PushedRequestUnknown))
        )
    };
    assert_eq!(count(unknown), CALLERS - 1);
}
