use askama::Template;
use vestibule_provider::{Field, FieldKind, Form};

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

fn gallery_in(frame: &Frame) -> Vec<(&'static str, String)> {
    let client = || "Claude Code".to_owned();
    let (form, wrong) = (
        login_form(None),
        login_form(Some("Name or password is wrong. Try again.")),
    );
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
    let render = |page: &dyn askama::DynTemplate| page.dyn_render().unwrap();
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
            "problem",
            render(&ProblemPage {
                frame,
                code: "invalid_client",
                title: "This app is not known here",
                what: "Its registration may have run out.",
                remedy: "Remove the server from the app and add it again; the app then registers anew.",
                correlation: "AAECAwQFBgcICQoLDA0ODw",
            }),
        ),
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
            }),
        ),
        ("signed-out", render(&SignedOutPage { frame })),
    ]
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
fn every_page_has_one_heading_one_main_and_no_script() {
    for (name, html) in gallery() {
        assert_eq!(html.matches("<h1>").count(), 1, "{name}");
        assert_eq!(html.matches("<main").count(), 1, "{name}");
        assert_eq!(html.matches("<title>").count(), 1, "{name}");
        for forbidden in ["<script", "javascript:", "style=", " onclick", "<style"] {
            assert!(!html.contains(forbidden), "{name}: {forbidden}");
        }
    }
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
