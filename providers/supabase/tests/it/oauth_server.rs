//! The project's OAuth server.

use url::Url;
use vestibule_protocol::{Issuer, ProviderId, Secret};
use vestibule_provider::{
    Examination, LoginStep, Provider as _, ProviderError, Reply, Standing, UpstreamSession, Verdict,
};
use vestibule_provider_supabase::{OauthServerProvider, OauthServerSettings, SecretMethod};
use vestibule_tests::{Lie, Person, Signing, Social, Supabase, Trouble};

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
    let settings = OauthServerSettings {
        url: supabase.url().parse().unwrap(),
        publishable_key: supabase.publishable_key().parse().unwrap(),
        issuer: Issuer::parse(&format!("{}/auth/v1", supabase.url())).unwrap(),
        client_id: client_id.to_owned(),
        client_secret: Some(Secret::new(secret)),
        secret_method: SecretMethod::Basic,
        reach: vestibule_outbound::Reach::Private,
    };
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
