//! The account page: one's own sessions and nobody else's.

use vestibule_broker::{AccountError, LogoutError};

use super::person::{Person, request, world};
use crate::fixture::{params, replaced};

#[tokio::test]
async fn nobody_s_account_is_shown_to_nobody() {
    let world = world().await;
    let account = world.broker.account(Person::default().browser()).await;
    assert!(matches!(account, Err(AccountError::NotLoggedIn)));
}

#[tokio::test]
async fn a_person_sees_and_ends_their_own_sessions() {
    let world = world().await;
    let mut alice = Person::default();
    let tokens = alice.connect(&world, &request(), "alice").await;
    let account = world.broker.account(alice.browser()).await.unwrap();
    assert_eq!(account.user, "alice");
    assert_eq!(account.sessions.len(), 1);
    assert_eq!(account.sessions[0].resources, ["Notes"]);
    let sid = account.sessions[0].id.clone();
    world
        .broker
        .end_own_session(alice.browser(), &account.form_token, &sid)
        .await
        .unwrap();
    assert!(world.session_of(&tokens).await.is_none());
    assert!(world.is_revoked(&tokens).await);
    assert!(
        world
            .broker
            .account(alice.browser())
            .await
            .unwrap()
            .sessions
            .is_empty()
    );
}

#[tokio::test]
async fn somebody_else_s_session_stays() {
    let world = world().await;
    let tokens = Person::default().connect(&world, &request(), "alice").await;
    let sid = world.read(&tokens.access_token).await.sid;
    let mut bob = Person::default();
    bob.connect(&world, &replaced(&request(), "scope", "mcp:read"), "bob")
        .await;
    let account = world.broker.account(bob.browser()).await.unwrap();
    assert!(account.sessions.iter().all(|session| session.id != sid));
    world
        .broker
        .end_own_session(bob.browser(), &account.form_token, &sid)
        .await
        .unwrap();
    assert!(world.session_of(&tokens).await.is_some());
}

#[tokio::test]
async fn a_form_from_elsewhere_does_nothing() {
    let world = world().await;
    let mut alice = Person::default();
    let tokens = alice.connect(&world, &request(), "alice").await;
    let mut bob = Person::default();
    bob.connect(&world, &replaced(&request(), "scope", "mcp:read"), "bob")
        .await;
    let foreign = world.broker.account(bob.browser()).await.unwrap().form_token;
    let sid = world.read(&tokens.access_token).await.sid;
    for token in ["", "guess", foreign.as_str()] {
        let ended = world.broker.end_own_session(alice.browser(), token, &sid).await;
        assert!(matches!(ended, Err(AccountError::ForeignForm)), "{token}");
        let form = params(&[("form_token", token)]);
        let left = world.broker.confirm_logout(alice.browser(), &form).await;
        assert!(matches!(
            left,
            Err(LogoutError::Account(AccountError::ForeignForm))
        ));
    }
    assert!(world.session_of(&tokens).await.is_some());
}

#[tokio::test]
async fn signing_out_ends_the_browser_s_login_and_not_the_apps_sessions() {
    let world = world().await;
    let mut alice = Person::default();
    let tokens = alice.connect(&world, &request(), "alice").await;
    let form_token = world.broker.account(alice.browser()).await.unwrap().form_token;
    let form = params(&[("form_token", &form_token)]);
    world.broker.confirm_logout(alice.browser(), &form).await.unwrap();
    assert!(matches!(
        world.broker.account(alice.browser()).await,
        Err(AccountError::NotLoggedIn)
    ));
    assert!(world.session_of(&tokens).await.is_some());
}
