use std::time::Duration;

use vestibule_broker::{EndpointError as _, RevokeError, TokenError};
use vestibule_protocol::OAuthErrorCode;

use crate::fixture::{APP, ONCE, WEB, World, params};

async fn revoke(world: &World, client: &str, token: &str) -> Result<(), RevokeError> {
    world
        .broker
        .revoke(None, &params(&[("token", token), ("client_id", client)]))
        .await
}

#[tokio::test]
async fn a_request_without_a_token_is_invalid() {
    let world = World::new().await;
    let refused = world
        .broker
        .revoke(None, &params(&[("client_id", APP)]))
        .await
        .expect_err("a refusal");
    assert_eq!(refused.code(), OAuthErrorCode::InvalidRequest);
}

#[tokio::test]
async fn a_confidential_client_has_to_authenticate() {
    let world = World::new().await;
    let refused = revoke(&world, WEB, "whatever").await.expect_err("a refusal");
    assert_eq!(
        (refused.code(), refused.status()),
        (OAuthErrorCode::InvalidClient, 401)
    );
}

#[tokio::test]
async fn a_token_of_another_client_is_refused_and_lives() {
    let world = World::new().await;
    let tokens = world.tokens().await;
    for token in [&tokens.access_token, tokens.refresh_token.as_ref().unwrap()] {
        let refused = revoke(&world, ONCE, token).await.expect_err("a refusal");
        assert!(matches!(refused, RevokeError::TokenOfAnotherClient));
    }
    assert!(world.is_active(&tokens.access_token).await);
}

#[tokio::test]
async fn a_forged_refresh_token_revokes_nothing() {
    let world = World::new().await;
    let tokens = world.tokens().await;
    let (rest, _) = tokens.refresh_token.as_deref().unwrap().rsplit_once('.').unwrap();
    let forged = format!("{rest}.{}", "A".repeat(43));
    revoke(&world, APP, &forged).await.expect("200");
    assert!(world.is_active(&tokens.access_token).await);
}

#[tokio::test]
async fn a_token_that_nobody_issued_is_no_error() {
    let world = World::new().await;
    for unknown in ["nonsense", "a.b.c", "s.0.AAAA"] {
        revoke(&world, APP, unknown).await.expect("200");
    }
}

#[tokio::test]
async fn either_token_ends_the_session_for_good() {
    for refresh in [false, true] {
        let world = World::new().await;
        let tokens = world.tokens().await;
        let token = if refresh {
            tokens.refresh_token.as_ref().unwrap()
        } else {
            &tokens.access_token
        };
        revoke(&world, APP, token).await.expect("200");
        assert!(world.session_of(&tokens).await.is_none());
        assert!(world.is_revoked(&tokens).await);
        assert!(!world.is_active(&tokens.access_token).await);
        let refused = world.refresh(tokens.refresh_token.as_deref().unwrap()).await;
        assert!(matches!(refused, Err(TokenError::RefreshTokenUnknown)));
        // Revoked again, and later: revoked it stays.
        revoke(&world, APP, token).await.expect("200");
        world.advance(Duration::from_secs(1800));
        assert!(world.is_revoked(&tokens).await);
    }
}

#[tokio::test]
async fn a_spent_refresh_token_still_ends_its_session() {
    let world = World::new().await;
    let tokens = world.tokens().await;
    let spent = tokens.refresh_token.as_deref().unwrap();
    world.refresh(spent).await.expect("tokens");
    world.advance(Duration::from_secs(60));
    revoke(&world, APP, spent).await.expect("200");
    assert!(world.is_revoked(&tokens).await);
}

#[tokio::test]
async fn one_session_of_a_client_ends_and_the_other_lives() {
    let world = World::new().await;
    let (one, other) = (world.tokens().await, world.tokens().await);
    revoke(&world, APP, &one.access_token).await.expect("200");
    assert!(world.is_revoked(&one).await);
    assert!(!world.is_revoked(&other).await);
    assert!(world.is_active(&other.access_token).await);
}

#[tokio::test]
async fn a_wrong_hint_does_not_stop_the_search() {
    for hint in ["access_token", "refresh_token", "nonsense"] {
        for refresh in [false, true] {
            let world = World::new().await;
            let tokens = world.tokens().await;
            let token = if refresh {
                tokens.refresh_token.as_deref().unwrap()
            } else {
                &tokens.access_token
            };
            let request = params(&[("token", token), ("client_id", APP), ("token_type_hint", hint)]);
            world.broker.revoke(None, &request).await.expect("200");
            assert!(!world.is_active(&tokens.access_token).await, "{hint}");
        }
    }
}
