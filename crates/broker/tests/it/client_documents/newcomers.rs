//! Clients that were never seen before, and begin elsewhere than in a browser: with a pushed request, or on a device.

use vestibule_broker::settings::{DeviceCodeSettings, Settings};
use vestibule_broker::{DeviceAuthorizationError, PushError};
use vestibule_protocol::{DeviceAuthorizationResponse, PushedAuthorizationResponse};

use super::*;
use crate::fixture::params;

const DEVICE_GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";

fn with_devices(settings: &mut Settings) {
    settings.grants.device_code = Some(DeviceCodeSettings::default());
}

fn somewhere(world: &World) -> ClientAddress {
    world.broker.locate("203.0.113.9".parse().unwrap())
}

async fn push(world: &World, id: &'static str) -> Result<PushedAuthorizationResponse, PushError> {
    let params = params(&asking(id));
    world
        .broker
        .push_authorization(somewhere(world), None, None, &params)
        .await
}

async fn begin(world: &World, id: &str) -> Result<DeviceAuthorizationResponse, DeviceAuthorizationError> {
    let params = params(&[("client_id", id)]);
    world
        .broker
        .authorize_device(somewhere(world), None, &params)
        .await
}

#[tokio::test]
async fn a_client_that_was_never_seen_pushes_its_request() {
    let (world, shelf) = world().await;
    let pushed = push(&world, APP).await.expect("a request_uri");
    assert_eq!(shelf.fetched(), 1);
    let brought = [("client_id", APP), ("request_uri", pushed.request_uri.expose())];
    ticket(Person::default().try_authorize(&world, &brought).await.unwrap());
    assert_eq!(shelf.fetched(), 1);
}

#[tokio::test]
async fn a_device_whose_client_was_never_seen_gets_its_codes() {
    let shelf = Shelf::new();
    shelf.serve(
        APP,
        &json!({ "client_id": APP, "grant_types": [DEVICE_GRANT], "token_endpoint_auth_method": "none" }),
    );
    let world = world_with(&shelf, with_devices).await;
    let device = begin(&world, APP).await.expect("codes");
    let poll = [
        ("grant_type", DEVICE_GRANT),
        ("device_code", device.device_code.expose()),
        ("client_id", APP),
    ];
    let waits = world.token(&poll).await.unwrap_err();
    assert!(matches!(waits, TokenError::AuthorizationPending), "{waits}");
    assert_eq!(shelf.fetched(), 1);
}

#[tokio::test]
async fn a_document_that_is_not_taken_is_refused_there_as_well() {
    let (_, shelf) = world().await;
    let world = world_with(&shelf, |settings| {
        with_devices(settings);
        settings.client_documents.block = vec!["app.example".parse().unwrap()];
    })
    .await;
    let refused = push(&world, APP).await.unwrap_err();
    assert_eq!(refused.code(), OAuthErrorCode::InvalidClient, "{refused}");
    let refused = begin(&world, APP).await.unwrap_err();
    assert_eq!(refused.code(), OAuthErrorCode::InvalidClient, "{refused}");
    assert_eq!(shelf.fetched(), 0);
}

/// Whoever makes up addresses is counted there like whoever registers clients.
#[tokio::test]
async fn made_up_addresses_are_counted_there_as_well() {
    let shelf = Shelf::new();
    for number in ["1", "2", "3"] {
        let id = format!("https://app.example/{number}.json");
        shelf.serve(&id, &document(&id));
    }
    let world = world_with(&shelf, |settings| {
        with_devices(settings);
        settings.limits.rule_mut(LimitRule::Registration).quota.burst = 2;
    })
    .await;
    push(&world, "https://app.example/1.json")
        .await
        .expect("a request_uri");
    let refused = begin(&world, "https://app.example/2.json").await.unwrap_err();
    assert!(
        matches!(refused, DeviceAuthorizationError::GrantNotAllowed),
        "{refused}"
    );
    let refused = push(&world, "https://app.example/3.json").await.unwrap_err();
    assert_eq!(refused.status(), 429, "{refused}");
    let refused = begin(&world, "https://app.example/3.json").await.unwrap_err();
    assert_eq!(refused.status(), 429, "{refused}");
    assert_eq!(shelf.fetched(), 2);
}
