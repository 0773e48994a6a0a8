use askama::Template;
use vestibule_provider::{Alternative, Field, FieldKind, Form, Script, ScriptOrigins};

use super::*;
use crate::appearance::Appearance;

fn frame() -> Frame {
    let appearance = Appearance {
        operator: "Example Works".to_owned(),
        support: Some("https://example.com/help".parse().unwrap()),
        ..Appearance::default()
    };
    Frame::new("", &appearance).0
}

fn login_form(problem: Option<&str>) -> Form {
    let field = |name: &str, label: &str, kind, value: &str| Field {
        name: name.to_owned(),
        label: label.to_owned(),
        kind,
        value: value.to_owned(),
    };
    Form {
        intro: None,
        account: None,
        fields: vec![
            field(
                "username",
                "User name",
                FieldKind::Username,
                if problem.is_some() { "alice" } else { "" },
            ),
            field("password", "Password", FieldKind::Password, "must-not-be-shown"),
        ],
        submit: "Log in".to_owned(),
        alternatives: Vec::new(),
        problem: problem.map(str::to_owned),
    }
}

fn way(value: &str, label: &str) -> Alternative {
    Alternative {
        value: value.to_owned(),
        label: label.to_owned(),
    }
}

fn code_form() -> Form {
    Form {
        intro: Some("We have sent a code to alice@example.com.".to_owned()),
        account: None,
        fields: vec![Field {
            name: "code".to_owned(),
            label: "Code".to_owned(),
            kind: FieldKind::OneTimeCode,
            value: "must-not-be-shown".to_owned(),
        }],
        submit: "Go on".to_owned(),
        alternatives: vec![
            way("resend", "Send another code"),
            way("password", "Use a password instead"),
        ],
        problem: None,
    }
}

fn buttons_form() -> Form {
    Form {
        intro: None,
        account: None,
        fields: Vec::new(),
        submit: String::new(),
        alternatives: vec![
            way("google", "Continue with Google"),
            way("github", "Continue with GitHub"),
        ],
        problem: None,
    }
}

fn script(problem: Option<&str>) -> Script {
    Script {
        asset: "acme.js".to_owned(),
        settings: serde_json::json!({ "key": "public", "text": "</script><b>&" }),
        fields: vec!["id_token".to_owned(), "refresh_token".to_owned()],
        origins: ScriptOrigins::default(),
        popups: false,
        problem: problem.map(str::to_owned),
    }
}

fn scope(scope: &str, text: &str) -> ScopeLine {
    ScopeLine {
        scope: scope.to_owned(),
        text: text.to_owned(),
        required: scope == "openid",
    }
}

fn consent(frame: &Frame) -> ConsentPage<'_> {
    ConsentPage {
        frame,
        client: Asking {
            name: "Claude Code".to_owned(),
            initial: "C".to_owned(),
            origin: "registered itself; nobody has checked its name",
            redirect_host: "localhost".to_owned(),
            warning: Some(
                "The answer goes to a program on this computer. Go on only if you have just started it yourself.",
            ),
        },
        target: "Notes".to_owned(),
        target_initial: "N".to_owned(),
        user: "Alice Liddell".to_owned(),
        user_detail: Some("alice@example.com".to_owned()),
        provider: "Local users".to_owned(),
        resources: vec![ResourceScopes {
            name: "Notes".to_owned(),
            host: "mcp.example.com".to_owned(),
            scopes: vec![
                scope("mcp:read", "Read your notes and everything that they link to."),
                scope(
                    "mcp:write",
                    "Write notes in your name, and change or delete those that you have.",
                ),
            ],
        }],
        identity_scopes: vec![
            scope(
                "openid",
                "Know who you are: an identifier that is yours at this service.",
            ),
            scope("email", "See your email address."),
            scope("offline_access", "Keep this access while you are away."),
        ],
        withheld: vec!["Administer the server.".to_owned()],
        remembers: false,
    }
}

fn session(id: &str, client: &str) -> SessionLine {
    SessionLine {
        id: id.to_owned(),
        client: client.to_owned(),
        resources: "Notes".to_owned(),
        scopes: vec!["mcp:read".to_owned(), "mcp:write".to_owned()],
        since: "2 November 2026".to_owned(),
        last_used: "today".to_owned(),
    }
}

fn gallery() -> Vec<(&'static str, String)> {
    let frame = frame();
    gallery_in(&frame)
}

/// The pages on which people log in.
fn logins_in(frame: &Frame) -> Vec<(&'static str, String)> {
    let client = || "Claude Code".to_owned();
    let (form, wrong) = (
        login_form(None),
        login_form(Some("Name or password is wrong. Try again.")),
    );
    let (code, buttons) = (code_form(), buttons_form());
    let (quiet, complaining) = (script(None), script(Some("That did not work. Try again.")));
    let scripted = |script| ScriptPage::new(frame, client(), "Acme", "/acme.js", script);
    let mut with_others = scripted(&quiet);
    with_others.others = true;
    vec![
        (
            "login",
            render(&LoginPage::new(frame, client(), "Local users", &form)),
        ),
        (
            "login-wrong",
            render(&LoginPage::new(frame, client(), "Local users", &wrong)),
        ),
        (
            "login-code",
            render(&LoginPage::new(frame, client(), "Acme", &code)),
        ),
        (
            "login-buttons",
            render(&LoginPage::new(frame, client(), "Acme", &buttons)),
        ),
        (
            "login-others",
            render(&LoginPage {
                others: true,
                ..LoginPage::new(frame, client(), "Acme", &form)
            }),
        ),
        ("script", render(&scripted(&quiet))),
        ("script-others", render(&with_others)),
        ("script-problem", render(&scripted(&complaining))),
    ]
}

/// The pages that tell of an error.
fn problems_in(frame: &Frame) -> Vec<(&'static str, String)> {
    vec![
        (
            "problem",
            render(&ProblemPage {
                frame,
                code: "invalid_client",
                title: "This app is not known here",
                what: "Its registration may have run out.",
                remedy: "Remove the server from the app and add it again; the app then registers anew.",
                again: None,
                correlation: "AAECAwQFBgcICQoLDA0ODw",
            }),
        ),
        (
            "problem-again",
            render(&ProblemPage {
                frame,
                code: "provider_unavailable",
                title: "The identity provider does not answer",
                what: "You could not be signed in just now. It is not your doing.",
                remedy: "Try again in a moment.",
                again: Some("/oauth/interaction/a-ticket"),
                correlation: "AAECAwQFBgcICQoLDA0ODw",
            }),
        ),
    ]
}

fn last_pages_in(frame: &Frame) -> Vec<(&'static str, String)> {
    let client = || "Claude Code".to_owned();
    vec![
        (
            "code",
            render(&CodePage {
                frame,
                client: client(),
                code: "Zk3vH8q2WlT0d-6Jx9bNfQ4uYs7RmAeC1gPo5iLhV_k",
                minutes: 10,
            }),
        ),
        (
            "closing",
            render(&ClosingPage {
                frame,
                client: "Cursor".to_owned(),
                location: Some("cursor://anysphere.cursor-mcp/oauth/callback?code=abc&state=xyz"),
                is_error: false,
            }),
        ),
        (
            "no-code",
            render(&ClosingPage {
                frame,
                client: client(),
                location: None,
                is_error: true,
            }),
        ),
        (
            "turned-away",
            render(&TurnedAwayPage {
                frame,
                client: client(),
                code: "invalid_scope",
                reason: "None of the scopes asked for may be had here. Known scopes: mcp:read mcp:write.",
                place: Some("app.example".to_owned()),
                location: "https://app.example/callback?error=invalid_scope&state=xyz",
            }),
        ),
    ]
}

fn render(page: &dyn askama::DynTemplate) -> String {
    page.dyn_render().unwrap()
}

fn gallery_in(frame: &Frame) -> Vec<(&'static str, String)> {
    let client = || "Claude Code".to_owned();
    let choice = |id, name: &'static str| Choice {
        id,
        name,
        initial: initial(name),
    };
    let account = |sessions| AccountPage {
        frame,
        user: "Alice Liddell".to_owned(),
        form_token: "a-token-of-the-page",
        sessions,
    };
    let mut pages = logins_in(frame);
    pages.extend(problems_in(frame));
    pages.extend(last_pages_in(frame));
    pages.extend([
        (
            "chooser",
            render(&ChooserPage {
                frame,
                client: client(),
                providers: vec![
                    choice("local", "Local users"),
                    choice("acme", "Acme Single Sign-On"),
                ],
            }),
        ),
        ("consent", render(&consent(frame))),
        (
            "account",
            render(&account(vec![
                session("s1", "Claude Code"),
                session("s2", "Visual Studio Code"),
            ])),
        ),
        ("account-empty", render(&account(Vec::new()))),
        ("account-logged-out", render(&LoggedOutAccountPage { frame })),
        (
            "sign-out",
            render(&SignOutPage {
                frame,
                form_token: "a-token-of-the-page",
                provider: None,
                back: None,
            }),
        ),
        (
            "sign-out-everywhere",
            render(&SignOutPage {
                frame,
                form_token: "a-token-of-the-page",
                provider: Some("Acme"),
                back: Some(way_back()),
            }),
        ),
        ("signed-out", render(&SignedOutPage { frame, back: None })),
        (
            "signed-out-back",
            render(&SignedOutPage {
                frame,
                back: Some(way_back()),
            }),
        ),
    ]);
    pages
}

fn way_back() -> Onward<'static> {
    Onward {
        client: "An <app>".to_owned(),
        place: "app.example".to_owned(),
        location: "https://app.example/bye?state=a%26b".to_owned(),
        client_id: "app",
        uri: "https://app.example/bye",
        state: Some("a&b"),
    }
}

#[test]
fn every_page_is_as_the_snapshot_has_it() {
    let mut frame = frame();
    // Their real addresses change with every change of the files.
    frame.stylesheet = "/page.css".to_owned();
    frame.icon = "/mark.svg".to_owned();
    for (name, html) in gallery_in(&frame) {
        insta::assert_snapshot!(format!("page_{name}"), html);
    }
}

#[test]
fn every_page_has_one_heading_one_main_and_no_script_but_the_provider_s() {
    for (name, html) in gallery() {
        let html = without_providers_script(&html);
        assert_eq!(html.matches("<h1>").count(), 1, "{name}");
        assert_eq!(html.matches("<main").count(), 1, "{name}");
        assert_eq!(html.matches("<title>").count(), 1, "{name}");
        for forbidden in ["<script", "javascript:", "style=", " onclick", "<style"] {
            assert!(!html.contains(forbidden), "{name}: {forbidden}");
        }
    }
}

/// The page without the script that a provider brings and the data that it reads.
fn without_providers_script(html: &str) -> String {
    let html = html.replace(r#"<script type="module" src="/acme.js"></script>"#, "");
    html.replace(r#"<script type="application/json" id="provider-settings">"#, "")
}

#[test]
fn enter_in_a_form_takes_no_alternative() {
    let frame = frame();
    let form = code_form();
    let html = LoginPage::new(&frame, "x".to_owned(), "Acme", &form)
        .render()
        .unwrap();
    assert!(html.find(r#"class="go""#).unwrap() < html.find(r#"name="alternative""#).unwrap());
    assert!(!html.contains("must-not-be-shown"));
}

#[test]
fn a_form_without_fields_has_no_button_but_its_alternatives() {
    let frame = frame();
    let form = buttons_form();
    let html = LoginPage::new(&frame, "x".to_owned(), "Acme", &form)
        .render()
        .unwrap();
    assert_eq!(html.matches("<button").count(), 2);
    assert_eq!(html.matches(r#"class="other" formnovalidate"#).count(), 2);
    assert!(!html.contains(r#"class="or""#));
}

#[test]
fn a_secret_is_never_written_into_the_login_form() {
    let frame = frame();
    let form = login_form(Some("Wrong."));
    let html = LoginPage::new(&frame, "x".to_owned(), "Local users", &form)
        .render()
        .unwrap();
    assert!(!html.contains("must-not-be-shown"));
    assert!(html.contains(r#"value="alice""#));
}

#[test]
fn a_strangers_name_cannot_leave_its_place() {
    let frame = frame();
    let mut page = consent(&frame);
    page.client.name = r#"<img src=x onerror=alert(1)>"'&"#.to_owned();
    let html = page.render().unwrap();
    assert!(!html.contains("<img src=x"));
    assert!(!html.contains(r#"alert(1)>"'"#));
}

#[test]
fn enter_in_the_consent_form_does_not_approve() {
    let frame = frame();
    let html = consent(&frame).render().unwrap();
    // The first button of a form is the one that Enter presses.
    assert!(html.find(r#"value="deny""#).unwrap() < html.find(r#"value="approve""#).unwrap());
}
