//! MCP servers that admit some providers alone.

use std::sync::Arc;

use vestibule_broker::settings::Settings;
use vestibule_broker::{Interaction, TokenError, WalkError};

use super::several::{choose, offered, providers, restrict};
use super::standing::press;
use crate::fixture::{FILES, NOTES, World, parts, replaced, resource, scopes, secrets};
use crate::puppet::user;
use crate::walk::person::{Person, param, refusal, request, ticket};

#[tokio::test]
async fn an_mcp_server_that_admits_one_provider_leads_straight_to_it() {
    let world = World::with_providers(providers(&["acme", "umbrella"]), |settings| {
        restrict(settings, NOTES, &["umbrella"]);
    })
    .await;
    let mut zoe = Person::default();
    for pairs in [request(), replaced(&request(), "idp_hint", "acme")] {
        let walk = zoe.authorize(&world, &pairs).await;
        match zoe.sees(&world, &walk).await.unwrap() {
            Interaction::Ask { provider, .. } => assert_eq!(provider.id.as_str(), "umbrella"),
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn a_provider_that_is_not_admitted_is_neither_offered_nor_taken() {
    let world = World::with_providers(providers(&["acme", "umbrella", "initech"]), |settings| {
        restrict(settings, NOTES, &["umbrella", "initech"]);
    })
    .await;
    let mut zoe = Person::default();
    let walk = zoe.authorize(&world, &request()).await;
    assert_eq!(offered(&world, &zoe, &walk).await, ["umbrella", "initech"]);
    let refused = choose(&world, &mut zoe, &walk, "acme").await;
    assert!(
        matches!(refused, Err(WalkError::ProviderNotAdmitted)),
        "{refused:?}"
    );
}

#[tokio::test]
async fn a_browser_s_login_of_a_provider_that_is_not_admitted_is_not_used() {
    let world = World::with_providers(providers(&["acme", "umbrella"]), |settings| {
        restrict(settings, FILES, &["umbrella"]);
    })
    .await;
    let mut zoe = Person::default();
    let walk = zoe.authorize(&world, &request()).await;
    choose(&world, &mut zoe, &walk, "acme").await.unwrap();
    press(&world, &mut zoe, &walk, "zoe").await;
    let files = replaced(&replaced(&request(), "resource", FILES), "scope", "files:read");
    let walk = zoe.authorize(&world, &files).await;
    match zoe.sees(&world, &walk).await.unwrap() {
        Interaction::Ask { provider, .. } => assert_eq!(provider.id.as_str(), "umbrella"),
        other => panic!("{other:?}"),
    }
    let silent = replaced(&files, "prompt", "none");
    let refused = refusal(zoe.try_authorize(&world, &silent).await);
    assert_eq!(param(&refused, "error").as_deref(), Some("login_required"));
}

#[tokio::test]
async fn switching_the_user_offers_only_whom_the_mcp_server_admits() {
    let world = World::with_providers(providers(&["acme", "umbrella"]), |settings| {
        restrict(settings, NOTES, &["umbrella"]);
    })
    .await;
    let mut zoe = Person::default();
    let walk = zoe.authorize(&world, &request()).await;
    press(&world, &mut zoe, &walk, "zoe").await;
    let turn = world.broker.switch_user(&walk, zoe.browser()).await.unwrap();
    let next = zoe.take(turn);
    match zoe.sees(&world, &ticket(next)).await.unwrap() {
        Interaction::Ask { provider, .. } => assert_eq!(provider.id.as_str(), "umbrella"),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn mcp_servers_without_a_provider_in_common_are_refused_to_the_client() {
    let world = World::with_providers(providers(&["acme", "umbrella"]), |settings| {
        restrict(settings, NOTES, &["umbrella"]);
        restrict(settings, FILES, &["acme"]);
    })
    .await;
    let mut both = request();
    both.extend([("resource", NOTES), ("resource", FILES)]);
    let refused = refusal(Person::default().try_authorize(&world, &both).await);
    assert_eq!(param(&refused, "error").as_deref(), Some("invalid_target"));
}

/// The same store and clock, where the operator has decided otherwise.
async fn restarted(world: &World, change: impl FnOnce(&mut Settings)) -> World {
    let mut settings = crate::fixture::settings();
    change(&mut settings);
    let parts = parts(&world.store, &world.clock, secrets("one", &[]), 3);
    let broker = vestibule_broker::Broker::open(settings, parts).await.unwrap();
    World {
        broker: Arc::new(broker),
        store: world.store.clone(),
        clock: world.clock.clone(),
    }
}

#[tokio::test]
async fn an_mcp_server_that_no_longer_admits_a_provider_gets_no_more_tokens_of_its_users() {
    let world = World::with_providers(Vec::new(), |_| {}).await;
    let code = world
        .issue_code(|grant| {
            grant.identity = Arc::new(user("acme", "zoe"));
            grant.resources = vec![resource(NOTES), resource(FILES)];
            grant.scopes = scopes("mcp:read files:read offline_access");
        })
        .await;
    let tokens = world.redeem(&code).await.expect("tokens");
    let mut token = tokens.refresh_token.expect("a refresh token");

    let after = restarted(&world, |settings| restrict(settings, NOTES, &["umbrella"])).await;
    let named = after
        .token(&[
            ("grant_type", "refresh_token"),
            ("refresh_token", &token),
            ("client_id", crate::fixture::APP),
            ("resource", NOTES),
        ])
        .await;
    assert!(matches!(named, Err(TokenError::ResourceGone)), "{named:?}");
    let rest = after.refresh(&token).await.expect("tokens for the other server");
    let claims = after.read(&rest.access_token).await;
    assert!(
        claims.aud.contains(FILES) && !claims.aud.contains(NOTES),
        "{claims:?}"
    );
    assert_eq!(rest.scope, scopes("files:read offline_access"));
    token = rest.refresh_token.expect("a refresh token");

    let after = restarted(&world, |settings| {
        restrict(settings, NOTES, &["umbrella"]);
        restrict(settings, FILES, &["umbrella"]);
    })
    .await;
    let refused = after.refresh(&token).await;
    assert!(matches!(refused, Err(TokenError::ResourceGone)), "{refused:?}");

    // Nothing was taken from the session: who is admitted again goes on.
    let after = restarted(&world, |settings| restrict(settings, NOTES, &["acme"])).await;
    after.refresh(&token).await.expect("tokens");
}
