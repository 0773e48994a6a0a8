use std::time::Duration;

use vestibule_jose::Audience;
use vestibule_protocol::Timestamp;

use crate::fixture::{
    APP, FILES, NOTES, ONCE, World, alice, client_id, redemption, replaced, resource, scopes,
};

#[tokio::test]
async fn an_access_token_says_who_for_what_and_until_when() {
    let world = World::new().await;
    let tokens = world.tokens().await;
    let claims = world.read(&tokens.access_token).await;
    let session = world.session_of(&tokens).await.expect("a session");
    assert_eq!(tokens.token_type, "Bearer");
    assert_eq!(tokens.expires_in, 3600);
    assert_eq!(claims.sub, alice().subject);
    assert_eq!(claims.idp, alice().provider);
    assert_eq!(claims.auth_time, alice().auth_time);
    assert_eq!(claims.aud, Audience::one(NOTES));
    assert_eq!(claims.client_id, client_id(APP));
    assert_eq!(claims.scope, scopes("mcp:read mcp:write offline_access"));
    assert_eq!(claims.scope, tokens.scope);
    assert_eq!(claims.iat, world.now());
    assert_eq!(claims.exp, world.now() + Duration::from_secs(3600));
    assert_eq!(claims.sid, session.id);
    let status = claims.status.expect("a status").status_list;
    assert_eq!(
        status.uri,
        format!("https://auth.example/oauth/status/{}", session.status.list)
    );
    assert_eq!(status.idx, session.status.bit);
    assert!(!world.is_revoked(&tokens).await);
}

#[tokio::test]
async fn no_two_tokens_have_the_same_id_or_status_bit() {
    let world = World::new().await;
    let (first, second) = (world.tokens().await, world.tokens().await);
    let (first, second) = (
        world.read(&first.access_token).await,
        world.read(&second.access_token).await,
    );
    assert_ne!(first.jti, second.jti);
    assert_ne!(first.sid, second.sid);
    assert_ne!(first.status, second.status);
}

#[tokio::test]
async fn the_audience_has_the_configured_form() {
    let world = World::new().await;
    let code = world.issue_code(|_| {}).await;
    let with_slash = replaced(&redemption(&code), "resource", "HTTPS://NOTES.example:443/mcp/");
    let tokens = world.token(&with_slash).await.expect("tokens");
    assert_eq!(world.read(&tokens.access_token).await.aud, Audience::one(NOTES));
}

#[tokio::test]
async fn a_token_for_several_resources_lives_as_long_as_the_strictest_allows() {
    let world = World::new().await;
    let code = world
        .issue_code(|grant| {
            grant.resources = vec![resource(NOTES), resource(FILES)];
            grant.scopes = scopes("mcp:read files:read");
        })
        .await;
    let tokens = world.redeem(&code).await.expect("tokens");
    let claims = world.read(&tokens.access_token).await;
    assert_eq!(Some(claims.aud), Audience::all([NOTES, FILES]));
    assert_eq!(claims.scope, scopes("mcp:read files:read"));
    assert_eq!(tokens.expires_in, 300);
}

#[tokio::test]
async fn a_token_narrowed_to_one_resource_carries_only_its_scopes() {
    let world = World::new().await;
    let code = world
        .issue_code(|grant| {
            grant.resources = vec![resource(NOTES), resource(FILES)];
            grant.scopes = scopes("mcp:read files:read openid");
        })
        .await;
    let tokens = world
        .token(&replaced(&redemption(&code), "resource", FILES))
        .await
        .expect("tokens");
    assert_eq!(world.read(&tokens.access_token).await.aud, Audience::one(FILES));
    assert_eq!(tokens.scope, scopes("files:read openid"));
    let session = world.session_of(&tokens).await.expect("a session");
    assert_eq!(session.resources, [resource(NOTES), resource(FILES)]);
}

#[tokio::test]
async fn without_offline_access_a_client_without_the_grant_gets_no_refresh_token() {
    let world = World::new().await;
    let code = world
        .issue_code(|grant| {
            grant.client_id = client_id(ONCE);
            grant.scopes = scopes("mcp:read");
        })
        .await;
    let tokens = world
        .token(&replaced(&redemption(&code), "client_id", ONCE))
        .await
        .expect("tokens");
    assert!(tokens.refresh_token.is_none());
    let session = world.session_of(&tokens).await.expect("a session");
    assert_eq!(session.ends_at(), world.now() + Duration::from_secs(3600));
}

#[tokio::test]
async fn offline_access_brings_a_refresh_token_to_any_client() {
    let world = World::new().await;
    let code = world.issue_code(|grant| grant.client_id = client_id(ONCE)).await;
    let tokens = world
        .token(&replaced(&redemption(&code), "client_id", ONCE))
        .await
        .expect("tokens");
    let refresh_token = tokens.refresh_token.expect("a refresh token");
    let refreshed = world
        .token(&[
            ("grant_type", "refresh_token"),
            ("refresh_token", &refresh_token),
            ("client_id", ONCE),
        ])
        .await
        .expect("tokens");
    assert!(refreshed.refresh_token.is_some());
}

#[tokio::test]
async fn a_client_that_registered_the_grant_gets_a_refresh_token_without_offline_access() {
    let world = World::new().await;
    assert!(world.tokens_with("mcp:read").await.refresh_token.is_some());
}

#[tokio::test]
async fn an_access_token_never_outlives_its_session() {
    let world = World::with(|settings| settings.lifetimes.session_max = Duration::from_millis(90_500)).await;
    let tokens = world.tokens().await;
    let session = world.session_of(&tokens).await.expect("a session");
    let claims = world.read(&tokens.access_token).await;
    assert_eq!(tokens.expires_in, 90);
    assert!(claims.exp <= session.dies_at);
    assert_eq!(claims.exp, Timestamp::from_secs(session.dies_at.as_secs()));
}
