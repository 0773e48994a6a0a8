//! An MCP server that calls another one for its user.

use std::sync::Arc;
use std::time::Duration;

use vestibule_broker::settings::{ClientRule, Settings};
use vestibule_broker::{EndpointError as _, TokenError};
use vestibule_protocol::{
    GrantType, IntrospectionResponse, OAuthErrorCode, TokenRequestError, TokenResponse,
};

use crate::fixture::{
    APP, FILES, NOTES, NOTES_SERVER, SECRET, WEB, World, client_id, redemption, replaced, resource, scopes,
};
use crate::proof::{Prover, without_nonces};

const EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";
/// The resource server of [`FILES`].
const FILES_SERVER: &str = "files-server";

fn with_exchange(settings: &mut Settings) {
    let rule = |client: &str, target: &str, allowed: &str| ClientRule {
        client: client_id(client),
        resource: resource(target),
        scopes: scopes(allowed),
    };
    settings.grants.token_exchange = vec![
        rule(NOTES_SERVER, FILES, "files:read"),
        rule(FILES_SERVER, NOTES, "mcp:read mcp:admin"),
    ];
    let notes = settings
        .clients
        .iter_mut()
        .find(|client| client.id.as_str() == NOTES_SERVER);
    notes.unwrap().grant_types = vec![GrantType::TokenExchange];
    let mut files = crate::fixture::settings().clients.remove(3);
    files.id = client_id(FILES_SERVER);
    files.introspects = vec![resource(FILES)];
    files.grant_types = vec![GrantType::TokenExchange];
    settings.clients.push(files);
}

async fn world() -> World {
    World::with(with_exchange).await
}

fn exchange<'a>(token: &'a str, target: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("grant_type", EXCHANGE),
        ("client_id", NOTES_SERVER),
        ("client_secret", SECRET),
        ("subject_token", token),
        ("subject_token_type", ACCESS_TOKEN),
        ("resource", target),
    ]
}

async fn exchanged(world: &World, token: &str) -> TokenResponse {
    world.token(&exchange(token, FILES)).await.expect("a token")
}

#[tokio::test]
async fn an_exchange_that_is_switched_off_does_not_exist() {
    let world = World::new().await;
    let token = world.tokens().await.access_token;
    let refused = world.token(&exchange(&token, FILES)).await;
    assert!(matches!(
        refused,
        Err(TokenError::Request(TokenRequestError::UnsupportedGrantType(_)))
    ));
    assert!(
        !world
            .broker
            .metadata()
            .grant_types_supported
            .contains(&GrantType::TokenExchange)
    );
}

#[tokio::test]
async fn only_a_client_with_the_grant_and_a_secret_exchanges() {
    let world = World::with(|settings| {
        with_exchange(settings);
        let app = settings
            .clients
            .iter_mut()
            .find(|client| client.id.as_str() == APP);
        let app = app.unwrap();
        app.grant_types.push(GrantType::TokenExchange);
        app.introspects = vec![resource(NOTES)];
        settings.grants.token_exchange.push(ClientRule {
            client: client_id(APP),
            resource: resource(FILES),
            scopes: scopes("files:read"),
        });
    })
    .await;
    let token = world.tokens().await.access_token;
    let public: Vec<_> = replaced(&exchange(&token, FILES), "client_id", APP)
        .into_iter()
        .filter(|(name, _)| *name != "client_secret")
        .collect();
    let without_grant = replaced(&exchange(&token, FILES), "client_id", WEB);
    for pairs in [public, without_grant] {
        let refused = world.token(&pairs).await.unwrap_err();
        assert!(matches!(refused, TokenError::GrantNotAllowed(_)), "{refused}");
        assert_eq!(refused.code(), OAuthErrorCode::UnauthorizedClient);
    }
}

#[tokio::test]
async fn a_token_that_is_not_good_is_exchanged_for_nothing() {
    let world = world().await;
    let tokens = world.tokens().await;
    let id = world.tokens_with("openid mcp:read").await.id_token.unwrap();
    let refresh = tokens.refresh_token.clone().unwrap();
    let tampered = format!("{}x", tokens.access_token);
    for token in ["x.y.z", &id, &refresh, &tampered] {
        let refused = world.token(&exchange(token, FILES)).await.unwrap_err();
        assert!(
            matches!(refused, TokenError::SubjectTokenUnknown),
            "{token}: {refused}"
        );
        assert_eq!(refused.code(), OAuthErrorCode::InvalidRequest);
    }
    world.advance(Duration::from_secs(3600));
    let refused = world.token(&exchange(&tokens.access_token, FILES)).await;
    assert!(matches!(refused, Err(TokenError::SubjectTokenUnknown)));
}

#[tokio::test]
async fn a_token_of_an_ended_session_is_exchanged_for_nothing() {
    let world = world().await;
    let tokens = world.tokens().await;
    let refresh = tokens.refresh_token.clone().unwrap();
    let params = crate::fixture::params(&[("token", &refresh), ("client_id", APP)]);
    world.broker.revoke(None, &params).await.unwrap();
    let refused = world.token(&exchange(&tokens.access_token, FILES)).await;
    assert!(matches!(refused, Err(TokenError::SubjectTokenUnknown)));
}

#[tokio::test]
async fn a_token_for_another_server_is_not_the_callers_to_exchange() {
    let world = world().await;
    let code = world
        .issue_code(|grant| {
            grant.resources = vec![resource(FILES)];
            grant.scopes = scopes("files:read");
        })
        .await;
    let token = world.redeem(&code).await.unwrap().access_token;
    let refused = world.token(&exchange(&token, FILES)).await.unwrap_err();
    assert!(matches!(refused, TokenError::SubjectTokenOfAnother));
    assert_eq!(refused.code(), OAuthErrorCode::InvalidRequest);
}

#[tokio::test]
async fn a_server_that_no_rule_names_is_not_reached() {
    let world = world().await;
    let token = world.tokens().await.access_token;
    for target in [NOTES, "https://elsewhere.example/mcp", "not a uri"] {
        let refused = world.token(&exchange(&token, target)).await.unwrap_err();
        assert!(matches!(refused, TokenError::ExchangeNotAllowed), "{target}");
        assert_eq!(
            (refused.code(), refused.status()),
            (OAuthErrorCode::InvalidTarget, 400)
        );
    }
}

#[tokio::test]
async fn exactly_one_server_is_named() {
    let world = world().await;
    let token = world.tokens().await.access_token;
    let none = replaced(&exchange(&token, FILES), "resource", "");
    let mut two = exchange(&token, FILES);
    two.push(("resource", NOTES));
    let mut both = exchange(&token, FILES);
    both.push(("audience", NOTES));
    for pairs in [none, two, both] {
        let refused = world.token(&pairs).await.unwrap_err();
        assert!(matches!(refused, TokenError::OneTarget));
        assert_eq!(refused.code(), OAuthErrorCode::InvalidTarget);
    }
    let mut by_audience = replaced(&exchange(&token, FILES), "resource", "");
    by_audience.push(("audience", FILES));
    world.token(&by_audience).await.expect("a token");
}

#[tokio::test]
async fn other_kinds_of_tokens_are_neither_taken_nor_given() {
    let world = world().await;
    let token = world.tokens().await.access_token;
    let id_token = "urn:ietf:params:oauth:token-type:id_token";
    let refresh_token = "urn:ietf:params:oauth:token-type:refresh_token";
    for (name, value) in [
        ("subject_token_type", id_token),
        ("subject_token_type", ""),
        ("requested_token_type", refresh_token),
        ("actor_token", "x.y.z"),
    ] {
        let refused = world
            .token(&replaced(&exchange(&token, FILES), name, value))
            .await;
        let refused = refused.unwrap_err();
        assert!(
            matches!(refused, TokenError::Request(_)),
            "{name}={value}: {refused}"
        );
        assert_eq!(refused.code(), OAuthErrorCode::InvalidRequest);
    }
}

#[tokio::test]
async fn an_exchange_gives_what_rule_and_policy_give_and_no_more() {
    let world = world().await;
    let token = world.tokens().await.access_token;
    for asked in [
        "files:write",
        "mcp:read",
        "files:read mcp:read",
        "openid",
        "offline_access",
    ] {
        let refused = world
            .token(&replaced(&exchange(&token, FILES), "scope", asked))
            .await;
        let refused = refused.unwrap_err();
        assert!(
            matches!(refused, TokenError::ScopeNotGranted(_)),
            "{asked}: {refused}"
        );
        assert_eq!(refused.code(), OAuthErrorCode::InvalidScope);
    }
    let answer = exchanged(&world, &token).await;
    assert_eq!(answer.scope, scopes("files:read"));
    let bare = World::with(|settings| {
        with_exchange(settings);
        settings.policy.rules.push(vestibule_broker::settings::Rule {
            resource: Some(resource(NOTES)),
            scopes: scopes("mcp:read"),
            ..Default::default()
        });
    })
    .await;
    let token = bare.tokens().await.access_token;
    let refused = bare.token(&exchange(&token, FILES)).await;
    assert!(matches!(refused, Err(TokenError::NoScopeLeft)));
}

#[tokio::test]
async fn the_token_says_who_acts_for_whom() {
    let world = world().await;
    let tokens = world.tokens().await;
    let shown = world.read(&tokens.access_token).await;
    let answer = exchanged(&world, &tokens.access_token).await;
    assert_eq!(answer.issued_token_type, Some(ACCESS_TOKEN));
    assert_eq!((answer.refresh_token, answer.id_token), (None, None));
    let claims = world.read(&answer.access_token).await;
    assert_eq!(claims.sub, shown.sub);
    assert_eq!(claims.sid, shown.sid);
    assert_eq!(claims.status, shown.status);
    assert_eq!(claims.client_id.as_str(), NOTES_SERVER);
    assert!(claims.aud.contains(FILES) && !claims.aud.contains(NOTES));
    let actor = claims.act.expect("an actor");
    assert_eq!((actor.sub.as_str(), actor.act), (NOTES_SERVER, None));
    assert_eq!(shown.act, None);
}

#[tokio::test]
async fn the_token_ends_with_the_one_that_was_shown() {
    let world = world().await;
    let token = world.tokens().await.access_token;
    let shown = world.read(&token).await;
    world.advance(Duration::from_secs(3500));
    let answer = exchanged(&world, &token).await;
    assert_eq!(answer.expires_in, 100);
    assert_eq!(world.read(&answer.access_token).await.exp, shown.exp);
}

#[tokio::test]
async fn the_end_of_the_session_reaches_what_was_exchanged() {
    let world = world().await;
    let tokens = world.tokens().await;
    let answer = exchanged(&world, &tokens.access_token).await;
    let seen = world.introspect_as(FILES_SERVER, &answer.access_token).await;
    let IntrospectionResponse::Active(seen) = seen else {
        panic!("not active")
    };
    assert_eq!(seen.aud, [resource(FILES)]);
    assert_eq!(
        seen.act.as_ref().map(|actor| actor.sub.as_str()),
        Some(NOTES_SERVER)
    );
    let unseen = world.introspect_as(WEB, &answer.access_token).await;
    assert_eq!(unseen, IntrospectionResponse::Inactive);

    let refresh = tokens.refresh_token.clone().unwrap();
    let params = crate::fixture::params(&[("token", &refresh), ("client_id", APP)]);
    world.broker.revoke(None, &params).await.unwrap();
    assert!(world.is_revoked(&answer).await);
    let seen = world.introspect_as(FILES_SERVER, &answer.access_token).await;
    assert_eq!(seen, IntrospectionResponse::Inactive);
}

#[tokio::test]
async fn a_chain_of_actors_is_written_down_and_has_an_end() {
    let world = world().await;
    let mut token = world.tokens_with("mcp:read").await.access_token;
    let hops = [
        (NOTES_SERVER, FILES),
        (FILES_SERVER, NOTES),
        (NOTES_SERVER, FILES),
        (FILES_SERVER, NOTES),
    ];
    for (number, (caller, target)) in hops.into_iter().enumerate() {
        let pairs = replaced(&exchange(&token, target), "client_id", caller);
        let answer = world.token(&pairs).await.expect("a token");
        let actor = world.read(&answer.access_token).await.act.expect("an actor");
        assert_eq!((actor.sub.as_str(), actor.chain()), (caller, number + 1));
        token = answer.access_token;
    }
    let refused = world.token(&exchange(&token, FILES)).await.unwrap_err();
    assert!(matches!(refused, TokenError::ChainTooLong));
}

#[tokio::test]
async fn an_exchange_back_home_widens_nothing() {
    let world = World::with(|settings| {
        with_exchange(settings);
        settings.policy.rules.push(vestibule_broker::settings::Rule {
            scopes: scopes("mcp:read mcp:write mcp:admin files:read"),
            ..Default::default()
        });
    })
    .await;
    let token = world.tokens_with("mcp:read").await.access_token;
    let there = exchanged(&world, &token).await.access_token;
    let back = replaced(&exchange(&there, NOTES), "client_id", FILES_SERVER);
    let answer = world.token(&back).await.expect("a token");
    assert_eq!(
        answer.scope,
        scopes("mcp:read"),
        "what the user gave, whatever rule and policy would allow"
    );
}

#[tokio::test]
async fn only_the_client_of_the_session_revokes_what_was_exchanged() {
    let world = Arc::new(world().await);
    let tokens = world.tokens().await;
    let answer = exchanged(&world, &tokens.access_token).await;
    let pairs = [
        ("token", answer.access_token.as_str()),
        ("client_id", NOTES_SERVER),
        ("client_secret", SECRET),
    ];
    let refused = world.broker.revoke(None, &crate::fixture::params(&pairs)).await;
    refused.unwrap_err();
    assert!(world.session_of(&tokens).await.is_some());
}

/// Whoever exchanges it has not the key that it is bound to.
#[tokio::test]
async fn a_token_that_is_bound_to_a_key_is_not_exchanged() {
    let (world, app) = (proving_world().await, Prover::new());
    let code = world.issue_code(|_| {}).await;
    let token = app.ask(&world, &redemption(&code)).await.unwrap().access_token;
    let server = Prover::new();
    for refused in [
        world.token(&exchange(&token, FILES)).await,
        server.ask(&world, &exchange(&token, FILES)).await,
        app.ask(&world, &exchange(&token, FILES)).await,
    ] {
        assert!(matches!(refused, Err(TokenError::SubjectTokenUnknown)));
    }
}

#[tokio::test]
async fn an_exchange_with_a_proof_gives_a_token_for_its_key() {
    let (world, server) = (proving_world().await, Prover::new());
    let token = world.tokens().await.access_token;
    let answer = server
        .ask(&world, &exchange(&token, FILES))
        .await
        .expect("a token");
    assert_eq!(answer.token_type, "DPoP");
    let cnf = world.read(&answer.access_token).await.cnf.unwrap();
    assert_eq!(cnf.jkt, server.jkt(&world));
    assert_eq!(exchanged(&world, &token).await.token_type, "Bearer");
}

async fn proving_world() -> World {
    World::with(|settings| {
        with_exchange(settings);
        without_nonces(settings);
    })
    .await
}
