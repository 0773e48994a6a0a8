//! Supabase: the stand-in before Supabase's own client, and logins through the built program before the stand-in.

mod failures;
mod logins;
mod own_pages;
mod rig;

use vestibule_tests::{ClientMethod, Person, Signing, Social, Supabase, ThirdParty};

const SHOWN: [&str; 9] = [
    "a key that is not the project's is refused",
    "signInWithPassword",
    "getClaims",
    "getUser",
    "exchangeCodeForSession",
    "signInWithOtp and verifyOtp",
    "mfa.challenge and mfa.verify",
    "refreshSession",
    "signOut",
];

/// A project that the people of `upstreams/supabase.mjs` have signed up at.
fn project(signing: Signing) -> Supabase {
    let supabase = Supabase::start_with(signing);
    supabase.add(Person::new("ada@example.com").password("correct horse"));
    supabase.add(Person::new("bea@example.com").password("pw").unconfirmed());
    supabase.add(Person::new("ban@example.com").password("pw").banned());
    supabase.add(
        Person::new("mia@example.com")
            .password("pw")
            .factor("totp", "123456"),
    );
    supabase.allow_redirect("https://app.example/callback*");
    supabase.social(Social::SignsIn("ada@example.com".to_owned()));
    supabase
}

fn walk(supabase: &Supabase, algorithm: &str) {
    ThirdParty::upstream("supabase.mjs")
        .env("SUPABASE_URL", &supabase.url())
        .env("SUPABASE_PUBLISHABLE_KEY", supabase.publishable_key())
        .env("MAIL", &format!("{}/mail", supabase.url()))
        .env("ALGORITHM", algorithm)
        .run_alone()
        .must_show(&SHOWN);
}

/// What the stand-in was asked while the official client went through its steps.
fn calls_of_the_official_client() -> Vec<String> {
    let supabase = project(Signing::Es256);
    walk(&supabase, "ES256");
    supabase.calls()
}

#[test]
fn the_official_client_accepts_the_stand_in() {
    walk(&project(Signing::Es256), "ES256");
}

#[test]
fn the_official_client_accepts_the_stand_in_of_a_project_of_old() {
    walk(&project(Signing::Hs256), "HS256");
}

#[test]
fn a_certified_client_and_supabases_own_accept_the_oauth_server() {
    const CALLBACK: &str = "https://app.example/oauth/callback";
    let supabase = project(Signing::Es256);
    let (id, secret) = supabase.register_oauth_client_with(CALLBACK, ClientMethod::Post);
    ThirdParty::node("supabase-oauth.mjs")
        .env("SUPABASE_URL", &supabase.url())
        .env("SUPABASE_PUBLISHABLE_KEY", supabase.publishable_key())
        .env("CLIENT_ID", &id)
        .env("CLIENT_SECRET", &secret)
        .env("REDIRECT_URI", CALLBACK)
        .run_alone()
        .must_show(&[
            "is discovered",
            "is consented to with Supabase's own client",
            "issues an ID token that holds, for a code that is good once",
            "tells about the user",
            "refreshes without an ID token",
            "refuses what it must",
        ]);
}
