//! Passwords.

use std::time::Duration;

use vestibule_protocol::Secret;
use vestibule_provider::{ProviderError, Reply};
use vestibule_provider_supabase::Method;
use vestibule_tests::{Person, Signing, Trouble};

use crate::rig::{Login, Rig, alternatives, done, form, now, problem, provider, rig, rig_with, settings};

async fn told(rig: &Rig, email: &str, password: &str) -> String {
    let mut login = rig.login();
    login.begin().await.unwrap();
    problem(
        login
            .send(&[("email", email), ("password", password)])
            .await
            .unwrap(),
    )
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_user_are_told_the_same() {
    let rig = rig();
    let wrong = told(&rig, "ada@example.com", "wrong").await;
    assert_eq!(wrong, told(&rig, "nobody@example.com", "wrong").await);
    assert_eq!(wrong, told(&rig, "ada@example.com", "").await);
    rig.supabase.add(Person::new("social@example.com"));
    assert_eq!(wrong, told(&rig, "social@example.com", "wrong").await);
}

#[tokio::test]
async fn what_the_user_can_mend_is_told_in_a_sentence() {
    let rig = rig();
    rig.supabase
        .add(Person::new("new@example.com").password("pw").unconfirmed());
    rig.supabase
        .add(Person::new("bad@example.com").password("pw").banned());
    assert!(
        told(&rig, "new@example.com", "pw")
            .await
            .contains("not confirmed")
    );
    assert!(told(&rig, "bad@example.com", "pw").await.contains("locked"));
    assert!(told(&rig, "", "pw").await.contains("not an email address"));
    let limits = Trouble::Says(429, "over_request_rate_limit", "Request rate limit reached");
    rig.supabase.fail("/token", limits);
    assert!(
        told(&rig, "ada@example.com", "correct horse")
            .await
            .contains("Wait a minute")
    );
}

#[tokio::test]
async fn a_captcha_is_the_operators_to_mend() {
    let rig = rig();
    let captcha = Trouble::Says(
        400,
        "captcha_failed",
        "captcha protection: request disallowed (no captcha_token found)",
    );
    rig.supabase.fail("/token", captcha);
    let mut login = rig.login();
    login.begin().await.unwrap();
    let error = login
        .send(&[("email", "a@example.com"), ("password", "pw")])
        .await
        .unwrap_err();
    let ProviderError::Misconfigured(text) = error else {
        panic!("{error:?}");
    };
    assert!(text.contains("Attack Protection"), "{text}");
}

#[tokio::test]
async fn no_password_and_no_token_is_printed() {
    let rig = rig();
    let mut login = rig.login();
    login.begin().await.unwrap();
    let step = login
        .send(&[("email", "mia@example.com"), ("password", "pw-of-mia")])
        .await
        .unwrap();
    assert!(!format!("{step:?}").contains("pw-of-mia"));
    let login = rig.ada().await;
    let printed = format!("{login:?} {:?}", rig.provider);
    assert!(
        !printed.contains("eyJ") && !printed.contains("correct horse"),
        "{printed}"
    );
}

#[tokio::test]
async fn a_method_that_was_not_offered_is_rejected() {
    let rig = rig();
    for forged in ["apple", "anonymous_users", "phone", "email", "../../token"] {
        let mut login = rig.login();
        login.begin().await.unwrap();
        let error = login.send(&[("alternative", forged)]).await.unwrap_err();
        assert!(matches!(error, ProviderError::Rejected(_)), "{forged}: {error:?}");
    }
}

#[tokio::test]
async fn a_form_without_its_state_is_rejected() {
    let rig = rig();
    let fields = [("email", "ada@example.com"), ("password", "correct horse")];
    let fields = fields.map(|(name, value)| (name.to_owned(), Secret::new(value)));
    let error = rig.login().reply(Reply::Form(fields.into())).await.unwrap_err();
    assert!(matches!(error, ProviderError::Rejected(_)));
}

#[tokio::test]
async fn the_right_password_tells_who_it_is() {
    let rig = rig();
    let login = rig.ada().await;
    let identity = &login.identity;
    let id = rig.supabase.add(Person::new("eve@example.com"));
    assert_ne!(identity.subject.upstream(), id);
    assert_eq!(identity.verified_email(), Some("ada@example.com"));
    assert_eq!(identity.issuer, Some(format!("{}/auth/v1", rig.supabase.url())));
    assert!(login.upstream.as_ref().unwrap().sid.is_some());
}

#[tokio::test]
async fn users_cannot_promote_themselves() {
    let rig = rig_with(Signing::Es256, |mut settings| {
        settings.roles = Some("app_metadata.roles".parse().unwrap());
        settings.groups = Some("app_metadata.team.name".parse().unwrap());
        settings
    });
    let admin = serde_json::json!(["admin"]);
    rig.supabase.change("ada@example.com", |ada| {
        ada.user_metadata("roles", admin.clone())
            .user_metadata("app_metadata", serde_json::json!({"roles": ["admin"]}))
            .user_metadata("full_name", serde_json::json!("Ada Lovelace"))
            .user_metadata("avatar_url", serde_json::json!("javascript:alert(1)"))
    });
    let identity = rig.ada().await.identity;
    assert!(
        identity.roles.is_empty() && identity.groups.is_empty(),
        "{identity:?}"
    );
    assert_eq!(identity.name.as_deref(), Some("Ada Lovelace"));
    assert_eq!(identity.picture, None);
    rig.supabase.change("ada@example.com", |ada| {
        ada.app_metadata("roles", admin)
            .app_metadata("team", serde_json::json!({"name": "engines"}))
    });
    let identity = rig.ada().await.identity;
    assert_eq!(
        (identity.roles, identity.groups),
        (vec!["admin".to_owned()], vec!["engines".to_owned()])
    );
}

#[tokio::test]
async fn an_address_that_was_confirmed_without_a_proof_is_not_verified() {
    let rig = rig();
    rig.supabase.confirm_without_proof();
    let identity = rig.ada().await.identity;
    assert_eq!(identity.email.as_deref(), Some("ada@example.com"));
    assert_eq!(identity.verified_email(), None);
}

#[tokio::test]
async fn an_address_that_was_once_confirmed_without_a_proof_stays_unverified() {
    let rig = rig();
    rig.supabase.change("ada@example.com", Person::unproven);
    let identity = rig.ada().await.identity;
    assert_eq!(identity.email.as_deref(), Some("ada@example.com"));
    assert_eq!(identity.verified_email(), None);
}

#[tokio::test]
async fn the_time_of_the_login_is_the_projects_and_never_ahead() {
    let rig = rig();
    let mut login = rig.login();
    login.begin().await.unwrap();
    let fields = [("email", "ada@example.com"), ("password", "correct horse")];
    let before = now().minus(Duration::from_secs(1));
    login.context.now = now() + Duration::from_secs(50);
    let later = login.context.now;
    let identity = done(login.send(&fields).await.unwrap()).identity;
    assert!(
        identity.auth_time >= before && identity.auth_time < later.minus(Duration::from_secs(40)),
        "{identity:?}"
    );
    let mut login = rig.login();
    login.begin().await.unwrap();
    login.context.now = now().minus(Duration::from_secs(30));
    let earlier = login.context.now;
    let identity = done(login.send(&fields).await.unwrap()).identity;
    assert!(identity.auth_time <= earlier, "{identity:?}");
}

#[tokio::test]
async fn a_password_can_be_given_wherever_it_stands_among_the_ways() {
    for ways in [["google", "password"], ["code", "password"]] {
        let rig = rig_with(Signing::Es256, |mut settings| {
            settings.methods = Some(ways.map(|name| name.parse().unwrap()).to_vec());
            settings
        });
        let mut login = rig.login();
        login.begin().await.unwrap();
        let pressed = [("alternative", "password"), ("email", "ada@example.com")];
        let shown = form(login.send(&pressed).await.unwrap());
        assert_eq!((shown.fields.len(), &shown.problem), (2, &None), "{ways:?}");
        let wrong = [("email", "ada@example.com"), ("password", "wrong")];
        let again = form(login.send(&wrong).await.unwrap());
        assert!(again.problem.unwrap().contains("is wrong") && again.fields.len() == 2);
        let other = form(login.send(&[("alternative", "start")]).await.unwrap());
        assert!(alternatives(&other).contains(&"password"), "{other:?}");
        login.send(&pressed).await.unwrap();
        let right = [("email", "ada@example.com"), ("password", "correct horse")];
        done(login.send(&right).await.unwrap());
    }
}

#[tokio::test]
async fn a_way_that_was_written_down_twice_is_offered_once() {
    let rig = rig_with(Signing::Es256, |mut settings| {
        let ways = ["password", "google", "password", "google"];
        settings.methods = Some(ways.map(|name| name.parse().unwrap()).to_vec());
        settings
    });
    let shown = form(rig.login().begin().await.unwrap());
    assert_eq!(alternatives(&shown), ["google"]);
}

#[tokio::test]
async fn the_form_shows_what_the_project_offers() {
    let rig = rig();
    let shown = form(rig.login().begin().await.unwrap());
    assert_eq!(shown.fields.len(), 2);
    assert_eq!(alternatives(&shown), ["code", "github", "google"]);
    rig.supabase.offer(&["google", "github", "anonymous_users"]);
    let fresh = provider(settings(&rig.supabase));
    let shown = form(Login::at(&fresh).begin().await.unwrap());
    assert!(shown.fields.is_empty() && shown.submit.is_empty(), "{shown:?}");
    assert_eq!(alternatives(&shown), ["github", "google"]);
}

#[tokio::test]
async fn the_operator_may_leave_ways_out_and_order_them() {
    let methods = ["google", "code", "apple"].map(|name| name.parse::<Method>().unwrap());
    let rig = rig_with(Signing::Es256, |mut settings| {
        settings.methods = Some(methods.to_vec());
        settings
    });
    let shown = form(rig.login().begin().await.unwrap());
    assert_eq!(alternatives(&shown), ["google", "code"]);
    let none = rig_with(Signing::Es256, |mut settings| {
        settings.methods = Some(vec!["apple".parse().unwrap()]);
        settings
    });
    let error = none.login().begin().await.unwrap_err();
    assert!(matches!(error, ProviderError::Misconfigured(_)), "{error:?}");
}

#[tokio::test]
async fn the_login_hint_stands_in_the_form() {
    let rig = rig();
    let mut login = rig.login();
    login.context.login_hint = Some("ada@example.com".to_owned());
    let shown = form(login.begin().await.unwrap());
    assert_eq!(shown.fields[0].value, "ada@example.com");
    let fields = [("email", " ada@example.com "), ("password", "correct horse")];
    done(login.send(&fields).await.unwrap());
}
