//! Clients that are known by the document at their address.

mod consent;
mod governance;
mod newcomers;
mod reading;

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use vestibule_broker::settings::Settings;
use vestibule_broker::store::{ClientDocuments as _, Clients as _};
use vestibule_broker::{
    AuthenticateError, AuthorizeError, ClientAddress, ClientChange, ClientDetails, ClientOrigin, Decision,
    DocumentRefusal, EndpointError as _, FetchError, LimitRule, Next, Operator, Origin, TokenError,
    UntrustedRequest,
};
use vestibule_protocol::{DocumentHosts, OAuthErrorCode};

use crate::fixture::{CALLBACK, VERIFIER, World, client_id, replaced, scopes};
use crate::shelf::Shelf;
use crate::walk::person::{Person, code, local, request, ticket};

const APP: &str = "https://app.example/client.json";
const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(60 * 60);

fn document(id: &str) -> Value {
    json!({
        "client_id": id,
        "client_name": "App",
        "redirect_uris": [CALLBACK, "http://localhost/callback"],
        "grant_types": ["authorization_code", "refresh_token"],
        "token_endpoint_auth_method": "none",
    })
}

async fn world_with(shelf: &Arc<Shelf>, change: impl FnOnce(&mut Settings)) -> World {
    World::with_documents(shelf.clone(), vec![local("local")], change).await
}

/// A world in which [`APP`] has a document.
async fn world() -> (World, Arc<Shelf>) {
    let shelf = Shelf::new();
    shelf.serve(APP, &document(APP));
    (world_with(&shelf, |_| {}).await, shelf)
}

fn asking(id: &'static str) -> Vec<(&'static str, &'static str)> {
    let pairs = replaced(&request(), "client_id", id);
    replaced(&pairs, "redirect_uri", CALLBACK)
}

/// Why a request of this client does not come to a login.
async fn refusal(world: &World, pairs: &[(&str, &str)]) -> DocumentRefusal {
    match Person::default().try_authorize(world, pairs).await {
        Err(AuthorizeError::Page(UntrustedRequest::ClientDocument(refusal))) => *refusal,
        other => panic!("no refusal of a document but {other:?}"),
    }
}

async fn comes_in(world: &World, id: &'static str) -> bool {
    Person::default().try_authorize(world, &asking(id)).await.is_ok()
}

fn operator() -> Operator {
    Operator::of_account(0)
}

#[tokio::test]
async fn a_client_with_a_document_comes_in_and_refreshes() {
    let (world, shelf) = world().await;
    let mut alice = Person::default();
    let walk = alice.authorize(&world, &asking(APP)).await;
    alice.log_in(&world, &walk, "alice").await;
    let page = alice.consent_page(&world, &walk).await;
    assert_eq!(
        (page.client.name.as_str(), page.client.origin),
        ("App", Origin::Document)
    );
    assert_eq!(page.client.document_host.as_deref(), Some("app.example"));
    assert!(page.remembers);
    let code = alice.approve(&world, &walk, "mcp:read").await;
    let redeem = [
        ("grant_type", "authorization_code"),
        ("code", &code),
        ("client_id", APP),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
    ];
    let tokens = world.token(&redeem).await.unwrap();
    assert_eq!(world.read(&tokens.access_token).await.client_id.as_str(), APP);
    let refresh = [
        ("grant_type", "refresh_token"),
        ("refresh_token", tokens.refresh_token.as_deref().unwrap()),
        ("client_id", APP),
    ];
    world.token(&refresh).await.unwrap();
    assert_eq!(shelf.fetched(), 1);
}

#[tokio::test]
async fn a_client_refreshes_after_its_session_has_slept() {
    let shelf = Shelf::new();
    shelf.serve(APP, &document(APP));
    let world = world_with(&shelf, |settings| settings.lifetimes.registration = MINUTE).await;
    let mut alice = Person::default();
    let walk = alice.authorize(&world, &asking(APP)).await;
    alice.log_in(&world, &walk, "alice").await;
    let code = alice.approve(&world, &walk, "mcp:read").await;
    let redeem = replaced(&crate::fixture::redemption(&code), "client_id", APP);
    let tokens = world.token(&redeem).await.unwrap();
    world.advance(29 * 24 * HOUR);
    let refresh = [
        ("grant_type", "refresh_token"),
        ("refresh_token", tokens.refresh_token.as_deref().unwrap()),
        ("client_id", APP),
    ];
    world.token(&refresh).await.unwrap();
    assert_eq!(shelf.fetched(), 2);
}

/// Claude Code lists loopback addresses without a port, and comes with one.
#[tokio::test]
async fn the_port_of_a_loopback_address_in_a_document_does_not_count() {
    let (world, _) = world().await;
    let pairs = replaced(&asking(APP), "redirect_uri", "http://localhost:53682/callback");
    Person::default().try_authorize(&world, &pairs).await.unwrap();
    for foreign in [
        "https://evil.example/callback",
        "http://localhost:53682/other",
        "https://app.example/callback/",
    ] {
        let refused = Person::default()
            .try_authorize(&world, &replaced(&pairs, "redirect_uri", foreign))
            .await;
        assert!(
            matches!(
                refused,
                Err(AuthorizeError::Page(UntrustedRequest::RedirectUriMismatch { .. }))
            ),
            "{foreign}"
        );
    }
}

#[tokio::test]
async fn an_address_in_another_spelling_is_no_client() {
    let (world, shelf) = world().await;
    for id in [
        "https://APP.example/client.json",
        "HTTPS://app.example/client.json",
        "https://app.example:443/client.json",
        "https://app.example/x/../client.json",
        "https://app.example/client.json#",
        "https://app.example/client.json?",
        "https://u@app.example/client.json",
        "http://app.example/client.json",
        "https://127.0.0.1/client.json",
        "http://localhost/client.json",
        "ftp://app.example/client.json",
    ] {
        let refused = refusal(&world, &asking(id)).await;
        assert!(
            matches!(refused, DocumentRefusal::Address(_)),
            "{id}: {refused:?}"
        );
    }
    assert_eq!(shelf.fetched(), 0);
}

/// A trailing slash, and an escape that means the same, are other addresses: their documents name themselves, or make no client.
#[tokio::test]
async fn a_neighbouring_address_is_another_client() {
    let (world, shelf) = world().await;
    for id in [
        "https://app.example/client.json/",
        "https://app.example/%63lient.json",
    ] {
        shelf.serve(id, &document(APP));
        let refused = refusal(&world, &asking(id)).await;
        assert!(
            matches!(refused, DocumentRefusal::Invalid(..)),
            "{id}: {refused:?}"
        );
    }
}

#[tokio::test]
async fn documents_and_registrations_are_never_taken_for_one_another() {
    let (world, _) = world().await;
    // Nobody can register such an id; should a store hold one all the same, it is not looked at.
    let body = br#"{"redirect_uris":["https://evil.example/cb"],"token_endpoint_auth_method":"none"}"#;
    let registered = world
        .broker
        .register(ClientAddress::default(), None, body)
        .await
        .unwrap();
    let mut record = world
        .store
        .find_client(&registered.client_id, world.now())
        .await
        .unwrap()
        .unwrap();
    record.id = client_id(APP);
    world.store.register_client(record, world.now()).await.unwrap();
    assert!(comes_in(&world, APP).await);
    let found = world.broker.find_client(&client_id(APP)).await.unwrap().unwrap();
    assert_eq!(found.origin(), ClientOrigin::Document);
    assert_eq!(found.redirect_uris()[0].as_str(), CALLBACK);
}

#[tokio::test]
async fn an_address_that_the_operator_wrote_down_is_not_fetched() {
    let shelf = Shelf::new();
    let world = world_with(&shelf, |settings| settings.clients[0].id = client_id(APP)).await;
    assert!(comes_in(&world, APP).await);
    assert_eq!(shelf.fetched(), 0);
}

#[tokio::test]
async fn a_public_client_of_a_document_has_no_secret() {
    let (world, _) = world().await;
    assert!(comes_in(&world, APP).await);
    let pairs = [
        ("grant_type", "refresh_token"),
        ("refresh_token", "x"),
        ("client_id", APP),
        ("client_secret", "x"),
    ];
    let refused = world.token(&pairs).await.unwrap_err();
    assert_eq!(refused.code(), OAuthErrorCode::InvalidClient);
}

#[tokio::test]
async fn what_is_begun_is_a_page_of_the_clients_own() {
    let (world, _) = world().await;
    ticket(
        Person::default()
            .try_authorize(&world, &asking(APP))
            .await
            .unwrap(),
    );
}
