use std::sync::Arc;
use std::time::Duration;

use vestibule_broker::record::Session;
use vestibule_broker::{Broker, EndpointError as _, TokenError};
use vestibule_jose::Audience;
use vestibule_protocol::{KeyThumbprint, OAuthErrorCode, TokenResponse};

use crate::faulty::Faulty;
use crate::fixture::{
    APP, FILES, NOTES, ONCE, World, client_id, parts, redemption, resource, scopes, secrets, settings,
};

const GRACE: Duration = Duration::from_secs(30);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

fn refresh_token(tokens: &TokenResponse) -> &str {
    tokens.refresh_token.as_deref().expect("a refresh token")
}

#[tokio::test]
async fn what_is_no_refresh_token_is_refused() {
    let world = World::new().await;
    let tokens = world.tokens_with("mcp:read openid").await;
    let (rest, mac) = refresh_token(&tokens).rsplit_once('.').unwrap();
    let forged: String = mac.chars().map(|c| if c == 'A' { 'B' } else { 'A' }).collect();
    let next_generation = refresh_token(&tokens).replacen(".0.", ".1.", 1);
    for wrong in [
        "nonsense",
        &format!("{rest}.{forged}"),
        &next_generation,
        &tokens.access_token,
        tokens.id_token.as_deref().unwrap(),
    ] {
        let refused = world.refresh(wrong).await.expect_err(wrong);
        assert!(matches!(refused, TokenError::RefreshTokenUnknown), "{wrong}");
        assert_eq!(refused.code(), OAuthErrorCode::InvalidGrant);
    }
    // None of it has touched the session.
    world.refresh(refresh_token(&tokens)).await.expect("tokens");
}

#[tokio::test]
async fn a_refresh_token_is_refused_to_another_client_and_not_spent() {
    let world = World::new().await;
    let tokens = world.tokens().await;
    let refused = world
        .token(&[
            ("grant_type", "refresh_token"),
            ("refresh_token", refresh_token(&tokens)),
            ("client_id", ONCE),
        ])
        .await;
    assert!(matches!(refused, Err(TokenError::RefreshTokenOfAnotherClient)));
    assert_eq!(world.session_of(&tokens).await.unwrap().generation, 0);
}

#[tokio::test]
async fn a_widened_scope_is_refused_and_spends_nothing() {
    let world = World::new().await;
    let tokens = world.tokens_with("mcp:read").await;
    let refused = world
        .token(&[
            ("grant_type", "refresh_token"),
            ("refresh_token", refresh_token(&tokens)),
            ("client_id", APP),
            ("scope", "mcp:read mcp:admin"),
        ])
        .await
        .expect_err("a refusal");
    assert!(matches!(&refused, TokenError::ScopeNotGranted(scope) if *scope == scopes("mcp:admin")));
    assert_eq!(refused.code(), OAuthErrorCode::InvalidScope);
    assert_eq!(world.session_of(&tokens).await.unwrap().generation, 0);
}

#[tokio::test]
async fn a_foreign_resource_is_refused_and_spends_nothing() {
    let world = World::new().await;
    let tokens = world.tokens().await;
    let refused = world
        .token(&[
            ("grant_type", "refresh_token"),
            ("refresh_token", refresh_token(&tokens)),
            ("client_id", APP),
            ("resource", FILES),
        ])
        .await
        .expect_err("a refusal");
    assert_eq!(refused.code(), OAuthErrorCode::InvalidTarget);
    assert_eq!(world.session_of(&tokens).await.unwrap().generation, 0);
}

#[tokio::test]
async fn reuse_after_the_grace_window_ends_the_session() {
    let world = World::new().await;
    let tokens = world.tokens().await;
    let next = world.refresh(refresh_token(&tokens)).await.expect("tokens");
    world.advance(GRACE + Duration::from_secs(1));

    let second = world.refresh(refresh_token(&tokens)).await;
    assert!(matches!(second, Err(TokenError::RefreshTokenReused)));
    assert!(world.session_of(&tokens).await.is_none());
    assert!(world.is_revoked(&tokens).await);
    let refused = world.refresh(refresh_token(&next)).await;
    assert!(matches!(refused, Err(TokenError::RefreshTokenUnknown)));
    assert!(!world.is_active(&next.access_token).await);
}

#[tokio::test]
async fn a_generation_before_the_last_is_reuse_even_within_the_grace_window() {
    let world = World::new().await;
    let first = world.tokens().await;
    let second = world.refresh(refresh_token(&first)).await.expect("tokens");
    world.refresh(refresh_token(&second)).await.expect("tokens");
    assert!(matches!(
        world.refresh(refresh_token(&first)).await,
        Err(TokenError::RefreshTokenReused)
    ));
    assert!(world.is_revoked(&first).await);
}

#[tokio::test]
async fn a_forged_token_of_an_old_generation_does_not_end_the_session() {
    let world = World::new().await;
    let first = world.tokens().await;
    let second = world.refresh(refresh_token(&first)).await.expect("tokens");
    let third = world.refresh(refresh_token(&second)).await.expect("tokens");
    let mac_of_another = refresh_token(&third).replacen(".2.", ".0.", 1);
    assert!(matches!(
        world.refresh(&mac_of_another).await,
        Err(TokenError::RefreshTokenUnknown)
    ));
    assert!(world.session_of(&third).await.is_some());
}

#[tokio::test]
async fn within_the_grace_window_a_repetition_gets_the_same_successor() {
    let world = World::new().await;
    let tokens = world.tokens().await;
    let next = world.refresh(refresh_token(&tokens)).await.expect("tokens");
    world.advance(GRACE.saturating_sub(Duration::from_secs(1)));
    let again = world.refresh(refresh_token(&tokens)).await.expect("tokens");
    assert_eq!(refresh_token(&again), refresh_token(&next));
    assert_ne!(again.access_token, next.access_token);
    assert_ne!(refresh_token(&next), refresh_token(&tokens));
    world.refresh(refresh_token(&next)).await.expect("tokens");
}

#[tokio::test]
async fn another_replica_gives_the_same_successor() {
    let world = World::new().await;
    let replica = world.replica(secrets("one", &[])).await;
    let tokens = world.tokens().await;
    let here = world.refresh(refresh_token(&tokens)).await.expect("tokens");
    let there = replica.refresh(refresh_token(&tokens)).await.expect("tokens");
    assert_eq!(refresh_token(&here), refresh_token(&there));
    assert!(world.is_active(&there.access_token).await);
}

#[tokio::test]
async fn scope_and_resource_are_inherited_when_they_are_left_out() {
    let world = World::new().await;
    let tokens = world.tokens().await;
    let refreshed = world.refresh(refresh_token(&tokens)).await.expect("tokens");
    assert_eq!(refreshed.scope, tokens.scope);
    assert_eq!(
        world.read(&refreshed.access_token).await.aud,
        Audience::one(NOTES)
    );
}

#[tokio::test]
async fn a_narrowed_access_token_does_not_narrow_the_session() {
    let world = World::new().await;
    let tokens = world.tokens().await;
    let narrowed = world
        .token(&[
            ("grant_type", "refresh_token"),
            ("refresh_token", refresh_token(&tokens)),
            ("client_id", APP),
            ("scope", "mcp:read"),
        ])
        .await
        .expect("tokens");
    assert_eq!(narrowed.scope, scopes("mcp:read"));
    assert_eq!(world.read(&narrowed.access_token).await.scope, scopes("mcp:read"));
    let whole = world.refresh(refresh_token(&narrowed)).await.expect("tokens");
    assert_eq!(whole.scope, tokens.scope);
}

#[tokio::test]
async fn a_refresh_for_one_of_several_resources_is_for_that_one_alone() {
    let world = World::new().await;
    let code = world
        .issue_code(|grant| {
            grant.resources = vec![resource(NOTES), resource(FILES)];
            grant.scopes = scopes("mcp:read files:read");
        })
        .await;
    let tokens = world.token(&redemption(&code)).await.expect("tokens");
    let refreshed = world
        .token(&[
            ("grant_type", "refresh_token"),
            ("refresh_token", refresh_token(&tokens)),
            ("client_id", APP),
            ("resource", FILES),
        ])
        .await
        .expect("tokens");
    assert_eq!(
        world.read(&refreshed.access_token).await.aud,
        Audience::one(FILES)
    );
    assert_eq!(refreshed.scope, scopes("files:read"));
}

#[tokio::test]
async fn a_session_that_is_used_lives_on_until_it_dies() {
    let world = World::new().await;
    let mut tokens = world.tokens().await;
    for _ in 0..4 {
        world.advance(20 * DAY);
        tokens = world.refresh(refresh_token(&tokens)).await.expect("tokens");
    }
    world.advance(10 * DAY);
    let refused = world.refresh(refresh_token(&tokens)).await;
    assert!(matches!(refused, Err(TokenError::RefreshTokenUnknown)));
}

#[tokio::test]
async fn a_session_that_is_not_used_ends() {
    let world = World::new().await;
    let tokens = world.tokens().await;
    world.advance(30 * DAY);
    let refused = world.refresh(refresh_token(&tokens)).await;
    assert!(matches!(refused, Err(TokenError::RefreshTokenUnknown)));
}

#[tokio::test]
async fn refresh_tokens_outlast_a_change_of_the_master_secret() {
    let world = World::new().await;
    let tokens = world.tokens().await;
    let after = world.replica(secrets("two", &["one"])).await;
    let refreshed = after.refresh(refresh_token(&tokens)).await.expect("tokens");
    let only_new = world.replica(secrets("two", &[])).await;
    only_new.refresh(refresh_token(&refreshed)).await.expect("tokens");
}

/// The world at a replica that remembers how it saw the session of these tokens last.
async fn remembering(world: World, tokens: &TokenResponse, as_it_was: impl FnOnce(&mut Session)) -> World {
    let faulty = Faulty::over(&world.store);
    let mut session = world.session_of(tokens).await.expect("a session");
    as_it_was(&mut session);
    faulty.recall(session);
    let parts = vestibule_broker::Parts {
        store: faulty,
        ..parts(&world.store, &world.clock, secrets("one", &[]), 2)
    };
    World {
        broker: Arc::new(Broker::open(settings(), parts).await.unwrap()),
        ..world
    }
}

/// One with another salt was lost and opened anew since; none of it may be held against the token that is good now.
#[tokio::test]
async fn what_a_replica_remembers_is_no_reason_to_refuse() {
    let changes: [fn(&mut Session); 5] = [
        |session| session.salt[0] ^= 1,
        |session| session.client_id = client_id(ONCE),
        |session| session.refreshable = false,
        |session| session.dpop_jkt = Some(KeyThumbprint::of_hash([7; 32])),
        |session| session.generation = 3,
    ];
    for as_it_was in changes {
        let world = World::new().await;
        let tokens = world.tokens().await;
        let world = remembering(world, &tokens, as_it_was).await;
        world.refresh(refresh_token(&tokens)).await.expect("tokens");
        assert_eq!(world.session_of(&tokens).await.unwrap().generation, 1);
    }
}

#[tokio::test]
async fn what_a_replica_remembers_lets_nobody_in() {
    let world = World::new().await;
    let tokens = world.tokens().await;
    let world = remembering(world, &tokens, |_| {}).await;
    let next = world.refresh(refresh_token(&tokens)).await.expect("tokens");
    // As at a replica that has not heard of the rotation.
    world.advance(GRACE);
    let reused = world.refresh(refresh_token(&tokens)).await;
    assert!(matches!(reused, Err(TokenError::RefreshTokenReused)));
    assert!(world.is_revoked(&next).await);
    // Nor of the end.
    for token in [&tokens, &next] {
        let answer = world.refresh(refresh_token(token)).await;
        assert!(matches!(answer, Err(TokenError::RefreshTokenUnknown)));
    }
}
