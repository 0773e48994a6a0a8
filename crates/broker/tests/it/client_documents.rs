//! Clients that are known by the document at their address.

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
async fn a_document_is_read_once_while_it_is_fresh() {
    let (world, shelf) = world().await;
    for _ in 0..3 {
        assert!(comes_in(&world, APP).await);
    }
    let other = world.replica(crate::fixture::secrets("one", &[])).await;
    let found = other.broker.find_client(&client_id(APP)).await.unwrap();
    assert!(found.is_some(), "the store is shared");
    assert_eq!(shelf.fetched(), 1);
    world.advance(5 * MINUTE);
    assert!(comes_in(&world, APP).await);
    assert_eq!(shelf.fetched(), 2);
}

#[tokio::test]
async fn a_documents_headers_count_within_bounds() {
    for (says, is_fresh_for) in [
        (None, 5 * MINUTE),
        (Some(Duration::ZERO), 5 * MINUTE),
        (Some(HOUR), HOUR),
        (Some(1000 * HOUR), 24 * HOUR),
    ] {
        let shelf = Shelf::new();
        shelf.serve_for(APP, &document(APP), says);
        let world = world_with(&shelf, |_| {}).await;
        assert!(comes_in(&world, APP).await);
        world.advance(is_fresh_for.saturating_sub(Duration::from_millis(1)));
        assert!(comes_in(&world, APP).await);
        assert_eq!(shelf.fetched(), 1, "{says:?}");
        world.advance(Duration::from_millis(1));
        assert!(comes_in(&world, APP).await);
        assert_eq!(shelf.fetched(), 2, "{says:?}");
    }
}

#[tokio::test]
async fn of_many_who_ask_at_once_one_reads_the_document() {
    let shelf = Shelf::behind_a_gate();
    shelf.serve(APP, &document(APP));
    let world = Arc::new(world_with(&shelf, |_| {}).await);
    let asking = (0..8).map(|_| {
        let world = world.clone();
        tokio::spawn(async move { comes_in(&world, APP).await })
    });
    let asking: Vec<_> = asking.collect();
    while shelf.fetched() == 0 {
        tokio::task::yield_now().await;
    }
    shelf.open();
    for one in asking {
        assert!(one.await.unwrap());
    }
    assert_eq!(shelf.fetched(), 1);
}

#[tokio::test]
async fn a_document_that_is_refused_is_not_asked_for_at_once_again() {
    let shelf = Shelf::new();
    let world = world_with(&shelf, |_| {}).await;
    for _ in 0..5 {
        let refused = refusal(&world, &asking(APP)).await;
        assert_eq!(refused, DocumentRefusal::Fetch(FetchError::Status(404)));
        assert_eq!(refused.code(), OAuthErrorCode::InvalidClient);
    }
    assert_eq!(shelf.fetched(), 1);
    shelf.serve(APP, &document(APP));
    world.advance(30 * Duration::from_secs(1));
    assert!(comes_in(&world, APP).await);
}

#[tokio::test]
async fn a_document_that_does_not_hold_makes_no_client() {
    let shelf = Shelf::new();
    shelf.serve(APP, &document("https://app.example/other.json"));
    let world = world_with(&shelf, |_| {}).await;
    let refused = refusal(&world, &asking(APP)).await;
    assert!(matches!(refused, DocumentRefusal::Invalid(..)), "{refused:?}");
    assert_eq!(
        world
            .store
            .find_document(&client_id(APP), world.now())
            .await
            .unwrap(),
        None
    );
}

#[tokio::test]
async fn while_its_host_is_away_a_document_goes_on_for_a_day() {
    let (world, shelf) = world().await;
    assert!(comes_in(&world, APP).await);
    shelf.fail(APP, FetchError::Unreachable("away".to_owned()));
    world.advance(5 * MINUTE);
    assert!(comes_in(&world, APP).await);
    world.advance(24 * HOUR);
    let refused = refusal(&world, &asking(APP)).await;
    assert_eq!(refused.code(), OAuthErrorCode::TemporarilyUnavailable);
}

#[tokio::test]
async fn a_document_that_was_taken_down_takes_its_client_with_it() {
    let (world, shelf) = world().await;
    assert!(comes_in(&world, APP).await);
    for gone in [
        FetchError::Status(404),
        FetchError::Status(301),
        FetchError::TooLarge("large".to_owned()),
    ] {
        shelf.fail(APP, gone.clone());
        world.advance(5 * MINUTE);
        assert_eq!(refusal(&world, &asking(APP)).await, DocumentRefusal::Fetch(gone));
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
async fn switched_off_no_document_is_fetched() {
    let (_, shelf) = world().await;
    let world = world_with(&shelf, |settings| settings.client_documents.enabled = false).await;
    assert_eq!(refusal(&world, &asking(APP)).await, DocumentRefusal::Disabled);
    assert_eq!(shelf.fetched(), 0);
}

#[tokio::test]
async fn this_machine_is_a_host_where_the_operator_says_so_alone() {
    const LOCAL: &str = "http://localhost:4711/client.json";
    let shelf = Shelf::new();
    shelf.serve(LOCAL, &document(LOCAL));
    let world = world_with(&shelf, |settings| {
        settings.client_documents.hosts = DocumentHosts::AlsoThisMachine;
    })
    .await;
    assert!(comes_in(&world, LOCAL).await);
}

#[tokio::test]
async fn the_operator_lets_in_and_shuts_out_by_host_and_by_document() {
    const OTHER: &str = "https://deep.app.example/client.json";
    for (allow, block, lets_in) in [
        (&[][..], &[][..], [true, true]),
        (&["app.example"], &[], [true, false]),
        (&["*.app.example"], &[], [false, true]),
        (&["app.example", "*.app.example"], &[], [true, true]),
        (&["*.example"], &["deep.app.example"], [true, false]),
        (&[APP], &[], [true, false]),
        (&[], &[APP], [false, true]),
        (&["*.pp.example", "pp.example"], &[], [false, false]),
    ] {
        let shelf = Shelf::new();
        for id in [APP, OTHER] {
            shelf.serve(id, &document(id));
        }
        let patterns = |texts: &[&str]| texts.iter().map(|text| text.parse().unwrap()).collect();
        let world = world_with(&shelf, |settings| {
            settings.client_documents.allow = patterns(allow);
            settings.client_documents.block = patterns(block);
        })
        .await;
        for (id, comes) in [APP, OTHER].into_iter().zip(lets_in) {
            assert_eq!(comes_in(&world, id).await, comes, "{allow:?} {block:?} {id}");
        }
        assert_eq!(shelf.fetched(), lets_in.iter().filter(|comes| **comes).count());
    }
}

#[tokio::test]
async fn a_document_waits_for_approval_where_the_operator_wants_it() {
    let (_, shelf) = world().await;
    let world = world_with(&shelf, |settings| {
        settings.client_documents.require_approval = true;
    })
    .await;
    let refused = refusal(&world, &asking(APP)).await;
    assert_eq!(refused, DocumentRefusal::AwaitsApproval(client_id(APP)));
    assert!(
        refused
            .to_string()
            .contains(&format!("vestibule clients approve {APP}"))
    );
    // The operator can look at what waits.
    let shown = world
        .broker
        .show_client(&operator(), &client_id(APP))
        .await
        .unwrap();
    assert!(matches!(shown, Some(ClientDetails::Document(document)) if document.read.is_some()));
    let done = world
        .broker
        .approve_client(&operator(), &client_id(APP))
        .await
        .unwrap();
    assert_eq!(done, ClientChange::Done { ended_sessions: 0 });
    assert!(comes_in(&world, APP).await);
    // An approval outlives what was read.
    world.advance(400 * 24 * HOUR);
    assert!(comes_in(&world, APP).await);
}

#[tokio::test]
async fn a_document_may_be_approved_before_anybody_comes_with_it() {
    let (_, shelf) = world().await;
    let world = world_with(&shelf, |settings| {
        settings.client_documents.require_approval = true;
    })
    .await;
    world
        .broker
        .approve_client(&operator(), &client_id(APP))
        .await
        .unwrap();
    assert!(comes_in(&world, APP).await);
    let registered = world
        .broker
        .approve_client(&operator(), &client_id("app"))
        .await
        .unwrap();
    assert_eq!(registered, ClientChange::Configured);
    let unknown = world
        .broker
        .approve_client(&operator(), &client_id("nobody"))
        .await
        .unwrap();
    assert_eq!(unknown, ClientChange::NoDocument);
}

#[tokio::test]
async fn a_blocked_document_is_shut_out_with_its_sessions() {
    let (world, shelf) = world().await;
    let mut alice = Person::default();
    let walk = alice.authorize(&world, &asking(APP)).await;
    alice.log_in(&world, &walk, "alice").await;
    let code = alice.approve(&world, &walk, "mcp:read").await;
    let redeem = replaced(&crate::fixture::redemption(&code), "client_id", APP);
    let tokens = world.token(&redeem).await.unwrap();
    let done = world
        .broker
        .block_client(&operator(), &client_id(APP))
        .await
        .unwrap();
    assert_eq!(done, ClientChange::Done { ended_sessions: 1 });
    assert!(world.is_revoked(&tokens).await);
    for _ in 0..2 {
        let refused = Person::default().try_authorize(&world, &asking(APP)).await;
        assert!(matches!(
            refused,
            Err(AuthorizeError::Page(UntrustedRequest::ClientBlocked))
        ));
        // Nothing that the document says lifts the block.
        world.advance(HOUR);
    }
    assert_eq!(shelf.fetched(), 1);
    world
        .broker
        .unblock_client(&operator(), &client_id(APP))
        .await
        .unwrap();
    assert!(comes_in(&world, APP).await);
}

#[tokio::test]
async fn a_client_may_be_blocked_before_anybody_comes_with_it() {
    let (world, shelf) = world().await;
    world
        .broker
        .block_client(&operator(), &client_id(APP))
        .await
        .unwrap();
    let refused = Person::default().try_authorize(&world, &asking(APP)).await;
    assert!(matches!(
        refused,
        Err(AuthorizeError::Page(UntrustedRequest::ClientBlocked))
    ));
    assert_eq!(shelf.fetched(), 0);
}

#[tokio::test]
async fn a_forgotten_document_is_read_anew() {
    let (world, shelf) = world().await;
    assert!(comes_in(&world, APP).await);
    world
        .broker
        .delete_client(&operator(), &client_id(APP))
        .await
        .unwrap();
    assert!(comes_in(&world, APP).await);
    assert_eq!(shelf.fetched(), 2);
}

/// Alice agrees, and is not asked again while nothing has changed that her consent stands on.
async fn agreed() -> (World, Arc<Shelf>, Person) {
    let (world, shelf) = world().await;
    let mut alice = Person::default();
    let walk = alice.authorize(&world, &asking(APP)).await;
    alice.log_in(&world, &walk, "alice").await;
    alice.approve(&world, &walk, "mcp:read mcp:write").await;
    let again = alice.try_authorize(&world, &asking(APP)).await.unwrap();
    code(again);
    (world, shelf, alice)
}

#[tokio::test]
async fn consent_is_asked_anew_when_redirect_uris_or_keys_have_changed() {
    for (field, value) in [
        ("redirect_uris", json!([CALLBACK, "https://evil.example/cb"])),
        ("redirect_uris", json!([CALLBACK])),
        ("jwks_uri", json!("https://app.example/jwks.json")),
        (
            "jwks",
            json!({"keys": [{"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}),
        ),
    ] {
        let (world, shelf, mut alice) = agreed().await;
        let mut changed = document(APP);
        changed[field] = value;
        shelf.serve(APP, &changed);
        world.advance(5 * MINUTE);
        let asked = alice.try_authorize(&world, &asking(APP)).await.unwrap();
        assert!(matches!(asked, Next::Interact { .. }), "{field}: {asked:?}");
        // What was agreed to is agreed to still.
        shelf.serve(APP, &document(APP));
        world.advance(5 * MINUTE);
        code(alice.try_authorize(&world, &asking(APP)).await.unwrap());
    }
}

#[tokio::test]
async fn another_name_or_order_does_not_ask_anew() {
    let (world, shelf, mut alice) = agreed().await;
    let mut changed = document(APP);
    changed["client_name"] = json!("App 2");
    changed["redirect_uris"] = json!(["http://localhost/callback", CALLBACK]);
    shelf.serve(APP, &changed);
    world.advance(5 * MINUTE);
    code(alice.try_authorize(&world, &asking(APP)).await.unwrap());
}

#[tokio::test]
async fn a_walk_ends_when_its_redirect_uri_leaves_the_document() {
    let (world, shelf) = world().await;
    let mut alice = Person::default();
    let walk = alice.authorize(&world, &asking(APP)).await;
    alice.log_in(&world, &walk, "alice").await;
    let mut changed = document(APP);
    changed["redirect_uris"] = json!(["https://app.example/another"]);
    shelf.serve(APP, &changed);
    world.advance(5 * MINUTE);
    let _ = Person::default().try_authorize(&world, &asking(APP)).await;
    let decision = Decision::Approve {
        scopes: scopes("mcp:read"),
    };
    let refused = alice.decide(&world, &walk, decision).await;
    assert!(
        matches!(refused, Err(vestibule_broker::WalkError::ClientGone)),
        "{refused:?}"
    );
}

#[tokio::test]
async fn the_token_endpoint_fetches_no_address_that_it_does_not_know() {
    let (world, shelf) = world().await;
    let refused = world
        .token(&[
            ("grant_type", "refresh_token"),
            ("refresh_token", "x"),
            ("client_id", APP),
        ])
        .await
        .unwrap_err();
    assert_eq!(
        (refused.code(), refused.status()),
        (OAuthErrorCode::InvalidClient, 401)
    );
    assert!(matches!(
        refused,
        TokenError::Client(AuthenticateError::Document { cause, .. }) if *cause == DocumentRefusal::NeverRead
    ));
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
async fn a_host_is_not_asked_too_often() {
    let shelf = Shelf::new();
    let world = world_with(&shelf, |settings| {
        settings.limits.rule_mut(LimitRule::ClientDocuments).quota.burst = 2;
    })
    .await;
    let asks = async |id| refusal(&world, &asking(id)).await;
    for id in ["https://app.example/1", "https://app.example/2"] {
        assert!(asks(id).await.limited().is_none());
    }
    let limited = asks("https://app.example/3").await.limited().unwrap();
    assert_eq!(limited.rule, LimitRule::ClientDocuments);
    assert!(asks("https://other.example/1").await.limited().is_none());
    assert_eq!(shelf.fetched(), 3);
}

/// Names below a domain are free, so that a limit by host alone would be none.
#[tokio::test]
async fn whoever_makes_up_addresses_is_counted_like_whoever_registers() {
    let shelf = Shelf::new();
    let world = world_with(&shelf, |settings| {
        settings.limits.rule_mut(LimitRule::Registration).quota.burst = 2;
    })
    .await;
    let mut mallory = Person::default();
    mallory.move_to(world.broker.locate("203.0.113.9".parse().unwrap()));
    for number in 0..4 {
        let id: &'static str = format!("https://h{number}.example/c").leak();
        let refused = mallory.try_authorize(&world, &asking(id)).await;
        let Err(AuthorizeError::Page(UntrustedRequest::ClientDocument(refusal))) = refused else {
            panic!("{refused:?}");
        };
        let limited = refusal.limited().map(|limited| limited.rule);
        assert_eq!(limited, (number >= 2).then_some(LimitRule::Registration));
    }
    assert_eq!(shelf.fetched(), 2);
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
