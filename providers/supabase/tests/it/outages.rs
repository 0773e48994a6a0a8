//! A project that is down, slow, or not one.

use vestibule_outbound::{Limits, Outbound, Reach};
use vestibule_provider::{LoginStep, Provider as _, ProviderError};
use vestibule_tests::Trouble;

use crate::rig::{Login, Rig, done, provider, provider_through, rig, settings};

const ADA: [(&str, &str); 2] = [("email", "ada@example.com"), ("password", "correct horse")];

async fn try_ada(rig: &Rig) -> Result<LoginStep, ProviderError> {
    let mut login = rig.login();
    login.begin().await?;
    login.send(&ADA).await
}

fn is_unavailable(error: &ProviderError) -> bool {
    matches!(error, ProviderError::Unavailable(_))
}

#[tokio::test]
async fn each_step_survives_a_project_that_is_down_slow_or_endless() {
    for path in ["/settings", "/token", "/.well-known", "/user"] {
        for trouble in [Trouble::Status(503), Trouble::Silence, Trouble::TenMegabytes] {
            let rig = rig();
            rig.supabase.fail(path, trouble.clone());
            let error = try_ada(&rig).await.unwrap_err();
            assert!(is_unavailable(&error), "{path} {trouble:?}: {error:?}");
        }
    }
    let rig = rig();
    rig.supabase.stop();
    let error = rig.login().begin().await.unwrap_err();
    assert!(is_unavailable(&error), "{error:?}");
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    for path in ["/settings", "/token", "/.well-known", "/user"] {
        let (rig, elsewhere) = (rig(), rig());
        rig.supabase
            .fail(path, Trouble::Redirect(elsewhere.supabase.url()));
        let error = try_ada(&rig).await.unwrap_err();
        assert!(
            matches!(&error, ProviderError::Misconfigured(text) if text.contains("redirect")),
            "{path}: {error:?}"
        );
        assert!(elsewhere.supabase.calls().is_empty(), "{path}");
    }
}

#[tokio::test]
async fn an_answer_that_is_not_supabases_is_rejected() {
    for path in ["/settings", "/token", "/.well-known", "/user"] {
        for body in [
            "",
            "null",
            "[]",
            "{}",
            "<html>",
            "{\"access_token\":1,\"keys\":{},\"id\":2,\"external\":3}",
        ] {
            let rig = rig();
            rig.supabase.fail(path, Trouble::Body(body.to_owned()));
            let error = try_ada(&rig).await.unwrap_err();
            assert!(
                matches!(error, ProviderError::Rejected(_)),
                "{path} {body:?}: {error:?}"
            );
        }
    }
}

#[tokio::test]
async fn a_private_address_is_not_called_unless_the_operator_allows_it() {
    let rig = rig();
    let outbound = Outbound::new(Reach::Public, Limits::default()).unwrap();
    let provider = provider_through(settings(&rig.supabase), outbound);
    let error = Login::at(&provider).begin().await.unwrap_err();
    assert!(is_unavailable(&error), "{error:?}");
    assert!(rig.supabase.calls().is_empty());
}

#[tokio::test]
async fn a_wrong_key_or_url_is_the_operators_to_mend() {
    let rig = rig();
    let mut wrong = settings(&rig.supabase);
    wrong.publishable_key = "sb_publishable_of_another".parse().unwrap();
    let stranger = provider(wrong);
    let error = Login::at(&stranger).begin().await.unwrap_err();
    assert!(
        matches!(&error, ProviderError::Misconfigured(text) if text.contains("API Keys")),
        "{error:?}"
    );
    let mut wrong = settings(&rig.supabase);
    wrong.url = format!("{}/somewhere", rig.supabase.url()).parse().unwrap();
    let elsewhere = provider(wrong);
    let error = Login::at(&elsewhere).begin().await.unwrap_err();
    assert!(
        matches!(&error, ProviderError::Misconfigured(text) if text.contains("Project URL")),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_failure_is_remembered_for_a_moment_only() {
    let rig = rig();
    rig.supabase.fail("/settings", Trouble::Status(503));
    assert!(rig.provider.ready().await.is_err());
    assert!(rig.provider.ready().await.is_err());
    assert_eq!(rig.supabase.calls().len(), 1);
    rig.supabase.recover();
    tokio::time::pause();
    tokio::time::advance(std::time::Duration::from_secs(6)).await;
    tokio::time::resume();
    rig.provider.ready().await.unwrap();
    done(try_ada(&rig).await.unwrap());
}

#[tokio::test]
async fn what_is_known_already_outlives_an_outage() {
    let rig = rig();
    done(try_ada(&rig).await.unwrap());
    rig.supabase.fail("/settings", Trouble::Status(503));
    rig.supabase.fail("/.well-known", Trouble::Status(503));
    tokio::time::pause();
    tokio::time::advance(std::time::Duration::from_secs(900)).await;
    tokio::time::resume();
    done(try_ada(&rig).await.unwrap());
}
