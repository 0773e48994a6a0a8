//! Laws of asking again after the login, for providers that can say.

use vestibule_provider::{ProviderError, Standing, UpstreamSession};

use crate::expect::assert_discreet;
use crate::sample::NOW;
use crate::{Bench, Endpoint, Failure, Lie, Walk};

async fn logged_in<B: Bench>(walk: &Walk<'_, B>) -> UpstreamSession {
    assert!(
        walk.provider.capabilities().recheck,
        "a provider that cannot say does not run these laws"
    );
    let login = walk.must_log_in().await;
    login
        .upstream
        .expect("a provider that rechecks keeps something to do it with")
}

/// Asks while the upstream fails so: the provider must say that it cannot know, and never that the user is gone.
async fn cannot_know(bench: &impl Bench, how: Failure) {
    let walk = Walk::new(bench).await;
    let session = logged_in(&walk).await;
    // Providers ask the one or the other.
    walk.upstream.fail(Endpoint::Token, how);
    walk.upstream.fail(Endpoint::Userinfo, how);
    if how == Failure::Silent {
        tokio::time::pause();
    }
    let error = match walk.provider.recheck(&session, NOW).await {
        Err(error) => error,
        Ok(standing) => panic!("{how:?} was taken for an answer: {standing:?}"),
    };
    assert_discreet(&error, &walk.upstream);
}

/// Whoever still stands, stands, however often it is asked; what the upstream rotates is kept.
pub async fn a_user_who_still_stands_stands(bench: &impl Bench) {
    let walk = Walk::new(bench).await;
    let mut session = logged_in(&walk).await;
    let subject = session.subject.clone();
    for _ in 0..3 {
        match walk.provider.recheck(&session, NOW).await {
            Ok(Standing::Good(next)) => session = next,
            other => panic!("{other:?}"),
        }
        assert_eq!(session.subject, subject);
        walk.upstream.assert_no_secret_in(&format!("{session:?}"));
    }
}

/// Whoever was disabled upstream is gone.
pub async fn a_disabled_user_is_gone(bench: &impl Bench) {
    let walk = Walk::new(bench).await;
    let session = logged_in(&walk).await;
    walk.upstream.change_user(|user| user.enabled = false);
    let standing = walk.provider.recheck(&session, NOW).await;
    assert!(matches!(standing, Ok(Standing::Gone(_))), "{standing:?}");
}

/// An upstream that is down is not taken for one that has no such user.
pub async fn an_outage_is_no_revocation(bench: &impl Bench) {
    cannot_know(bench, Failure::Down).await;
}

/// Nor is one that never answers.
pub async fn silence_is_no_revocation(bench: &impl Bench) {
    cannot_know(bench, Failure::Silent).await;
}

/// Nor is one that answers with a page, or without end.
pub async fn nonsense_is_no_revocation(bench: &impl Bench) {
    cannot_know(bench, Failure::Nonsense).await;
    cannot_know(bench, Failure::Oversized).await;
}

/// A client that is no longer known says nothing about the user.
pub async fn a_wrong_secret_is_no_revocation(bench: &impl Bench) {
    cannot_know(bench, Failure::UnknownClient).await;
}

/// Another user's token does not keep this one's session alive.
pub async fn another_users_answer_is_not_taken(bench: &impl Bench) {
    let walk = Walk::new(bench).await;
    let session = logged_in(&walk).await;
    walk.upstream.lie(Lie::AnotherUserOnRefresh);
    match walk.provider.recheck(&session, NOW).await {
        Err(ProviderError::Rejected(_)) | Ok(Standing::Gone(_)) => {}
        other => panic!("{other:?}"),
    }
}
