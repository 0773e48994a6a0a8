//! A project, the program before it, and a person who signs in.

use url::Url;
use vestibule_tests::{
    Answer, Callback, Client, Flow, Person, Ports, Program, Signing, Supabase, Tokens, Visit,
};

pub(super) const ADA: &str = "ada@example.com";

/// A project that Ada, and Mia with her second factor, have signed up at.
pub(super) fn project(signing: Signing) -> Supabase {
    let supabase = Supabase::start_with(signing);
    supabase.add(Person::new(ADA).password("correct horse"));
    supabase.add(
        Person::new("mia@example.com")
            .password("pw")
            .factor("totp", "123456"),
    );
    supabase
}

/// A project, and the program before it. `more` goes into the provider's table.
pub(super) fn rig(signing: Signing, more: &str) -> (Supabase, Program) {
    let supabase = project(signing);
    let ports = Ports::free();
    supabase.allow_redirect(&format!("{}*", ports.callback("supabase")));
    let program = Program::serve(ports, &configuration(&supabase, more));
    (supabase, program)
}

pub(super) fn configuration(supabase: &Supabase, more: &str) -> String {
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

pub(super) fn client(program: &Program) -> Client<'_> {
    Flow::new(program).register()
}

pub(super) fn with_password<'p>(visit: Visit<'p>, email: &str, password: &str) -> Visit<'p> {
    visit.send("password", |form| {
        form.fill("email", email).fill("password", password)
    })
}

pub(super) fn subject(tokens: &Tokens<'_>) -> String {
    tokens.claims()["sub"]
        .as_str()
        .expect("a token has a subject")
        .to_owned()
}

/// Browses from where the broker sends the person until the project sends them elsewhere.
pub(super) fn browse(supabase: &Supabase, away: &Visit<'_>) -> Url {
    let mut answer = away.browser().open(away.leaves_for().as_str());
    while let Some(next) = answer
        .location()
        .filter(|next| next.as_str().starts_with(&supabase.url()))
    {
        answer = away.browser().open(next.as_str());
    }
    answer.location().expect("the project sends the browser on")
}

/// Presses Google's button, and browses until the browser is back at the broker.
pub(super) fn by_google<'p>(supabase: &Supabase, visit: Visit<'p>) -> Visit<'p> {
    let away = visit.send("alternative", |form| form.press("alternative", "google"));
    let back = browse(supabase, &away);
    away.come_back(&back)
}

pub(super) fn refresh(tokens: &Tokens<'_>) -> Answer {
    let data = [
        ("grant_type", "refresh_token"),
        ("refresh_token", tokens.refresh_token()),
    ];
    tokens.client().post("/oauth/token", &data)
}

pub(super) fn logged_in(visit: Visit<'_>) -> Callback<'_> {
    visit.approve()
}
