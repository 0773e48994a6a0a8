//! Logins that fail at a Supabase project: each ends in a page that says what happened, and in a line that says why.

use std::process::Command;

use vestibule_tests::{Lie, Person, Ports, Program, Signing, Social, Supabase, Trouble, Visit};

use super::rig::{
    ADA, browse, by_google, client, configuration, logged_in, project, refresh, rig, with_password,
};
use crate::provider_failures::must_fail;

const AWAY: (u16, &str) = (503, "provider_unavailable");
const MISCONFIGURED: (u16, &str) = (500, "provider_misconfigured");
const REJECTED: (u16, &str) = (502, "rejected");

fn ada(program: &Program) -> Visit<'_> {
    with_password(client(program).authorize(), ADA, "correct horse")
}

#[test]
fn a_wrong_key_is_the_operators_to_mend() {
    let supabase = project(Signing::Es256);
    let configuration =
        configuration(&supabase, "").replace(supabase.publishable_key(), "sb_publishable_other");
    let program = Program::serve(Ports::free(), &configuration);
    must_fail(&program, MISCONFIGURED, "publishable key", || {
        client(&program).authorize()
    });
}

#[test]
fn a_callback_that_nobody_allowed_ends_on_the_projects_site_and_doctor_knows_the_line() {
    let supabase = project(Signing::Es256);
    supabase.social(Social::SignsIn(ADA.to_owned()));
    let ports = Ports::free();
    let program = Program::serve(ports, &configuration(&supabase, ""));
    let away = client(&program).authorize();
    let away = away.send("alternative", |form| form.press("alternative", "google"));
    let landed = browse(&supabase, &away);
    assert_eq!(landed.host_str(), Some("site.example"), "{landed}");

    let folder = tempfile::tempdir().expect("a temporary directory");
    let file = folder.path().join("vestibule.toml");
    let whole = format!("{}\n{}", ports.preamble(), configuration(&supabase, ""));
    std::fs::write(&file, whole).expect("the configuration is written");
    let doctor = Command::new(Program::path())
        .args(["doctor", "--config"])
        .arg(&file)
        .env("VESTIBULE_TEST_SECRET", "0123456789abcdef".repeat(4))
        .output()
        .expect("the program starts");
    let said = String::from_utf8_lossy(&doctor.stdout);
    assert!(
        said.contains(&format!("{}*", ports.callback("supabase"))),
        "{said}"
    );
}

#[test]
fn a_user_who_says_no_is_sent_back_to_the_client() {
    let (supabase, program) = rig(Signing::Es256, "");
    supabase.social(Social::Denies);
    let callback = by_google(&supabase, client(&program).authorize()).back();
    assert_eq!(callback.error().as_deref(), Some("access_denied"));
    assert!(
        !program.log_lines("The user said no").is_empty(),
        "{}",
        program.log()
    );
}

#[test]
fn a_banned_user_gets_in_by_no_way_and_loses_the_session() {
    let (supabase, program) = rig(Signing::Es256, "");
    supabase.social(Social::SignsIn(ADA.to_owned()));
    let tokens = logged_in(ada(&program)).redeem();
    supabase.change(ADA, Person::banned);
    let answer = refresh(&tokens);
    assert_eq!(
        (answer.status(), answer.json()["error"].as_str()),
        (400, Some("invalid_grant"))
    );
    let visit = ada(&program);
    assert!(visit.page().text().contains("locked"), "{}", visit.page().text());
    let callback = by_google(&supabase, client(&program).authorize()).back();
    assert_eq!(callback.error().as_deref(), Some("access_denied"));
    assert!(program.log_lines("user_banned").len() >= 3, "{}", program.log());
}

#[test]
fn a_project_that_fails_before_the_first_page_is_told_of() {
    let elsewhere = Supabase::start();
    for (trouble, expected, reason) in [
        (Trouble::Status(503), AWAY, "503"),
        (Trouble::TenMegabytes, AWAY, "more than"),
        (Trouble::Redirect(elsewhere.url()), MISCONFIGURED, "redirect"),
    ] {
        let (supabase, program) = rig(Signing::Es256, "");
        supabase.fail("/settings", trouble);
        must_fail(&program, expected, reason, || client(&program).authorize());
    }
    let (supabase, program) = rig(Signing::Es256, "");
    supabase.stop();
    must_fail(&program, AWAY, "cannot be reached", || {
        client(&program).authorize()
    });
    assert!(elsewhere.calls().is_empty(), "nobody follows a redirect");
}

#[test]
fn a_project_that_fails_at_the_password_is_told_of_and_is_then_back() {
    let (supabase, program) = rig(Signing::Es256, "");
    let elsewhere = Supabase::start();
    for (trouble, expected, reason) in [
        (Trouble::Status(503), AWAY, "503"),
        (Trouble::Silence, AWAY, "did not answer within"),
        (Trouble::TenMegabytes, AWAY, "more than"),
        (Trouble::Redirect(elsewhere.url()), MISCONFIGURED, "redirect"),
        (
            Trouble::Says(400, "captcha_failed", "captcha protection"),
            MISCONFIGURED,
            "Attack Protection",
        ),
    ] {
        supabase.fail("/token", trouble);
        must_fail(&program, expected, reason, || ada(&program));
        supabase.recover();
    }
    assert!(elsewhere.calls().is_empty(), "nobody follows a redirect");
    logged_in(ada(&program)).redeem();
    assert!(!program.log().contains("correct horse"), "no password is logged");
}

#[test]
fn keys_that_cannot_be_had_are_told_of() {
    for (trouble, reason) in [
        (Trouble::Status(500), "GET /auth/v1/.well-known"),
        (Trouble::TenMegabytes, "more than"),
    ] {
        let (supabase, program) = rig(Signing::Es256, "");
        supabase.fail("/.well-known", trouble);
        must_fail(&program, AWAY, reason, || ada(&program));
    }
}

#[test]
fn tokens_that_do_not_hold_are_told_of() {
    let (supabase, program) = rig(Signing::Es256, "");
    for (lie, expected, reason) in [
        (Lie::Clock(7_200), REJECTED, "clock"),
        (Lie::Clock(-7_200), REJECTED, "clock"),
        (Lie::PublicKeyAsSecret, MISCONFIGURED, "legacy secret"),
        (Lie::StolenKid, REJECTED, "signature"),
        (Lie::Audience("anon".to_owned()), REJECTED, "does not hold"),
        (
            Lie::Issuer("https://elsewhere.example/auth/v1".to_owned()),
            REJECTED,
            "write issuer = ",
        ),
    ] {
        supabase.lie(lie);
        must_fail(&program, expected, reason, || ada(&program));
    }
    supabase.tell_the_truth();
    logged_in(ada(&program)).redeem();
}
