//! The project's OAuth server.

use url::Url;
use vestibule_protocol::{Issuer, ProviderId, Secret};
use vestibule_provider::{
    Examination, LoginStep, Provider as _, ProviderError, Reply, Standing, UpstreamSession, Verdict,
};
use vestibule_provider_supabase::{OauthServerProvider, OauthServerSettings, SecretMethod};
use vestibule_tests::{ClientMethod, Lie, Person, Signing, Social, Supabase, Trouble};

use crate::rig::{browse, context, now};

const ADA: &str = "ada@example.com";
const CALLBACK: &str = "http://localhost:3009/oauth/callback/supabase";

struct Rig {
    supabase: Supabase,
    provider: OauthServerProvider,
}

fn rig() -> Rig {
    rig_with(Signing::Es256, "")
}

/// A project with an OAuth client whose secret is the right one followed by `wrong`.
fn rig_with(signing: Signing, wrong: &str) -> Rig {
    let supabase = Supabase::start_with(signing);
    supabase.add(Person::new(ADA));
    supabase.social(Social::SignsIn(ADA.to_owned()));
    let (id, secret) = supabase.register_oauth_client(CALLBACK);
    let provider = provider(&supabase, &id, &format!("{secret}{wrong}"));
    Rig { supabase, provider }
}

fn provider(supabase: &Supabase, client_id: &str, secret: &str) -> OauthServerProvider {
    build(settings(supabase, client_id, secret))
}

fn settings(supabase: &Supabase, client_id: &str, secret: &str) -> OauthServerSettings {
    OauthServerSettings {
        url: supabase.url().parse().unwrap(),
        publishable_key: supabase.publishable_key().parse().unwrap(),
        issuer: Issuer::parse(&format!("{}/auth/v1", supabase.url())).unwrap(),
        client_id: client_id.to_owned(),
        client_secret: Some(Secret::new(secret)),
        secret_method: SecretMethod::Basic,
        reach: vestibule_outbound::Reach::Private,
    }
}

fn build(settings: OauthServerSettings) -> OauthServerProvider {
    OauthServerProvider::new(
        ProviderId::parse("supabase").unwrap(),
        "Supabase".to_owned(),
        settings,
    )
    .unwrap()
}

async fn log_in(rig: &Rig) -> Result<LoginStep, ProviderError> {
    let mut login = context();
    let LoginStep::Redirect(away, kept) = rig.provider.begin(&login).await? else {
        panic!("the browser is not sent away");
    };
    login.kept = Some(kept);
    let back: Url = browse(&rig.supabase, away).await;
    let parameters = back.query_pairs().into_owned().collect();
    rig.provider.complete(&login, Reply::Callback(parameters)).await
}

async fn session(rig: &Rig) -> UpstreamSession {
    match log_in(rig).await.unwrap() {
        LoginStep::Done(login) => login.upstream.unwrap(),
        other => panic!("not logged in, but {other:?}"),
    }
}

#[tokio::test]
async fn a_server_that_is_switched_off_is_told_of_though_its_discovery_document_is_served() {
    let supabase = Supabase::start();
    let provider = provider(&supabase, "00000000-0000-4000-8000-000000000000", "secret");
    for error in [
        provider.begin(&context()).await.unwrap_err(),
        provider.ready().await.unwrap_err(),
    ] {
        assert!(
            matches!(&error, ProviderError::Misconfigured(text) if text.contains("switched off")),
            "{error:?}"
        );
    }
    let examination = Examination {
        now: now(),
        callback_url: Url::parse(CALLBACK).unwrap(),
    };
    let findings = provider.examine(&examination).await;
    assert!(
        findings
            .iter()
            .any(|finding| finding.verdict == Verdict::Bad && finding.what == "OAuth server")
    );
}

#[tokio::test]
async fn what_does_not_hold_logs_nobody_in() {
    let rig = rig_with(Signing::Es256, "x");
    let error = log_in(&rig).await.unwrap_err();
    assert!(matches!(error, ProviderError::Misconfigured(_)), "{error:?}");
    for lie in [
        Lie::Unsigned,
        Lie::StolenKid,
        Lie::PublicKeyAsSecret,
        Lie::Tampered,
    ] {
        let rig = self::rig();
        rig.supabase.lie(lie.clone());
        let error = log_in(&rig).await.unwrap_err();
        assert!(
            matches!(
                error,
                ProviderError::Rejected(_) | ProviderError::Misconfigured(_)
            ),
            "{lie:?}: {error:?}"
        );
    }
}

#[tokio::test]
async fn a_project_that_signs_with_a_secret_logs_nobody_in() {
    let rig = rig_with(Signing::Hs256, "");
    log_in(&rig).await.unwrap_err();
}

#[tokio::test]
async fn a_user_who_says_no_is_denied() {
    let rig = self::rig();
    rig.supabase.social(Social::Denies);
    let error = log_in(&rig).await.unwrap_err();
    assert!(matches!(error, ProviderError::Denied(_)), "{error:?}");
}

#[tokio::test]
async fn a_login_tells_who_it_is_and_is_re_checked_without_an_id_token() {
    let rig = self::rig();
    let LoginStep::Done(login) = log_in(&rig).await.unwrap() else {
        panic!("not logged in");
    };
    assert_eq!(login.identity.verified_email(), Some(ADA));
    let mut session = login.upstream.unwrap();
    for _ in 0..3 {
        session = match rig.provider.recheck(&session, now()).await.unwrap() {
            Standing::Good(next) => next,
            other => panic!("{other:?}"),
        };
    }
}

#[tokio::test]
async fn nothing_but_a_refusal_in_the_projects_own_words_ends_a_login() {
    let rig = self::rig();
    let upstream = session(&rig).await;
    let banned = r#"{"code":400,"error_code":"user_banned","msg":"User is banned"}"#;
    for trouble in [
        Trouble::Says(500, "user_banned", "User is banned"),
        Trouble::Says(502, "refresh_token_not_found", "Not Found"),
        Trouble::Says(503, "session_not_found", "Session does not exist"),
        Trouble::Says(429, "session_expired", "Session Expired"),
        Trouble::Says(400, "validation_failed", "Refresh token is not valid"),
        Trouble::Says(403, "bad_jwt", "invalid JWT"),
        Trouble::Body(banned.to_owned()),
        Trouble::Body(format!("{banned}{banned}")),
        Trouble::Status(400),
        Trouble::Status(404),
        Trouble::Silence,
        Trouble::TenMegabytes,
        Trouble::Redirect(rig.supabase.url()),
    ] {
        rig.supabase.fail("/oauth/token", trouble.clone());
        let result = rig.provider.recheck(&upstream, now()).await;
        assert!(result.is_err(), "{trouble:?}: {result:?}");
        rig.supabase.recover();
    }
    let standing = rig.provider.recheck(&upstream, now()).await.unwrap();
    assert!(matches!(standing, Standing::Good(_)), "{standing:?}");
}

#[tokio::test]
async fn nobody_is_taken_to_have_logged_in_again() {
    let rig = self::rig();
    let mut login = context();
    login.force_login = true;
    let error = rig.provider.begin(&login).await.unwrap_err();
    assert!(
        matches!(&error, ProviderError::Rejected(text) if text.contains("sign out")),
        "{error:?}"
    );
}

#[tokio::test]
async fn an_address_counts_only_where_the_project_asks_for_a_proof() {
    let rig = self::rig();
    rig.supabase.confirm_without_proof();
    let LoginStep::Done(login) = log_in(&rig).await.unwrap() else {
        panic!("not logged in");
    };
    assert_eq!(login.identity.email.as_deref(), Some(ADA));
    assert_eq!(login.identity.verified_email(), None);
    let rig = self::rig();
    rig.supabase.fail("/settings", Trouble::Status(503));
    let error = log_in(&rig).await.unwrap_err();
    assert!(matches!(error, ProviderError::Unavailable(_)), "{error:?}");
}

#[tokio::test]
async fn a_client_proves_itself_as_it_was_registered() {
    for (registered, used, good) in [
        (ClientMethod::Basic, Some(SecretMethod::Basic), true),
        (ClientMethod::Post, Some(SecretMethod::Post), true),
        (ClientMethod::None, None, true),
        (ClientMethod::Post, Some(SecretMethod::Basic), false),
        (ClientMethod::Basic, Some(SecretMethod::Post), false),
        (ClientMethod::Basic, None, false),
    ] {
        let supabase = Supabase::start();
        supabase.add(Person::new(ADA));
        supabase.social(Social::SignsIn(ADA.to_owned()));
        let (id, secret) = supabase.register_oauth_client_with(CALLBACK, registered);
        let mut settings = settings(&supabase, &id, &secret);
        match used {
            Some(method) => settings.secret_method = method,
            None => settings.client_secret = None,
        }
        let rig = Rig {
            provider: build(settings),
            supabase,
        };
        match log_in(&rig).await {
            Ok(LoginStep::Done(_)) if good => {}
            Err(ProviderError::Misconfigured(text)) if !good && text.contains("invalid_client") => {}
            other => panic!("{registered:?} {used:?}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn whoever_is_banned_before_the_code_is_redeemed_is_denied() {
    let rig = self::rig();
    let mut login = context();
    let LoginStep::Redirect(away, kept) = rig.provider.begin(&login).await.unwrap() else {
        panic!("the browser is not sent away");
    };
    login.kept = Some(kept);
    let back = browse(&rig.supabase, away).await;
    rig.supabase.change(ADA, Person::banned);
    let reply = Reply::Callback(back.query_pairs().into_owned().collect());
    let error = rig.provider.complete(&login, reply).await.unwrap_err();
    assert!(matches!(error, ProviderError::Denied(_)), "{error:?}");
}

#[tokio::test]
async fn whoever_was_banned_or_signed_out_is_gone_and_an_outage_is_no_revocation() {
    let rig = self::rig();
    let upstream = session(&rig).await;
    rig.supabase.fail("/oauth/token", Trouble::Status(503));
    let error = rig.provider.recheck(&upstream, now()).await.unwrap_err();
    assert!(matches!(error, ProviderError::Unavailable(_)), "{error:?}");
    rig.supabase.recover();
    rig.supabase.change(ADA, Person::banned);
    let standing = rig.provider.recheck(&upstream, now()).await.unwrap();
    assert!(matches!(standing, Standing::Gone(_)), "{standing:?}");

    let rig = self::rig();
    let upstream = session(&rig).await;
    rig.supabase.end_sessions(ADA);
    let standing = rig.provider.recheck(&upstream, now()).await.unwrap();
    assert!(matches!(standing, Standing::Gone(_)), "{standing:?}");
}
