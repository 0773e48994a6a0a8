//! Access tokens that must not be believed, and those that must.

use std::time::Duration;

use vestibule_protocol::Secret;
use vestibule_provider::{LoginStep, ProviderError};
use vestibule_tests::{Lie, Signing};

use crate::rig::{Login, Rig, done, now, rig, rig_with};

async fn try_ada(rig: &Rig) -> Result<LoginStep, ProviderError> {
    try_in(&mut rig.login()).await
}

async fn try_in(login: &mut Login<'_>) -> Result<LoginStep, ProviderError> {
    login.begin().await.unwrap();
    login
        .send(&[("email", "ada@example.com"), ("password", "correct horse")])
        .await
}

async fn must_be_rejected(signing: Signing, lie: Lie) {
    let rig = rig_with(signing, |settings| settings);
    rig.supabase.lie(lie.clone());
    match try_ada(&rig).await {
        Err(ProviderError::Rejected(_) | ProviderError::Misconfigured(_)) => {}
        other => panic!("{signing:?} {lie:?}: {other:?}"),
    }
}

#[tokio::test]
async fn lies_are_rejected_however_tokens_are_signed() {
    for signing in [Signing::Es256, Signing::Hs256] {
        for lie in [
            Lie::Issuer("https://elsewhere.example/auth/v1".to_owned()),
            Lie::Issuer(String::new()),
            Lie::Audience("anon".to_owned()),
            Lie::Subject("00000000-0000-4000-8000-000000000000".to_owned()),
            Lie::Anonymous,
            Lie::Without("iss"),
            Lie::Without("aud"),
            Lie::Without("exp"),
            Lie::Without("iat"),
            Lie::Without("sub"),
            Lie::Unsigned,
        ] {
            must_be_rejected(signing, lie).await;
        }
    }
}

#[tokio::test]
async fn a_signature_that_is_not_the_projects_is_rejected() {
    for lie in [
        Lie::PublicKeyAsSecret,
        Lie::StolenKid,
        Lie::UnknownKey,
        Lie::Tampered,
    ] {
        must_be_rejected(Signing::Es256, lie).await;
    }
}

#[tokio::test]
async fn a_token_cannot_choose_a_secret_where_keys_are_published() {
    for secret in [None, Some("a-secret-of-forty-characters-for-the-tests")] {
        let rig = rig_with(Signing::Hs256BesideKeys, |mut settings| {
            settings.jwt_secret = secret.map(Secret::new);
            settings
        });
        let error = try_ada(&rig).await.unwrap_err();
        assert!(
            matches!(&error, ProviderError::Misconfigured(text) if text.contains("rotation")),
            "{error:?}"
        );
    }
}

#[tokio::test]
async fn a_token_of_a_clock_an_hour_off_is_rejected_with_a_hint() {
    for (signing, forward) in [
        (Signing::Es256, true),
        (Signing::Es256, false),
        (Signing::Hs256, true),
        (Signing::Hs256, false),
    ] {
        let rig = rig_with(signing, |settings| settings);
        let mut login = rig.login();
        let off = Duration::from_secs(2 * 3600);
        login.context.now = if forward { now() + off } else { now().minus(off) };
        let error = try_in(&mut login).await.unwrap_err();
        assert!(
            matches!(&error, ProviderError::Rejected(text) if text.contains("clock")),
            "{error:?}"
        );
    }
}

#[tokio::test]
async fn another_issuer_is_told_with_what_to_write() {
    let rig = rig();
    rig.supabase
        .lie(Lie::Issuer("https://auth.example.com/auth/v1".to_owned()));
    let error = try_ada(&rig).await.unwrap_err().to_string();
    assert!(
        error.contains("issuer = \"https://auth.example.com/auth/v1\""),
        "{error}"
    );
}

#[tokio::test]
async fn a_wrong_secret_is_told_of() {
    let rig = rig_with(Signing::Hs256, |mut settings| {
        settings.jwt_secret = Some(Secret::new("another secret"));
        settings
    });
    let error = try_ada(&rig).await.unwrap_err();
    assert!(
        matches!(&error, ProviderError::Rejected(text) if text.contains("jwt_secret")),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_project_of_old_is_asked_about_each_token() {
    let rig = rig_with(Signing::Hs256, |settings| settings);
    done(try_ada(&rig).await.unwrap());
    assert_eq!(calls(&rig, "GET /user"), 1);
}

#[tokio::test]
async fn a_secret_that_the_operator_wrote_down_will_do() {
    let rig = rig_with(Signing::Hs256, |mut settings| {
        settings.jwt_secret = Some(Secret::new("a-secret-of-forty-characters-for-the-tests"));
        settings
    });
    done(try_ada(&rig).await.unwrap());
}

#[tokio::test]
async fn keys_are_fetched_once_and_again_when_they_were_rotated() {
    let rig = rig();
    done(try_ada(&rig).await.unwrap());
    done(try_ada(&rig).await.unwrap());
    assert_eq!(calls(&rig, "GET /.well-known/jwks.json"), 1);
    rig.supabase.rotate_key();
    done(try_ada(&rig).await.unwrap());
    assert_eq!(calls(&rig, "GET /.well-known/jwks.json"), 2);
    rig.supabase.rotate_key();
    // Unknown keys have them fetched once a minute at most.
    let error = try_ada(&rig).await.unwrap_err();
    assert!(matches!(error, ProviderError::Rejected(_)), "{error:?}");
    assert_eq!(calls(&rig, "GET /.well-known/jwks.json"), 2);
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(61)).await;
    tokio::time::resume();
    done(try_ada(&rig).await.unwrap());
    assert_eq!(calls(&rig, "GET /.well-known/jwks.json"), 3);
}

#[tokio::test]
async fn logins_at_once_fetch_the_keys_once() {
    let rig = rig();
    let (first, second, third) = tokio::join!(try_ada(&rig), try_ada(&rig), try_ada(&rig));
    for step in [first, second, third] {
        done(step.unwrap());
    }
    assert_eq!(calls(&rig, "GET /.well-known/jwks.json"), 1);
    assert_eq!(calls(&rig, "GET /settings"), 1);
}

fn calls(rig: &Rig, call: &str) -> usize {
    rig.supabase.calls().iter().filter(|made| *made == call).count()
}
