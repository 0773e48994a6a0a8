//! Firebase Authentication, with its real emulator: on the page with the SDK, and by the broker's own forms.

mod failures;

use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use vestibule_tests::{FirebaseEmulator, Flow, Ports, Program, ThirdParty, Visit};

const PASSWORD: &str = "correct horse";

/// An emulator with Ada, who has a password alone.
fn emulator() -> FirebaseEmulator {
    let emulator = FirebaseEmulator::start();
    emulator.add("ada-1", "ada@example.com", PASSWORD);
    emulator
}

fn serve(emulator: &FirebaseEmulator, more: &str) -> Program {
    // Whoever refreshes is asked about each time.
    let lifetimes = "[lifetimes]\nrecheck = \"1ms\"\n";
    Program::serve(Ports::free(), &format!("{lifetimes}{}", emulator.provider(more)))
}

fn visit(program: &Program) -> Visit<'_> {
    Flow::new(program).register().authorize()
}

/// Sends what the page's script sends.
fn post<'p>(visit: Visit<'p>, tokens: &Value, change: impl FnOnce(&mut Value)) -> Visit<'p> {
    let id_token = changed(text(&tokens["idToken"]), change);
    visit.send("id_token", |form| {
        form.fill("id_token", &id_token)
            .fill("refresh_token", text(&tokens["refreshToken"]))
    })
}

/// The emulator's tokens are unsigned: the test can write its own.
fn changed(token: &str, change: impl FnOnce(&mut Value)) -> String {
    let parts: Vec<&str> = token.split('.').collect();
    let payload = URL_SAFE_NO_PAD.decode(parts[1]).expect("base64url");
    let mut claims: Value = serde_json::from_slice(&payload).expect("claims");
    change(&mut claims);
    format!("{}.{}.", parts[0], URL_SAFE_NO_PAD.encode(claims.to_string()))
}

/// Puts this in place of a claim.
fn lying(claim: &'static str, lie: Value) -> impl FnOnce(&mut Value) {
    move |claims| *claims.pointer_mut(claim).expect("a claim") = lie
}

fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}

#[test]
fn people_sign_in_on_the_page() {
    let emulator = emulator();
    let disabled = json!({"disabled": true});
    let phone = json!({"mfaInfo": [{"phoneInfo": "+15555550101", "displayName": "My phone"}]});
    emulator
        .add("lin-1", "lin@example.com", PASSWORD)
        .add_with("dis-1", "dis@example.com", PASSWORD, &disabled)
        .add_with("fay-1", "fay@example.com", PASSWORD, &phone);
    let program = serve(
        &emulator,
        "name = \"Example\"\nproviders = [\"password\", \"email_link\", \"google.com\"]",
    );
    let walks = ThirdParty::node("browser/firebase.mjs").argument(&emulator.origin());
    walks.run(&program).must_show(&[
        "sign in with a password",
        "mistype the password",
        "be told nothing of a disabled account",
        "use the keyboard alone",
        "come back by a link from the mail",
        "give a second factor",
        "ask for a new password",
        "find the other service out of reach",
        "have no JavaScript",
    ]);
    assert!(program.log().contains("THE FIREBASE EMULATOR IS BELIEVED"));
}

#[test]
fn a_token_counts_once_and_only_where_it_is_meant_to() {
    let emulator = emulator();
    let program = serve(&emulator, "");
    let (first, second) = (visit(&program), visit(&program));
    let tokens = emulator.sign_in("ada@example.com", PASSWORD);

    for (claim, lie) in [
        ("/aud", json!("other-project")),
        ("/auth_time", json!(1_700_000_000)),
        (
            "/firebase",
            json!({"sign_in_provider": "password", "tenant": "t-1"}),
        ),
        ("/sub", json!("mallory")),
    ] {
        let page = post(visit(&program), &tokens, lying(claim, lie)).page();
        assert!(page.error().is_some(), "{claim}: {}", page.text());
    }
    let anonymous = lying("/firebase/sign_in_provider", json!("anonymous"));
    let told = post(visit(&program), &tokens, anonymous).page().text();
    assert!(told.contains("not accepted here"), "{told}");

    let claims = post(first, &tokens, |_| {}).approve().redeem().claims();
    assert_eq!(claims["sub"], "firebase:ada-1");
    assert_eq!(claims["idp"], "firebase");
    let replayed = post(second, &tokens, |_| {});
    assert!(
        replayed.page().error().is_some(),
        "replayed: {}",
        replayed.page().text()
    );
}

#[test]
fn the_broker_s_own_forms_take_a_password() {
    let emulator = emulator();
    emulator
        .add("bob-1", "bob@example.com", PASSWORD)
        .add("cyd-1", "cyd@example.com", PASSWORD);
    let program = serve(&emulator, "mode = \"server\"\ncheck_revoked = true");
    let enter = |email: &str, password: &str| {
        visit(&program).send("password", |form| {
            form.fill("email", email).fill("password", password)
        })
    };
    let wrong = enter("ada@example.com", "wrong").page().text();
    assert!(
        wrong.contains("The email address or the password is wrong."),
        "{wrong}"
    );
    let unknown = enter("nobody@example.com", PASSWORD).page().text();
    assert!(
        unknown.contains("The email address or the password is wrong."),
        "{unknown}"
    );

    let ada = enter("ada@example.com", PASSWORD).approve().redeem();
    let bob = enter("bob@example.com", PASSWORD).approve().redeem();
    let cyd = enter("cyd@example.com", PASSWORD).approve().redeem();
    assert_eq!(ada.claims()["sub"], "firebase:ada-1");
    let (ada, bob, cyd) = (ada.refresh(), bob.refresh(), cyd.refresh());
    emulator.change("ada-1", &json!({"disableUser": true}));
    emulator.remove("bob-1");
    // Who was signed out everywhere: the emulator goes on exchanging the refresh token, which Google does not.
    emulator.change("cyd-1", &json!({"validSince": "4000000000"}));
    for gone in [ada, bob, cyd] {
        let refused = gone.try_refresh();
        assert_eq!(refused.status(), 400, "{}", refused.body());
        assert_eq!(refused.json()["error"], "invalid_grant");
    }
    let revoked = program.log_lines("sign-ins were revoked");
    assert_eq!(revoked.len(), 1, "{}", program.log());
    let disabled = enter("ada@example.com", PASSWORD).page().text();
    assert!(
        disabled.contains("The email address or the password is wrong."),
        "{disabled}"
    );
}

#[test]
fn an_outage_ends_no_session() {
    let mut emulator = emulator();
    let program = serve(&emulator, "mode = \"server\"");
    let form = visit(&program).send("password", |form| {
        form.fill("email", "ada@example.com").fill("password", PASSWORD)
    });
    let tokens = form.approve().redeem();
    emulator.kill();
    drop(tokens.refresh());
    let down = visit(&program).send("password", |form| {
        form.fill("email", "ada@example.com").fill("password", PASSWORD)
    });
    assert!(down.page().error().is_some(), "{}", down.page().text());
}

#[test]
fn a_broker_that_others_can_reach_does_not_start_with_the_emulator() {
    let folder = tempfile::tempdir().expect("a temporary directory");
    let file = folder.path().join("vestibule.toml");
    let configuration = r#"
issuer = "https://auth.example.com"
[store]
kind = "memory"
[secrets]
master_env = "MASTER"
[providers.firebase]
kind = "firebase"
project_id = "my-app"
api_key = "a-key"
[[resources]]
uri = "https://mcp.example.com/mcp"
[resources.scopes]
"mcp:read" = "Read your data"
"#;
    std::fs::write(&file, configuration).expect("the configuration is written");
    let start = |emulator: Option<&str>| {
        let mut command = Command::new(Program::path());
        command
            .arg("config")
            .arg("check")
            .arg(&file)
            .env("MASTER", "0123456789abcdef".repeat(4));
        command.envs(emulator.map(|host| ("FIREBASE_AUTH_EMULATOR_HOST", host)));
        command.output().expect("the program starts")
    };
    let refused = start(Some("127.0.0.1:9099"));
    let said = format!(
        "{}{}",
        String::from_utf8_lossy(&refused.stdout),
        String::from_utf8_lossy(&refused.stderr)
    );
    assert!(!refused.status.success(), "{said}");
    assert!(
        said.contains("FIREBASE_AUTH_EMULATOR_HOST") && said.contains("unsigned"),
        "{said}"
    );
    assert!(start(None).status.success());
}
