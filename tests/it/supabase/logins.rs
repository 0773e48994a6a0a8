//! Logins at a Supabase project by its own API, through the built program.

use vestibule_tests::{Signing, Social, ThirdParty, Trouble};

use super::rig::{ADA, by_google, client, logged_in, refresh, rig, subject, with_password};

const WAYS: [&str; 4] = [
    "a password",
    "a code by email",
    "a social provider",
    "a second factor",
];

const WALKS: [&str; 5] = [
    "sign in with a password",
    "use the keyboard alone",
    "get a code by email",
    "give a second factor",
    "go to a social provider and back",
];

#[test]
fn an_official_client_calls_a_tool_after_each_way_of_signing_in() {
    let (supabase, program) = rig(Signing::Es256, "");
    supabase.social(Social::SignsIn(ADA.to_owned()));
    let party = ThirdParty::node("supabase.mjs").argument(&supabase.url());
    let party = WAYS.iter().fold(party, |party, way| party.argument(way));
    party.run(&program).must_show(&WAYS);
    let asked = supabase.calls();
    let refreshed = asked
        .iter()
        .filter(|call| call.contains("grant_type=refresh_token"));
    assert_eq!(refreshed.count(), WAYS.len(), "{asked:?}");
}

#[test]
fn people_sign_in_on_the_pages() {
    let (supabase, program) = rig(Signing::Es256, "");
    supabase.social(Social::SignsIn(ADA.to_owned()));
    let party = ThirdParty::node("browser/supabase.mjs").argument(&supabase.url());
    let party = WALKS.iter().fold(party, |party, walk| party.argument(walk));
    party.run(&program).must_show(&WALKS);
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
    for _ in 0..2 {
        logged_in(with_password(client(&program).authorize(), ADA, "correct horse")).redeem();
        supabase.rotate_key();
    }
}

#[test]
fn an_outage_at_a_refresh_keeps_the_session() {
    let (supabase, program) = rig(Signing::Es256, "");
    let tokens = logged_in(with_password(client(&program).authorize(), ADA, "correct horse")).redeem();
    supabase.fail("/token", Trouble::Status(503));
    assert_eq!(refresh(&tokens).status(), 200);
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
    let official = super::calls_of_the_official_client();
    // The client is told by its developer what the project offers.
    let all = supabase
        .calls()
        .into_iter()
        .filter(|call| call != "GET /settings");
    let others: Vec<String> = all.filter(|call| !official.contains(call)).collect();
    assert!(others.is_empty(), "{others:?} are not among {official:?}");
}
