use std::time::Duration;

use vestibule_jose::{Algorithm, Audience, IdTokenClaims, TokenType, at_hash};

use crate::fixture::{APP, World, alice, scopes};

async fn read(world: &World, id_token: &str) -> IdTokenClaims {
    world.verify(id_token, TokenType::IdToken).await
}

#[tokio::test]
async fn without_openid_there_is_none() {
    let world = World::new().await;
    assert!(
        world
            .tokens_with("mcp:read profile email")
            .await
            .id_token
            .is_none()
    );
}

#[tokio::test]
async fn it_holds_no_more_of_the_person_than_the_scopes_allow() {
    let world = World::new().await;
    let bare = world.tokens_with("mcp:read openid").await;
    let claims = read(&world, bare.id_token.as_deref().unwrap()).await;
    assert_eq!(
        (claims.name, claims.email, claims.email_verified),
        (None, None, None)
    );
    let full = world.tokens_with("mcp:read openid profile email").await;
    let claims = read(&world, full.id_token.as_deref().unwrap()).await;
    assert_eq!(claims.name, alice().name);
    assert_eq!(claims.preferred_username, alice().username);
    assert_eq!(claims.email, alice().email);
    assert_eq!(claims.email_verified, Some(true));
}

#[tokio::test]
async fn it_is_for_the_client_and_binds_nonce_and_access_token() {
    let world = World::new().await;
    let code = world
        .issue_code(|grant| {
            grant.scopes = scopes("mcp:read openid");
            grant.nonce = Some("n-0S6_WzA2Mj".to_owned());
        })
        .await;
    let tokens = world.redeem(&code).await.expect("tokens");
    let claims = read(&world, tokens.id_token.as_deref().unwrap()).await;
    assert_eq!(claims.aud, Audience::one(APP));
    assert_eq!(claims.sub, alice().subject);
    assert_eq!(claims.nonce.as_deref(), Some("n-0S6_WzA2Mj"));
    assert_eq!(claims.auth_time, alice().auth_time);
    assert_eq!(
        claims.at_hash,
        Some(at_hash(Algorithm::Es256, &tokens.access_token))
    );
    assert_eq!(claims.sid, world.read(&tokens.access_token).await.sid);
}

#[tokio::test]
async fn a_refresh_brings_a_fresh_one_without_the_nonce() {
    let world = World::new().await;
    let code = world
        .issue_code(|grant| {
            grant.scopes = scopes("mcp:read openid");
            grant.nonce = Some("once".to_owned());
        })
        .await;
    let tokens = world.redeem(&code).await.expect("tokens");
    world.advance(Duration::from_secs(600));
    let refreshed = world
        .refresh(tokens.refresh_token.as_deref().unwrap())
        .await
        .expect("tokens");
    let before = read(&world, tokens.id_token.as_deref().unwrap()).await;
    let claims = read(&world, refreshed.id_token.as_deref().unwrap()).await;
    assert_eq!(
        (&claims.iss, &claims.sub, &claims.aud),
        (&before.iss, &before.sub, &before.aud)
    );
    assert_eq!(claims.nonce, None);
    assert_eq!(claims.iat, world.now());
    assert_eq!(claims.auth_time, alice().auth_time);
    assert_eq!(
        claims.at_hash,
        Some(at_hash(Algorithm::Es256, &refreshed.access_token))
    );
}
