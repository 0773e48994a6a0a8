//! Logins at a Supabase project through the built program, and each way in which they fail.

use vestibule_tests::{
    Answer, Callback, Client, Flow, Lie, Person, Ports, Program, Signing, Social, Supabase, Tokens, Trouble,
    Visit,
};

const ADA: &str = "ada@example.com";

/// A project, and the program before it. `more` goes into the provider's table.
fn rig(signing: Signing, more: &str) -> (Supabase, Program) {
    let supabase = Supabase::start_with(signing);
    supabase.add(Person::new(ADA).password("correct horse"));
    supabase.add(
        Person::new("mia@example.com")
            .password("pw")
            .factor("totp", "123456"),
    );
    let ports = Ports::free();
    supabase.allow_redirect(&format!("{}*", ports.callback("supabase")));
    let program = Program::serve(ports, &configuration(&supabase, more));
    (supabase, program)
}

fn configuration(supabase: &Supabase, more: &str) -> String {
    format!(
        r#"
[lifetimes]
recheck = "1ms"
[providers.supabase]
kind = "supabase"
name = "the project"
url = "{}"
publishable_key = "{}"
{more}
[[policy.rules]]
email_domain = "example.com"
scopes = ["mcp:read", "mcp:write"]
"#,
        supabase.url(),
        supabase.publishable_key()
    )
}

fn client(program: &Program) -> Client<'_> {
    Flow::new(program).register()
}

fn with_password<'p>(visit: Visit<'p>, email: &str, password: &str) -> Visit<'p> {
    visit.send("password", |form| {
        form.fill("email", email).fill("password", password)
    })
}

fn subject(tokens: &Tokens<'_>) -> String {
    tokens.claims()["sub"]
        .as_str()
        .expect("a token has a subject")
        .to_owned()
}

/// Presses Google's button, and browses until the browser is back at the broker.
fn by_google<'p>(supabase: &Supabase, visit: Visit<'p>) -> Visit<'p> {
    let away = visit.send("alternative", |form| form.press("alternative", "google"));
    let mut answer = away.browser().open(away.leaves_for().as_str());
    while let Some(next) = answer
        .location()
        .filter(|next| next.as_str().starts_with(&supabase.url()))
    {
        answer = away.browser().open(next.as_str());
    }
    let back = answer.location().expect("the project sends the browser back");
    away.come_back(&back)
}

fn refresh(tokens: &Tokens<'_>) -> Answer {
    let data = [
        ("grant_type", "refresh_token"),
        ("refresh_token", tokens.refresh_token()),
    ];
    tokens.client().post("/oauth/token", &data)
}

fn logged_in(visit: Visit<'_>) -> Callback<'_> {
    visit.approve()
}

/// The page says what happened, and the log says why.
fn fails(visit: &Visit<'_>, program: &Program, log: &str) {
    assert!(visit.answer().status() >= 400, "{}", visit.page().text());
    assert!(visit.page().error().is_some(), "{}", visit.page().text());
    assert!(
        !program.log_lines(log).is_empty(),
        "no {log} in the log:\n{}",
        program.log()
    );
}

#[test]
fn a_password_leads_to_tokens() {
    let (supabase, program) = rig(Signing::Es256, "");
    let visit = client(&program).authorize();
    let visit = with_password(visit, ADA, "wrong");
    assert!(
        visit.page().text().contains("is wrong"),
        "{}",
        visit.page().text()
    );
    let tokens = logged_in(with_password(visit, ADA, "correct horse")).redeem();
    assert!(subject(&tokens).starts_with("supabase:"));
    assert_eq!(refresh(&tokens).status(), 200);
    assert!(
        supabase
            .calls()
            .contains(&"POST /token?grant_type=refresh_token".to_owned())
    );
    assert!(!program.log().contains("correct horse"), "no password is logged");
}

#[test]
fn a_code_leads_to_tokens() {
    let (supabase, program) = rig(Signing::Es256, "");
    let visit = client(&program).authorize();
    let visit = visit.send("alternative", |form| {
        form.fill("email", ADA).press("alternative", "code")
    });
    let code = supabase.sent_code(ADA).expect("a code was sent");
    let visit = visit.send("code", |form| form.fill("code", "wrong"));
    assert!(
        visit.page().text().contains("code is wrong"),
        "{}",
        visit.page().text()
    );
    logged_in(visit.send("code", |form| form.fill("code", &code))).redeem();
}

#[test]
fn a_second_factor_leads_to_tokens() {
    let (_supabase, program) = rig(Signing::Es256, "required_aal = \"aal2\"");
    let visit = with_password(client(&program).authorize(), ADA, "correct horse");
    assert!(
        visit.page().text().contains("second factor"),
        "{}",
        visit.page().text()
    );
    let visit = with_password(visit, "mia@example.com", "pw");
    let visit = visit.send("code", |form| form.fill("code", "000000"));
    assert!(
        visit.page().text().contains("code is wrong"),
        "{}",
        visit.page().text()
    );
    logged_in(visit.send("code", |form| form.fill("code", "123456"))).redeem();
}

#[test]
fn a_social_provider_leads_to_tokens() {
    let (supabase, program) = rig(Signing::Es256, "");
    supabase.social(Social::SignsIn(ADA.to_owned()));
    logged_in(by_google(&supabase, client(&program).authorize())).redeem();
}

#[test]
fn a_project_that_signs_with_a_secret_leads_to_tokens() {
    let (supabase, program) = rig(Signing::Hs256, "");
    logged_in(with_password(client(&program).authorize(), ADA, "correct horse")).redeem();
    assert!(supabase.calls().contains(&"GET /user".to_owned()));
}

#[test]
fn keys_that_were_rotated_between_two_logins_are_fetched_again() {
    let (supabase, program) = rig(Signing::Es256, "");
    supabase.rotate_key();
    logged_in(with_password(client(&program).authorize(), ADA, "correct horse")).redeem();
}

#[test]
fn a_user_who_says_no_is_sent_back_to_the_client() {
    let (supabase, program) = rig(Signing::Es256, "");
    supabase.social(Social::Denies);
    let callback = by_google(&supabase, client(&program).authorize()).back();
    assert_eq!(callback.error().as_deref(), Some("access_denied"));
    assert!(
        !program.log_lines("access_denied").is_empty(),
        "{}",
        program.log()
    );
}

#[test]
fn a_banned_user_loses_the_session_at_the_next_refresh() {
    let (supabase, program) = rig(Signing::Es256, "");
    let tokens = logged_in(with_password(client(&program).authorize(), ADA, "correct horse")).redeem();
    supabase.change(ADA, Person::banned);
    let answer = refresh(&tokens);
    assert_eq!(
        (answer.status(), answer.json()["error"].as_str()),
        (400, Some("invalid_grant"))
    );
    assert!(!program.log_lines("user_banned").is_empty(), "{}", program.log());
    let visit = with_password(client(&program).authorize(), ADA, "correct horse");
    assert!(visit.page().text().contains("locked"), "{}", visit.page().text());
}

#[test]
fn an_outage_at_a_refresh_keeps_the_session() {
    let (supabase, program) = rig(Signing::Es256, "");
    let tokens = logged_in(with_password(client(&program).authorize(), ADA, "correct horse")).redeem();
    supabase.fail("/token", Trouble::Status(503));
    assert_eq!(refresh(&tokens).status(), 200);
}

#[test]
fn a_project_that_is_down_is_told_of() {
    let (supabase, program) = rig(Signing::Es256, "");
    supabase.stop();
    fails(&client(&program).authorize(), &program, "cannot be reached");
}

#[test]
fn a_project_that_is_down_slow_or_endless_at_the_password_is_told_of() {
    let (supabase, program) = rig(Signing::Es256, "");
    for (trouble, log) in [
        (Trouble::Status(503), "503"),
        (Trouble::Silence, "did not answer within"),
        (Trouble::TenMegabytes, "more than"),
    ] {
        supabase.fail("/token", trouble);
        let visit = with_password(client(&program).authorize(), ADA, "correct horse");
        fails(&visit, &program, log);
        supabase.recover();
    }
}

#[test]
fn keys_that_cannot_be_had_are_told_of() {
    let (supabase, program) = rig(Signing::Es256, "");
    supabase.fail("/.well-known", Trouble::Status(500));
    let visit = with_password(client(&program).authorize(), ADA, "correct horse");
    fails(&visit, &program, "GET /auth/v1/.well-known");
}

#[test]
fn a_redirect_to_a_private_address_is_told_of_and_not_followed() {
    let (supabase, program) = rig(Signing::Es256, "");
    let elsewhere = Supabase::start();
    supabase.fail("/token", Trouble::Redirect(elsewhere.url()));
    let visit = with_password(client(&program).authorize(), ADA, "correct horse");
    fails(&visit, &program, "redirect");
    assert!(elsewhere.calls().is_empty());
}

#[test]
fn a_forged_token_is_told_of() {
    let (supabase, program) = rig(Signing::Es256, "");
    supabase.lie(Lie::PublicKeyAsSecret);
    let visit = with_password(client(&program).authorize(), ADA, "correct horse");
    fails(&visit, &program, "legacy secret");
}

#[test]
fn a_wrong_key_is_told_of() {
    let (supabase, _) = rig(Signing::Es256, "");
    let configuration =
        configuration(&supabase, "").replace(supabase.publishable_key(), "sb_publishable_other");
    let program = Program::serve(Ports::free(), &configuration);
    fails(&client(&program).authorize(), &program, "publishable key");
}

#[test]
fn the_broker_makes_no_call_that_the_official_client_does_not_make() {
    let (supabase, program) = rig(Signing::Es256, "at_logout = \"end\"");
    supabase.social(Social::SignsIn(ADA.to_owned()));
    let tokens = logged_in(with_password(client(&program).authorize(), ADA, "correct horse")).redeem();
    assert_eq!(refresh(&tokens).status(), 200);
    let visit = client(&program).authorize();
    let visit = visit.send("alternative", |form| {
        form.fill("email", ADA).press("alternative", "code")
    });
    let code = supabase.sent_code(ADA).expect("a code was sent");
    logged_in(visit.send("code", |form| form.fill("code", &code))).redeem();
    let visit = with_password(client(&program).authorize(), "mia@example.com", "pw");
    logged_in(visit.send("code", |form| form.fill("code", "123456"))).redeem();
    logged_in(by_google(&supabase, client(&program).authorize())).redeem();
    let official = super::supabase::calls_of_the_official_client();
    // The client is told by its developer what the project offers.
    let all = supabase
        .calls()
        .into_iter()
        .filter(|call| call != "GET /settings");
    let others: Vec<String> = all.filter(|call| !official.contains(call)).collect();
    assert!(others.is_empty(), "{others:?} are not among {official:?}");
}
