//! Second factors.

use vestibule_provider::{FieldKind, LoginStep, Provider as _, ProviderError, Standing};
use vestibule_provider_supabase::SecondFactor;
use vestibule_tests::{Lie, Person, Signing, Social};

use crate::rig::{Login, Rig, browse, done, form, now, problem, redirect, rig, rig_with, upstream};

const MIA: [(&str, &str); 2] = [("email", "mia@example.com"), ("password", "pw")];
const ADA: [(&str, &str); 2] = [("email", "ada@example.com"), ("password", "correct horse")];

fn demanding(second_factor: SecondFactor) -> Rig {
    rig_with(Signing::Es256, |mut settings| {
        settings.second_factor = second_factor;
        settings
    })
}

async fn after<'r>(rig: &'r Rig, fields: &[(&str, &str)]) -> (Login<'r>, LoginStep) {
    let mut login = rig.login();
    login.begin().await.unwrap();
    let step = login.send(fields).await.unwrap();
    (login, step)
}

#[tokio::test]
async fn whoever_has_a_second_factor_is_asked_for_it() {
    let rig = rig();
    let (mut login, step) = after(&rig, &MIA).await;
    assert_eq!(form(step).fields[0].kind, FieldKind::OneTimeCode);
    problem(login.send(&[("code", "654321")]).await.unwrap());
    problem(login.send(&[("code", "")]).await.unwrap());
    let login = done(login.send(&[("code", "123 456")]).await.unwrap());
    assert_eq!(login.identity.verified_email(), Some("mia@example.com"));
}

#[tokio::test]
async fn codes_are_counted_against_the_user_however_they_came_here() {
    let rig = rig();
    let (_, by_password) = after(&rig, &MIA).await;
    let account = form(by_password).account.unwrap();
    rig.supabase.social(Social::SignsIn("mia@example.com".to_owned()));
    let mut login = rig.login();
    login.begin().await.unwrap();
    let away = redirect(login.send(&[("alternative", "google")]).await.unwrap());
    let back = browse(&rig.supabase, away).await;
    let asked = form(login.come_back(&back).await.unwrap());
    assert_eq!(asked.fields[0].kind, FieldKind::OneTimeCode);
    assert_eq!(asked.account.as_ref(), Some(&account));
    let again = form(login.send(&[("code", "000000")]).await.unwrap());
    assert_eq!(again.account, Some(account));
}

#[tokio::test]
async fn where_all_need_one_nobody_gets_in_without() {
    let rig = demanding(SecondFactor::Always);
    let (_, step) = after(&rig, &ADA).await;
    assert!(problem(step).contains("second factor"));
    assert_eq!(
        rig.supabase.sessions("ada@example.com"),
        0,
        "no session is left behind"
    );
    rig.supabase
        .change("ada@example.com", |ada| ada.unverified_factor("totp"));
    let (_, step) = after(&rig, &ADA).await;
    assert!(problem(step).contains("second factor"));
    let (mut login, _) = after(&rig, &MIA).await;
    done(login.send(&[("code", "123456")]).await.unwrap());
}

#[tokio::test]
async fn a_kind_that_a_form_cannot_ask_for_lets_nobody_in() {
    let rig = rig();
    rig.supabase
        .change("ada@example.com", |ada| ada.factor("webauthn", ""));
    let (_, step) = after(&rig, &ADA).await;
    assert!(problem(step).contains("cannot be used here"));
    assert_eq!(rig.supabase.sessions("ada@example.com"), 0);
}

#[tokio::test]
async fn wrong_codes_come_to_an_end_and_leave_no_session() {
    let rig = rig();
    let (mut login, _) = after(&rig, &MIA).await;
    for _ in 0..4 {
        let shown = form(login.send(&[("code", "000000")]).await.unwrap());
        assert_eq!(shown.fields[0].kind, FieldKind::OneTimeCode);
    }
    let shown = form(login.send(&[("code", "000000")]).await.unwrap());
    assert!(
        shown.fields.iter().any(|field| field.kind == FieldKind::Password),
        "{shown:?}"
    );
    assert_eq!(rig.supabase.sessions("mia@example.com"), 0);
}

#[tokio::test]
async fn starting_again_leaves_no_session() {
    let rig = rig();
    let (mut login, _) = after(&rig, &MIA).await;
    form(login.send(&[("alternative", "start")]).await.unwrap());
    assert_eq!(rig.supabase.sessions("mia@example.com"), 0);
}

#[tokio::test]
async fn a_factor_that_was_accepted_but_is_not_in_the_token_does_not_count() {
    let rig = rig();
    rig.supabase.lie(Lie::Aal1);
    let (mut login, _) = after(&rig, &MIA).await;
    let error = login.send(&[("code", "123456")]).await.unwrap_err();
    assert!(matches!(error, ProviderError::Rejected(_)), "{error:?}");
}

#[tokio::test]
async fn an_operator_may_ask_nobody() {
    let rig = demanding(SecondFactor::Never);
    let (_, step) = after(&rig, &MIA).await;
    done(step);
}

#[tokio::test]
async fn a_session_that_lost_its_second_factor_is_gone_where_all_need_one() {
    let rig = demanding(SecondFactor::Always);
    let (mut login, _) = after(&rig, &MIA).await;
    let login = done(login.send(&[("code", "123456")]).await.unwrap());
    rig.supabase.lie(Lie::Aal1);
    let standing = rig.provider.recheck(&upstream(&login), now()).await.unwrap();
    assert!(matches!(standing, Standing::Gone(_)), "{standing:?}");
}

#[tokio::test]
async fn a_telephone_is_asked_where_there_is_no_app() {
    let rig = rig();
    rig.supabase.add(
        Person::new("tel@example.com")
            .password("pw")
            .factor("phone", "424242"),
    );
    let (mut login, step) = after(&rig, &[("email", "tel@example.com"), ("password", "pw")]).await;
    assert!(form(step).intro.unwrap().contains("telephone"));
    done(login.send(&[("code", "424242")]).await.unwrap());
}
