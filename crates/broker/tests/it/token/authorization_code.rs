use std::time::Duration;

use vestibule_broker::store::Codes as _;
use vestibule_broker::{Digest, EndCause, EndpointError as _, TokenError};
use vestibule_protocol::{OAuthErrorCode, SessionId};

use crate::fixture::{
    APP, CALLBACK, FILES, LOOPBACK, NOTES_SERVER, ONCE, SECRET, World, client_id, redemption, redirect,
    replaced,
};

fn code_of(result: Result<impl std::fmt::Debug, TokenError>) -> OAuthErrorCode {
    result.expect_err("a refusal").code()
}

#[tokio::test]
async fn a_code_that_nobody_issued_is_refused() {
    let world = World::new().await;
    let refused = world.redeem("made-up").await.unwrap_err();
    assert!(matches!(refused, TokenError::CodeUnknown));
    assert_eq!(
        (refused.code(), refused.status()),
        (OAuthErrorCode::InvalidGrant, 400)
    );
}

#[tokio::test]
async fn an_expired_code_is_refused() {
    let world = World::new().await;
    let code = world.issue_code(|_| {}).await;
    world.advance(Duration::from_secs(60));
    assert!(matches!(world.redeem(&code).await, Err(TokenError::CodeUnknown)));
}

#[tokio::test]
async fn a_code_is_refused_to_another_client() {
    let world = World::new().await;
    let code = world.issue_code(|_| {}).await;
    let refused = world
        .token(&replaced(&redemption(&code), "client_id", ONCE))
        .await;
    assert!(matches!(refused, Err(TokenError::CodeOfAnotherClient)));
}

#[tokio::test]
async fn a_wrong_verifier_is_refused() {
    let world = World::new().await;
    let code = world.issue_code(|_| {}).await;
    let other = "x".repeat(43);
    let refused = world
        .token(&replaced(&redemption(&code), "code_verifier", &other))
        .await;
    assert!(matches!(refused, Err(TokenError::VerifierMismatch)));
    assert_eq!(code_of(refused), OAuthErrorCode::InvalidGrant);
}

#[tokio::test]
async fn a_failed_redemption_spends_the_code() {
    let world = World::new().await;
    let code = world.issue_code(|_| {}).await;
    let other = "x".repeat(43);
    let refused = world
        .token(&replaced(&redemption(&code), "code_verifier", &other))
        .await;
    assert!(matches!(refused, Err(TokenError::VerifierMismatch)));
    assert!(matches!(world.redeem(&code).await, Err(TokenError::CodeReplayed)));
}

#[tokio::test]
async fn a_missing_verifier_is_an_invalid_request() {
    let world = World::new().await;
    let code = world.issue_code(|_| {}).await;
    let refused = world
        .token(&replaced(&redemption(&code), "code_verifier", ""))
        .await;
    assert!(matches!(refused, Err(TokenError::VerifierMissing)));
    assert_eq!(code_of(refused), OAuthErrorCode::InvalidRequest);
}

#[tokio::test]
async fn another_redirect_uri_is_refused() {
    let world = World::new().await;
    let code = world.issue_code(|_| {}).await;
    // Registered for the client, and still not the one that the code was sent to.
    let refused = world
        .token(&replaced(&redemption(&code), "redirect_uri", LOOPBACK))
        .await;
    assert!(matches!(refused, Err(TokenError::RedirectUriMismatch)));
    assert_eq!(code_of(refused), OAuthErrorCode::InvalidGrant);
}

#[tokio::test]
async fn a_redirect_uri_that_was_named_has_to_be_named_again() {
    let world = World::new().await;
    let code = world.issue_code(|_| {}).await;
    let refused = world
        .token(&replaced(&redemption(&code), "redirect_uri", ""))
        .await;
    assert!(matches!(refused, Err(TokenError::RedirectUriMissing)));
}

#[tokio::test]
async fn a_redirect_uri_that_was_not_named_need_not_be() {
    let world = World::new().await;
    let code = world.issue_code(|grant| grant.redirect_uri_given = false).await;
    world
        .token(&replaced(&redemption(&code), "redirect_uri", ""))
        .await
        .expect("tokens");
}

#[tokio::test]
async fn the_port_of_a_loopback_redirect_uri_does_not_count() {
    let world = World::new().await;
    let code = world
        .issue_code(|grant| grant.redirect_uri = redirect(LOOPBACK))
        .await;
    let other_port = replaced(
        &redemption(&code),
        "redirect_uri",
        "http://127.0.0.1:51234/callback",
    );
    world.token(&other_port).await.expect("tokens");
}

#[tokio::test]
async fn a_resource_that_was_not_granted_is_an_invalid_target() {
    let world = World::new().await;
    for foreign in [FILES, "https://elsewhere.example/mcp", "not a uri"] {
        let code = world.issue_code(|_| {}).await;
        let refused = world
            .token(&replaced(&redemption(&code), "resource", foreign))
            .await;
        assert!(
            matches!(refused, Err(TokenError::ResourceNotGranted)),
            "{foreign}"
        );
        assert_eq!(code_of(refused), OAuthErrorCode::InvalidTarget);
    }
}

#[tokio::test]
async fn a_client_without_the_grant_is_unauthorized() {
    let world = World::new().await;
    let code = world
        .issue_code(|grant| grant.client_id = client_id(NOTES_SERVER))
        .await;
    let mut request = replaced(&redemption(&code), "client_id", NOTES_SERVER);
    request.push(("client_secret", SECRET));
    let refused = world.token(&request).await;
    assert!(matches!(refused, Err(TokenError::GrantNotAllowed(_))));
    assert_eq!(code_of(refused), OAuthErrorCode::UnauthorizedClient);
}

#[tokio::test]
async fn other_grant_types_are_unsupported() {
    let world = World::new().await;
    for grant in ["password", "client_credentials", "implicit"] {
        let refused = world.token(&[("grant_type", grant), ("client_id", APP)]).await;
        assert_eq!(code_of(refused), OAuthErrorCode::UnsupportedGrantType, "{grant}");
    }
}

#[tokio::test]
async fn a_parameter_that_stands_twice_is_an_invalid_request() {
    let world = World::new().await;
    let code = world.issue_code(|_| {}).await;
    let mut request = redemption(&code);
    request.push(("redirect_uri", CALLBACK));
    assert_eq!(
        code_of(world.token(&request).await),
        OAuthErrorCode::InvalidRequest
    );
}

#[tokio::test]
async fn a_replayed_code_ends_its_session() {
    let world = World::new().await;
    let code = world.issue_code(|_| {}).await;
    let tokens = world.redeem(&code).await.expect("tokens");
    assert!(world.is_active(&tokens.access_token).await);

    let replayed = world.redeem(&code).await;
    assert!(matches!(replayed, Err(TokenError::CodeReplayed)));
    assert_eq!(code_of(replayed), OAuthErrorCode::InvalidGrant);
    assert!(world.session_of(&tokens).await.is_none());
    assert!(world.is_revoked(&tokens).await);
    assert!(!world.is_active(&tokens.access_token).await);
    let refreshed = world.refresh(tokens.refresh_token.as_deref().unwrap()).await;
    assert!(matches!(refreshed, Err(TokenError::RefreshTokenUnknown)));
}

#[tokio::test]
async fn a_replay_is_known_as_one_after_the_codes_own_expiry() {
    let world = World::new().await;
    let code = world.issue_code(|_| {}).await;
    let tokens = world.redeem(&code).await.expect("tokens");
    world.advance(Duration::from_secs(300));
    assert!(matches!(world.redeem(&code).await, Err(TokenError::CodeReplayed)));
    assert!(world.is_revoked(&tokens).await);
}

#[tokio::test]
async fn a_replay_that_another_client_sends_ends_the_session_too() {
    let world = World::new().await;
    let code = world.issue_code(|_| {}).await;
    let tokens = world.redeem(&code).await.expect("tokens");
    let replayed = world
        .token(&replaced(&redemption(&code), "client_id", ONCE))
        .await;
    assert!(matches!(replayed, Err(TokenError::CodeReplayed)));
    assert!(world.is_revoked(&tokens).await);
}

#[tokio::test]
async fn a_session_that_was_ended_before_it_was_opened_stays_shut() {
    let world = World::new().await;
    let sid = SessionId::parse("raced").unwrap();
    let code = world.issue_code(|grant| grant.session = sid.clone()).await;
    world
        .broker
        .end_session(&sid, EndCause::CodeReplayed)
        .await
        .unwrap();
    assert!(matches!(world.redeem(&code).await, Err(TokenError::CodeReplayed)));
}

#[tokio::test]
async fn a_code_that_a_crashed_redemption_spent_opens_nothing() {
    let world = World::new().await;
    let code = world.issue_code(|_| {}).await;
    let later = world.now() + Duration::from_secs(600);
    world
        .store
        .redeem_code(Digest::of(&code), later, world.now())
        .await
        .unwrap();
    assert!(matches!(world.redeem(&code).await, Err(TokenError::CodeReplayed)));
}
