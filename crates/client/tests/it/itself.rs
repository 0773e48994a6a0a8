//! Logins of the client itself, for nobody else.

use std::time::Duration;

use vestibule_client::{CallError, ClientCredential, Entrance, LoginError, UnattendedLogin};
use vestibule_protocol::{ScopeSet, Secret};

use crate::world::{Twist, World, known, no_arguments, unattended};

fn robot() -> UnattendedLogin {
    let credential = ClientCredential::Secret(Secret::new("a:secret"));
    unattended(Entrance::Itself(known("robot", credential)))
}

async fn logged_in(twists: impl IntoIterator<Item = Twist>) -> World {
    let world = World::with(twists).await;
    world
        .client()
        .login_unattended(&world.server, &robot())
        .await
        .unwrap();
    world
}

fn asked(world: &World) -> Vec<String> {
    let requests = world.ledger.requests("token");
    requests.iter().map(|pairs| pairs["grant_type"].clone()).collect()
}

#[tokio::test]
async fn a_service_logs_in_as_itself_and_nobody_is_sent_to_a_browser() {
    let world = World::good().await;
    let login = world
        .client()
        .login_unattended(&world.server, &robot())
        .await
        .unwrap();
    assert_eq!(login.scope, ScopeSet::parse("mcp:read").unwrap());
    assert_eq!(asked(&world), ["client_credentials"]);
    assert!(world.ledger.clients().is_empty(), "it registers nobody");
    assert!(!world.ledger.requests("token")[0].contains_key("refresh_token"));
    world
        .client()
        .call(&world.server, "echo", &no_arguments())
        .await
        .unwrap();
}

/// A refresh token that comes all the same is not kept: it would outlive what it was issued for.
#[tokio::test]
async fn a_service_asks_again_where_others_refresh() {
    let world = logged_in([]).await;
    world.clock.advance(Duration::from_secs(3600));
    world
        .client()
        .call(&world.server, "echo", &no_arguments())
        .await
        .unwrap();
    world.ledger.forget_access_tokens();
    world
        .client()
        .call(&world.server, "echo", &no_arguments())
        .await
        .unwrap();
    assert_eq!(asked(&world), ["client_credentials"; 3]);
}

#[tokio::test]
async fn a_service_asks_for_more_itself_where_a_tool_needs_it() {
    let world = logged_in([]).await;
    world
        .client()
        .call(&world.server, "write", &no_arguments())
        .await
        .unwrap();
    let requests = world.ledger.requests("token");
    assert_eq!(requests[1]["scope"], "mcp:read mcp:write");
    assert_eq!(requests.len(), 2);

    let world = logged_in([Twist::NoMoreScopes]).await;
    let error = world
        .client()
        .call(&world.server, "write", &no_arguments())
        .await
        .unwrap_err();
    assert!(matches!(error, CallError::InsufficientScope { .. }), "{error}");
}

#[tokio::test]
async fn a_service_that_is_refused_is_told_so() {
    let world = World::with([Twist::RefreshRefused]).await;
    let error = world
        .client()
        .login_unattended(&world.server, &robot())
        .await
        .unwrap_err();
    assert!(matches!(error, LoginError::Token(_)), "{error}");
    assert!(error.to_string().contains("unauthorized_client"), "{error}");
    assert!(world.file().is_none());

    let world = logged_in([]).await;
    world.ledger.add(Twist::RefreshRefused);
    world.clock.advance(Duration::from_secs(3600));
    let error = world
        .client()
        .call(&world.server, "echo", &no_arguments())
        .await
        .unwrap_err();
    assert!(matches!(error, CallError::LoginEnded { .. }), "{error}");
}

/// PKCE is about codes: a server that lets only services in has none.
#[tokio::test]
async fn a_service_comes_in_where_no_person_could() {
    let world = logged_in([Twist::NoPkce]).await;
    assert_eq!(asked(&world), ["client_credentials"]);
}
