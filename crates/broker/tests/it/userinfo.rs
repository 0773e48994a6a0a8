use std::time::Duration;

use vestibule_broker::{EndCause, EndpointError as _, ShownToken, UserInfoError};
use vestibule_protocol::OAuthErrorCode;

use crate::fixture::{World, alice};

#[tokio::test]
async fn what_is_no_access_token_is_refused() {
    let world = World::new().await;
    let tokens = world.tokens_with("mcp:read openid").await;
    for wrong in [
        "nonsense",
        tokens.refresh_token.as_deref().unwrap(),
        tokens.id_token.as_deref().unwrap(),
    ] {
        let refused = world
            .broker
            .userinfo(ShownToken::Bearer(wrong))
            .await
            .expect_err(wrong);
        assert!(matches!(refused, UserInfoError::InvalidToken));
        assert_eq!(
            (refused.code(), refused.status()),
            (OAuthErrorCode::InvalidToken, 401)
        );
    }
}

#[tokio::test]
async fn a_token_without_openid_is_refused() {
    let world = World::new().await;
    let tokens = world.tokens_with("mcp:read profile email").await;
    let refused = world
        .broker
        .userinfo(ShownToken::Bearer(&tokens.access_token))
        .await
        .expect_err("a refusal");
    assert_eq!(
        (refused.code(), refused.status()),
        (OAuthErrorCode::InsufficientScope, 403)
    );
}

#[tokio::test]
async fn a_token_of_an_ended_session_is_refused() {
    let world = World::new().await;
    let tokens = world.tokens_with("mcp:read openid").await;
    let sid = world.session_of(&tokens).await.unwrap().id;
    world
        .broker
        .end_session(&sid, EndCause::EndedByOperator)
        .await
        .unwrap();
    assert!(matches!(
        world
            .broker
            .userinfo(ShownToken::Bearer(&tokens.access_token))
            .await,
        Err(UserInfoError::InvalidToken)
    ));
}

#[tokio::test]
async fn an_expired_token_is_refused() {
    let world = World::new().await;
    let tokens = world.tokens_with("mcp:read openid").await;
    world.advance(Duration::from_secs(3600));
    assert!(matches!(
        world
            .broker
            .userinfo(ShownToken::Bearer(&tokens.access_token))
            .await,
        Err(UserInfoError::InvalidToken)
    ));
}

#[tokio::test]
async fn it_tells_what_the_scopes_allow() {
    let world = World::new().await;
    let bare = world.tokens_with("mcp:read openid").await;
    let told = world
        .broker
        .userinfo(ShownToken::Bearer(&bare.access_token))
        .await
        .expect("an answer");
    assert_eq!((told.sub, told.name, told.email), (alice().subject, None, None));
    let full = world.tokens_with("mcp:read openid profile email").await;
    let told = world
        .broker
        .userinfo(ShownToken::Bearer(&full.access_token))
        .await
        .expect("an answer");
    assert_eq!(
        (told.name, told.preferred_username),
        (alice().name, alice().username)
    );
    assert_eq!((told.email, told.email_verified), (alice().email, Some(true)));
}
