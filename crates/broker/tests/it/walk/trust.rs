//! Whom the browser is sent to unasked.

use serde_json::json;
use vestibule_broker::settings::Policy;
use vestibule_broker::{ClientAddress, ClientRedirect, Decision, Departure};
use vestibule_protocol::OAuthErrorCode;

use super::person::{Person, answer, code, param, refusal, request, world, world_with};
use crate::fixture::{CALLBACK, LOOPBACK, World, replaced};

const APP_SCHEME: &str = "com.example.app:/callback";

/// A client that registered itself, for one redirect URI.
async fn stranger(world: &World, redirect_uri: &str) -> String {
    let metadata = json!({
        "client_name": "Stranger",
        "redirect_uris": [redirect_uri],
        "token_endpoint_auth_method": "none",
    });
    let response = world
        .broker
        .register(ClientAddress::default(), None, metadata.to_string().as_bytes())
        .await;
    response.expect("a registration").client_id.to_string()
}

fn of<'a>(client: &'a str, redirect_uri: &'a str, change: (&'a str, &'a str)) -> Vec<(&'a str, &'a str)> {
    let mut pairs: Vec<(&str, &str)> = request()
        .into_iter()
        .filter(|(name, _)| !["client_id", "redirect_uri", change.0].contains(name))
        .collect();
    pairs.extend([("client_id", client), ("redirect_uri", redirect_uri), change]);
    pairs
}

fn offered(redirect: &ClientRedirect) -> Option<OAuthErrorCode> {
    match &redirect.departure {
        Departure::AtOnce => None,
        Departure::WhenAsked { code, .. } => Some(*code),
    }
}

#[tokio::test]
async fn a_stranger_cannot_send_a_browser_to_its_site_by_a_mistake_of_its_own() {
    let world = world().await;
    for uri in [CALLBACK, APP_SCHEME] {
        let client = stranger(&world, uri).await;
        for (change, error) in [
            (
                ("response_type", "token"),
                OAuthErrorCode::UnsupportedResponseType,
            ),
            (("scope", "nobody:knows"), OAuthErrorCode::InvalidScope),
            (("code_challenge", ""), OAuthErrorCode::InvalidRequest),
            (("prompt", "none"), OAuthErrorCode::LoginRequired),
        ] {
            let mut nobody = Person::default();
            let redirect = refusal(nobody.try_authorize(&world, &of(&client, uri, change)).await);
            assert_eq!(offered(&redirect), Some(error), "{uri} {change:?}");
            // Whoever goes back brings the client its answer.
            assert!(redirect.location.starts_with(uri));
            assert_eq!(param(&redirect, "error").as_deref(), Some(error.as_str()));
            assert_eq!(param(&redirect, "state").as_deref(), Some("the state"));
            assert!(param(&redirect, "iss").is_some());
        }
    }
}

#[tokio::test]
async fn being_signed_in_makes_no_friend_of_a_stranger() {
    let world = world().await;
    let client = stranger(&world, CALLBACK).await;
    let mut alice = Person::default();
    alice.connect(&world, &request(), "alice").await;
    for (change, error) in [
        (
            ("response_type", "token"),
            OAuthErrorCode::UnsupportedResponseType,
        ),
        (("prompt", "none"), OAuthErrorCode::ConsentRequired),
    ] {
        let redirect = refusal(alice.try_authorize(&world, &of(&client, CALLBACK, change)).await);
        assert_eq!(offered(&redirect), Some(error), "{change:?}");
    }
}

#[tokio::test]
async fn an_app_that_the_person_let_in_is_told_without_asking() {
    let world = world().await;
    let client = stranger(&world, CALLBACK).await;
    let mut alice = Person::default();
    let walk = alice
        .authorize(&world, &of(&client, CALLBACK, ("scope", "mcp:read")))
        .await;
    alice.log_in(&world, &walk, "alice").await;
    alice.approve(&world, &walk, "mcp:read").await;

    let silent = of(&client, CALLBACK, ("prompt", "none"));
    let more = refusal(alice.try_authorize(&world, &silent).await);
    assert_eq!(param(&more, "error").as_deref(), Some("consent_required"));
    assert_eq!(offered(&more), None);
    code(
        alice
            .try_authorize(&world, &replaced(&silent, "scope", "mcp:read"))
            .await
            .unwrap(),
    );

    alice.forget_login();
    let nobody = refusal(alice.try_authorize(&world, &silent).await);
    assert_eq!(offered(&nobody), Some(OAuthErrorCode::LoginRequired));
}

#[tokio::test]
async fn a_program_on_this_computer_is_told_without_asking() {
    let world = world().await;
    let client = stranger(&world, LOOPBACK).await;
    let mut nobody = Person::default();
    let pairs = of(&client, LOOPBACK, ("scope", "nobody:knows"));
    let redirect = refusal(nobody.try_authorize(&world, &pairs).await);
    assert_eq!(offered(&redirect), None);
}

#[tokio::test]
async fn whoever_may_have_nothing_decides_whether_to_go_back_to_a_stranger() {
    let world = world_with(|settings| settings.policy = Policy::default()).await;
    let client = stranger(&world, CALLBACK).await;
    let mut carol = Person::default();
    let walk = carol
        .authorize(&world, &of(&client, CALLBACK, ("scope", "mcp:read")))
        .await;
    let redirect = answer(carol.log_in(&world, &walk, "carol").await);
    assert_eq!(offered(&redirect), Some(OAuthErrorCode::AccessDenied));
}

#[tokio::test]
async fn whoever_denies_has_decided() {
    let world = world().await;
    let client = stranger(&world, CALLBACK).await;
    let mut alice = Person::default();
    let walk = alice
        .authorize(&world, &of(&client, CALLBACK, ("scope", "mcp:read")))
        .await;
    alice.log_in(&world, &walk, "alice").await;
    let redirect = answer(alice.decide(&world, &walk, Decision::Deny).await.unwrap());
    assert_eq!(offered(&redirect), None);
    assert_eq!(param(&redirect, "error").as_deref(), Some("access_denied"));
}
