//! Every page, with somebody on it.

use vestibule_provider::{Alternative, Field, FieldKind, Form, Script, ScriptOrigins};

use super::super::*;
use crate::appearance::Appearance;

pub(super) fn frame() -> Frame {
    let appearance = Appearance {
        operator: "Example Works".to_owned(),
        support: Some("https://example.com/help".parse().unwrap()),
        ..Appearance::default()
    };
    Frame::new("", &appearance).0
}

pub(super) fn login_form(problem: Option<&str>) -> Form {
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

pub(super) fn code_form() -> Form {
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

pub(super) fn buttons_form() -> Form {
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
        includes: String::new(),
        required: scope == "openid",
    }
}

pub(super) fn consent(frame: &Frame) -> ConsentPage<'_> {
    ConsentPage {
        frame,
        client: Asking {
            device: None,
            name: "Claude Code".to_owned(),
            initial: "C".to_owned(),
            origin: "registered itself; nobody has checked its name",
            document_host: None,
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
        agreed: Vec::new(),
        withheld: vec!["Administer the server.".to_owned()],
        remembers: false,
    }
}

/// The same question for a broader scope, once the others were agreed to.
fn more(frame: &Frame) -> ConsentPage<'_> {
    let mut page = consent(frame);
    page.resources[0].scopes = vec![ScopeLine {
        includes: "Read your notes. · Write notes in your name.".to_owned(),
        ..scope("mcp:admin", "Administer the server.")
    }];
    page.identity_scopes.clear();
    page.agreed = vec!["Read your notes.".to_owned()];
    page.withheld.clear();
    page.remembers = true;
    page
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

pub(super) fn gallery() -> Vec<(&'static str, String)> {
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

pub(super) fn render(page: &dyn askama::DynTemplate) -> String {
    page.dyn_render().unwrap()
}

pub(super) fn gallery_in(frame: &Frame) -> Vec<(&'static str, String)> {
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
    pages.extend(device_pages_in(frame));
    pages.extend([
        (
            "chooser",
            render(&ChooserPage {
                frame,
                client: client(),
                device: None,
                providers: vec![
                    choice("local", "Local users"),
                    choice("acme", "Acme Single Sign-On"),
                ],
            }),
        ),
        ("consent", render(&consent(frame))),
        ("consent-more", render(&more(frame))),
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

/// The walk of a device, from its code to its end.
fn device_pages_in(frame: &Frame) -> Vec<(&'static str, String)> {
    let code = || Some("WDJB-MJHT".to_owned());
    let form = login_form(None);
    let entry = |typed: &str, problem| DevicePage {
        frame,
        typed: typed.to_owned(),
        problem,
    };
    let done = |approved, reason| DeviceDonePage {
        frame,
        client: "Claude Code".to_owned(),
        approved,
        reason,
    };
    let mut asked = consent(frame);
    asked.client.redirect_host = "the device that shows WDJB-MJHT".to_owned();
    asked.client.warning = None;
    asked.client.device = code();
    vec![
        ("device", render(&entry("", None))),
        (
            "device-wrong",
            render(&entry("WDJB-MJHX", Some("No device shows this code now."))),
        ),
        (
            "device-login",
            render(&LoginPage {
                device: code(),
                ..LoginPage::new(frame, "Claude Code".to_owned(), "Local users", &form)
            }),
        ),
        ("device-consent", render(&asked)),
        ("device-done", render(&done(true, None))),
        ("device-denied", render(&done(false, None))),
        (
            "device-refused",
            render(&done(
                false,
                Some("This user may not have any of the scopes asked for."),
            )),
        ),
    ]
}
