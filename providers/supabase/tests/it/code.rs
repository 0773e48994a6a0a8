//! One-time codes.

use vestibule_provider::FieldKind;
use vestibule_tests::{Person, Trouble};

use crate::rig::{Login, Rig, done, form, problem, rig};

const ADA: &str = "ada@example.com";

async fn asked<'r>(rig: &'r Rig, email: &str) -> Login<'r> {
    let mut login = rig.login();
    login.begin().await.unwrap();
    let shown = form(
        login
            .send(&[("alternative", "code"), ("email", email)])
            .await
            .unwrap(),
    );
    assert_eq!(
        shown.fields.first().map(|field| field.kind),
        Some(FieldKind::OneTimeCode),
        "{shown:?}"
    );
    login
}

#[tokio::test]
async fn an_unknown_address_is_told_the_same_as_a_known_one() {
    let rig = rig();
    let shown = |email: &'static str| {
        let rig = &rig;
        async move {
            let mut login = rig.login();
            login.begin().await.unwrap();
            let step = login
                .send(&[("alternative", "code"), ("email", email)])
                .await
                .unwrap();
            let shown = form(step);
            (
                shown.intro.unwrap().replace(email, ""),
                shown.problem,
                shown.fields,
            )
        }
    };
    assert_eq!(shown(ADA).await, shown("nobody@example.com").await);
    let mut login = asked(&rig, "nobody@example.com").await;
    let unknown = problem(login.send(&[("code", "123456")]).await.unwrap());
    let mut login = asked(&rig, ADA).await;
    assert_eq!(problem(login.send(&[("code", "wrong!")]).await.unwrap()), unknown);
}

#[tokio::test]
async fn nobody_is_signed_up() {
    let rig = rig();
    asked(&rig, "nobody@example.com").await;
    assert_eq!(rig.supabase.sent_code("nobody@example.com"), None);
}

#[tokio::test]
async fn a_code_is_good_once() {
    let rig = rig();
    let mut first = asked(&rig, ADA).await;
    let code = rig.supabase.sent_code(ADA).unwrap();
    let mut second = rig.login();
    second.context.kept = first.kept().cloned();
    done(first.send(&[("code", &code)]).await.unwrap());
    problem(second.send(&[("code", &code)]).await.unwrap());
}

#[tokio::test]
async fn wrong_codes_come_to_an_end() {
    let rig = rig();
    let mut login = asked(&rig, ADA).await;
    for _ in 0..4 {
        let shown = form(login.send(&[("code", "000000x")]).await.unwrap());
        assert_eq!(shown.fields[0].kind, FieldKind::OneTimeCode, "{shown:?}");
    }
    let shown = form(login.send(&[("code", "000000x")]).await.unwrap());
    assert!(
        shown.fields.iter().any(|field| field.kind == FieldKind::Password),
        "{shown:?}"
    );
}

#[tokio::test]
async fn another_persons_code_opens_nothing() {
    let rig = rig();
    rig.supabase.add(Person::new("eve@example.com"));
    asked(&rig, "eve@example.com").await;
    let mut login = asked(&rig, ADA).await;
    let code = rig.supabase.sent_code("eve@example.com").unwrap();
    // One in a million: the same digits for both.
    if rig.supabase.sent_code(ADA).unwrap() != code {
        problem(
            login
                .send(&[("code", &code), ("email", "eve@example.com")])
                .await
                .unwrap(),
        );
    }
}

#[tokio::test]
async fn a_code_logs_in_however_it_is_typed() {
    let rig = rig();
    let mut login = asked(&rig, ADA).await;
    let code = rig.supabase.sent_code(ADA).unwrap();
    let (head, tail) = code.split_at(3);
    let typed = format!(" {head} {tail} ");
    let login = done(login.send(&[("code", &typed)]).await.unwrap());
    assert_eq!(login.identity.verified_email(), Some(ADA));
}

#[tokio::test]
async fn the_address_is_asked_for_where_it_is_missing() {
    let rig = rig();
    let mut login = rig.login();
    login.begin().await.unwrap();
    let shown = form(
        login
            .send(&[("alternative", "code"), ("email", "")])
            .await
            .unwrap(),
    );
    assert_eq!(shown.fields[0].kind, FieldKind::Email);
    problem(login.send(&[("email", " ")]).await.unwrap());
    problem(login.send(&[("email", "no address")]).await.unwrap());
    form(login.send(&[("email", ADA)]).await.unwrap());
    let first = rig.supabase.sent_code(ADA).unwrap();
    form(login.send(&[("alternative", "again")]).await.unwrap());
    let code = rig.supabase.sent_code(ADA).unwrap();
    problem(login.send(&[("code", "")]).await.unwrap());
    if first != code {
        problem(login.send(&[("code", &first)]).await.unwrap());
    }
    done(login.send(&[("code", &code)]).await.unwrap());
}

#[tokio::test]
async fn one_can_go_back_to_the_first_form() {
    let rig = rig();
    let mut login = asked(&rig, ADA).await;
    let shown = form(login.send(&[("alternative", "start")]).await.unwrap());
    assert!(shown.fields.iter().any(|field| field.kind == FieldKind::Password));
}

#[tokio::test]
async fn too_many_emails_are_told_of() {
    let rig = rig();
    let limit = Trouble::Says(
        429,
        "over_email_send_rate_limit",
        "For security purposes, you can only request this after 60 seconds.",
    );
    rig.supabase.fail("/otp", limit);
    let mut login = rig.login();
    login.begin().await.unwrap();
    let told = problem(
        login
            .send(&[("alternative", "code"), ("email", ADA)])
            .await
            .unwrap(),
    );
    assert!(told.contains("Wait a minute"), "{told}");
}
