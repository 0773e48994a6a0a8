//! Social providers.

use url::Url;
use vestibule_protocol::Secret;
use vestibule_provider::ProviderError;
use vestibule_tests::{Person, Social};

use crate::rig::{Login, Rig, alternatives, browse, done, form, redirect, rig};

const ADA: &str = "ada@example.com";

/// Presses Google's button, and browses until the browser is back.
async fn back(rig: &Rig, social: Social) -> (Login<'_>, Url) {
    rig.supabase.social(social);
    let mut login = rig.login();
    login.begin().await.unwrap();
    let away = redirect(login.send(&[("alternative", "google")]).await.unwrap());
    let url = browse(&rig.supabase, away).await;
    (login, url)
}

fn with(url: &str) -> Url {
    Url::parse(&format!("http://localhost:3009/oauth/callback/supabase?{url}")).unwrap()
}

#[tokio::test]
async fn a_code_of_another_login_is_rejected() {
    let rig = rig();
    let (_, stolen) = back(&rig, Social::SignsIn(ADA.to_owned())).await;
    let (mut login, _) = back(&rig, Social::SignsIn(ADA.to_owned())).await;
    login.context.pkce_verifier = Secret::new("w".repeat(43));
    let error = login.come_back(&stolen).await.unwrap_err();
    assert!(matches!(error, ProviderError::Rejected(_)), "{error:?}");
}

#[tokio::test]
async fn a_code_is_good_once() {
    let rig = rig();
    let (mut login, url) = back(&rig, Social::SignsIn(ADA.to_owned())).await;
    let kept = login.context.kept.clone();
    done(login.come_back(&url).await.unwrap());
    login.context.kept = kept;
    let error = login.come_back(&url).await.unwrap_err();
    assert!(matches!(error, ProviderError::Rejected(_)), "{error:?}");
}

#[tokio::test]
async fn a_callback_without_code_or_error_is_rejected() {
    let rig = rig();
    for query in ["state=s", "state=s&code=", "state=s&code=made-up"] {
        let (mut login, _) = back(&rig, Social::SignsIn(ADA.to_owned())).await;
        let error = login.come_back(&with(query)).await.unwrap_err();
        assert!(matches!(error, ProviderError::Rejected(_)), "{query}: {error:?}");
    }
}

#[tokio::test]
async fn a_callback_while_a_form_is_open_is_rejected() {
    let rig = rig();
    let (_, url) = back(&rig, Social::SignsIn(ADA.to_owned())).await;
    let mut login = rig.login();
    login.begin().await.unwrap();
    let error = login.come_back(&url).await.unwrap_err();
    assert!(matches!(error, ProviderError::Rejected(_)), "{error:?}");
}

#[tokio::test]
async fn a_user_who_says_no_is_denied() {
    let rig = rig();
    let (mut login, url) = back(&rig, Social::Denies).await;
    let error = login.come_back(&url).await.unwrap_err();
    assert!(matches!(error, ProviderError::Denied(_)), "{error:?}");
}

#[tokio::test]
async fn a_banned_user_is_denied() {
    let rig = rig();
    rig.supabase.change(ADA, Person::banned);
    let (mut login, url) = back(&rig, Social::SignsIn(ADA.to_owned())).await;
    let error = login.come_back(&url).await.unwrap_err();
    assert!(
        matches!(&error, ProviderError::Denied(text) if text.contains("user_banned")),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_social_provider_that_fails_is_told_of_with_what_to_check() {
    let rig = rig();
    let (mut login, url) = back(&rig, Social::Fails).await;
    let error = login.come_back(&url).await.unwrap_err();
    assert!(
        matches!(&error, ProviderError::Unavailable(text) if text.contains("client id and secret")),
        "{error:?}"
    );
}

#[tokio::test]
async fn what_a_stranger_writes_into_the_callback_stays_one_short_line() {
    let rig = rig();
    let (mut login, _) = back(&rig, Social::Denies).await;
    let long = "x".repeat(5_000);
    let url = with(&format!(
        "error=access_denied&error_description=a%0Ab%1B[31m{long}"
    ));
    let error = login.come_back(&url).await.unwrap_err().to_string();
    assert!(
        !error.chars().any(char::is_control) && error.len() < 400,
        "{error}"
    );
}

#[tokio::test]
async fn a_callback_that_nobody_allowed_never_comes_back() {
    let rig = rig();
    rig.supabase.social(Social::SignsIn(ADA.to_owned()));
    let mut login = rig.login();
    login.context.callback_url = Url::parse("http://localhost:3009/oauth/callback/other").unwrap();
    login.begin().await.unwrap();
    let away = redirect(login.send(&[("alternative", "google")]).await.unwrap());
    let landed = browse(&rig.supabase, away).await;
    assert_eq!(landed.host_str(), Some("site.example"));
}

#[tokio::test]
async fn the_one_social_provider_is_gone_to_at_once() {
    let rig = rig();
    rig.supabase.offer(&["google"]);
    redirect(rig.login().begin().await.unwrap());
}

#[tokio::test]
async fn the_documented_allow_list_line_lets_the_state_through_and_the_code_logs_in() {
    let rig = rig();
    let (mut login, url) = back(&rig, Social::SignsIn(ADA.to_owned())).await;
    let state = url.query_pairs().find(|(name, _)| name == "state").unwrap().1;
    assert_eq!(state, "the-state_of-this-login");
    let login = done(login.come_back(&url).await.unwrap());
    assert_eq!(login.identity.verified_email(), Some(ADA));
}

#[tokio::test]
async fn whoever_must_sign_in_again_is_asked_to() {
    let rig = rig();
    rig.supabase.offer(&["google", "azure", "apple", "email"]);
    let mut login = rig.login();
    login.context.force_login = true;
    let shown = form(login.begin().await.unwrap());
    assert_eq!(
        alternatives(&shown),
        ["code", "azure", "google"],
        "apple asks nobody"
    );
    for (way, parameter) in [
        ("google", ("prompt", "select_account")),
        ("azure", ("prompt", "login")),
    ] {
        let mut login = rig.login();
        login.context.force_login = true;
        login.begin().await.unwrap();
        let away = redirect(login.send(&[("alternative", way)]).await.unwrap());
        let sent =
            |(name, value): (&str, &str)| away.query_pairs().any(|pair| pair.0 == name && pair.1 == value);
        assert!(sent(parameter), "{away}");
        let mut login = rig.login();
        login.begin().await.unwrap();
        let away = redirect(login.send(&[("alternative", way)]).await.unwrap());
        assert!(away.query_pairs().all(|(name, _)| name != "prompt"), "{away}");
    }
    let mut login = rig.login();
    login.context.force_login = true;
    login.begin().await.unwrap();
    let error = login.send(&[("alternative", "apple")]).await.unwrap_err();
    assert!(matches!(error, ProviderError::Rejected(_)), "{error:?}");
}

#[tokio::test]
async fn nobody_signs_in_again_where_no_way_can_make_them() {
    let rig = rig();
    rig.supabase.offer(&["apple"]);
    let mut login = rig.login();
    login.context.force_login = true;
    let error = login.begin().await.unwrap_err();
    assert!(matches!(error, ProviderError::Rejected(_)), "{error:?}");
}
