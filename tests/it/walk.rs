//! The main walk, and what must not come of it.

use std::time::{Duration, Instant};

use serde_json::json;
use vestibule_tests::{Browser, Flow, Program, Tokens};

fn read_data() -> serde_json::Value {
    json!({"name": "read_data", "arguments": {}})
}

/// Whether the MCP server takes the token.
fn opens(tokens: &Tokens<'_>) -> bool {
    match tokens.call("tools/call", &read_data()).status() {
        401 => false,
        200 => true,
        // A revision with sessions wants `initialize` first; the guard has let the call through then.
        other => (400..500).contains(&other) && other != 403,
    }
}

#[test]
fn a_token_is_cut_for_one_server_and_opens_it() {
    let program = Program::start();
    let client = Flow::new(&program).scope("mcp:read").register();
    let tokens = client
        .clone()
        .authorize()
        .log_in_as("alice", "password123")
        .approve()
        .redeem();
    let claims = tokens.claims();
    assert_eq!(claims["iss"], program.issuer());
    assert_eq!(claims["aud"], program.mcp());
    assert_eq!(claims["sub"], "local:alice");
    assert_eq!(claims["client_id"], client.id());
    assert_eq!(claims["scope"], "mcp:read");
    assert!(opens(&tokens));
}

#[test]
fn no_scope_means_the_default_scopes() {
    let program = Program::start();
    let tokens = Flow::new(&program)
        .register()
        .authorize()
        .log_in_as("bob", "secret456")
        .approve()
        .redeem();
    assert_eq!(tokens.scope(), "mcp:read");
}

#[test]
fn no_resource_means_the_default_resource() {
    let program = Program::start();
    let client = Flow::new(&program).without("resource").register();
    let tokens = client
        .authorize()
        .log_in_as("alice", "password123")
        .approve()
        .redeem();
    assert_eq!(tokens.claims()["aud"], program.mcp());
}

#[test]
fn a_code_redeemed_twice_ends_its_session() {
    let program = Program::start();
    let callback = Flow::new(&program)
        .register()
        .authorize()
        .log_in_as("alice", "password123")
        .approve();
    let tokens = callback.redeem();
    let again = callback.try_redeem(&[]);
    assert_eq!(
        (again.status(), &again.json()["error"]),
        (400, &json!("invalid_grant"))
    );
    let refresh = tokens.try_refresh();
    assert_eq!(
        (refresh.status(), &refresh.json()["error"]),
        (400, &json!("invalid_grant"))
    );
}

#[test]
fn a_code_is_redeemed_with_its_own_verifier_only() {
    let program = Program::start();
    let callback = Flow::new(&program)
        .register()
        .authorize()
        .log_in_as("alice", "password123")
        .approve();
    let stranger = callback.try_redeem(&[("code_verifier", &"x".repeat(43))]);
    assert_eq!(stranger.json()["error"], "invalid_grant");
}

#[test]
fn the_token_endpoint_forbids_caching() {
    let program = Program::start();
    let callback = Flow::new(&program)
        .register()
        .authorize()
        .log_in_as("alice", "password123")
        .approve();
    assert_eq!(callback.try_redeem(&[]).header("cache-control"), Some("no-store"));
}

#[test]
fn a_refresh_repeated_at_once_is_answered_with_the_same_successor() {
    let program = Program::start();
    let tokens = Flow::new(&program)
        .register()
        .authorize()
        .log_in_as("alice", "password123")
        .approve()
        .redeem();
    let (first, second) = (tokens.refresh(), tokens.refresh());
    assert_ne!(first.refresh_token(), tokens.refresh_token());
    assert_eq!(first.refresh_token(), second.refresh_token());
    assert_eq!(first.scope(), tokens.scope());
}

#[test]
fn a_revoked_session_stops_opening_the_server() {
    let program = Program::start();
    let tokens = Flow::new(&program)
        .register()
        .authorize()
        .log_in_as("alice", "password123")
        .approve()
        .redeem();
    assert!(opens(&tokens));
    assert_eq!(tokens.revoke(tokens.refresh_token()).status(), 200);
    assert_eq!(tokens.try_refresh().json()["error"], "invalid_grant");
    // The guard verifies offline and polls the status list.
    let deadline = Instant::now() + Duration::from_secs(30);
    while opens(&tokens) {
        assert!(Instant::now() < deadline, "the token still opens the server");
        std::thread::sleep(Duration::from_millis(100));
    }
}

#[test]
fn an_error_before_the_redirect_uri_is_trusted_is_a_page() {
    let program = Program::start();
    let client = Flow::new(&program).register();
    let visit = client
        .clone()
        .with("redirect_uri", "https://elsewhere.example/")
        .authorize();
    assert_eq!(visit.answer().status(), 400);
    assert!(visit.page().error().is_some(), "{}", visit.page().text());
    let visit = Flow::new(&program).as_client("nobody", None).authorize();
    assert_eq!(visit.answer().status(), 400);
    assert!(visit.page().error().is_some(), "{}", visit.page().text());
}

#[test]
fn an_error_after_the_redirect_uri_is_trusted_goes_back_to_the_client() {
    let program = Program::start();
    let client = Flow::new(&program).register();
    for (parameter, value, error) in [
        ("response_type", "token", "unsupported_response_type"),
        ("code_challenge_method", "plain", "invalid_request"),
        ("resource", "https://elsewhere.example/mcp", "invalid_target"),
        ("scope", "nothing:known", "invalid_scope"),
    ] {
        let callback = client.clone().with(parameter, value).authorize().back();
        assert_eq!(callback.error().as_deref(), Some(error), "{parameter}={value}");
        assert_eq!(callback.parameter("iss").as_deref(), Some(program.issuer()));
        assert!(callback.parameter("state").is_some());
    }
}

#[test]
fn a_refusal_reaches_the_client_without_a_code() {
    let program = Program::start();
    let visit = Flow::new(&program).register().authorize();
    let callback = visit.log_in_as("alice", "password123").deny();
    assert_eq!(callback.error().as_deref(), Some("access_denied"));
    assert!(callback.parameter("code").is_none());
}

#[test]
fn the_demos_own_client_copies_its_code_and_introspects() {
    let program = Program::start();
    let client = Flow::new(&program)
        .redirect_uri("urn:ietf:wg:oauth:2.0:oob")
        .as_client("mcp-test-client", Some("mcp-test-secret"));
    let visit = client.clone().authorize().log_in_as("testuser", "testpass");
    let visit = visit.send("decision", |form| form.press("decision", "approve"));
    let tokens = visit.copy_code().redeem();
    let standing = client
        .post("/oauth/introspect", &[("token", tokens.access_token())])
        .json();
    assert_eq!(standing["active"], true);
    assert_eq!(standing["sub"], "local:testuser");
}

#[test]
fn a_wrong_secret_is_an_invalid_client() {
    let program = Program::start();
    let client = Flow::new(&program).as_client("mcp-test-client", Some("guess"));
    let answer = client.post("/oauth/introspect", &[("token", "any")]);
    assert_eq!(
        (answer.status(), &answer.json()["error"]),
        (401, &json!("invalid_client"))
    );
    assert!(answer.header("www-authenticate").is_some());
}

#[test]
fn an_interaction_belongs_to_the_browser_that_began_it() {
    let program = Program::start();
    let visit = Flow::new(&program).register().authorize();
    let elsewhere = Browser::new().open(visit.answer().url().as_str());
    assert!(elsewhere.page().error().is_some(), "{}", elsewhere.page().text());
    assert!(elsewhere.page().form_with("password").is_none());
}

#[test]
fn a_form_of_another_site_is_refused() {
    let program = Program::start();
    let visit = Flow::new(&program).register().authorize();
    let forged = [("username", "alice"), ("password", "password123")];
    let answer = visit
        .browser()
        .post_from("https://elsewhere.example", visit.answer(), &forged);
    assert_eq!(answer.status(), 403);
    assert!(
        visit
            .log_in_as("alice", "password123")
            .page()
            .form_with("decision")
            .is_some()
    );
}

#[test]
fn the_registrations_of_known_clients_are_accepted_as_they_stand() {
    let program = Program::start();
    let known = [
        (
            "Visual Studio Code",
            json!([
                "https://insiders.vscode.dev/redirect",
                "https://vscode.dev/redirect",
                "http://127.0.0.1/",
                "http://127.0.0.1:33418/"
            ]),
            json!(null),
            "http://127.0.0.1:51234/",
        ),
        (
            "Cursor",
            json!([
                "cursor://anysphere.cursor-mcp/oauth/callback",
                "https://www.cursor.com/agents/mcp/oauth/callback",
                "http://localhost:8787/callback"
            ]),
            json!("web"),
            "http://localhost:8787/callback",
        ),
        (
            "Claude Code",
            json!(["http://localhost/callback", "http://127.0.0.1/callback"]),
            json!(null),
            "http://localhost:54545/callback",
        ),
    ];
    for (name, redirect_uris, application_type, redirect_uri) in known {
        let mut flow = Flow::new(&program)
            .metadata("client_name", name)
            .metadata("redirect_uris", redirect_uris)
            .redirect_uri(redirect_uri);
        if !application_type.is_null() {
            flow = flow.metadata("application_type", application_type);
        }
        let visit = flow.register().authorize().log_in_as("alice", "password123");
        assert!(visit.page().text().contains(name), "{}", visit.page().text());
        visit.approve().redeem();
    }
}

#[test]
fn a_client_that_registers_again_is_the_same_client() {
    let program = Program::start();
    let first = Flow::new(&program).register();
    let second = Flow::new(&program)
        .redirect_uri("http://127.0.0.1:50000/callback")
        .register();
    assert_eq!(first.id(), second.id());
    let third = Flow::new(&program).metadata("client_name", "Another").register();
    assert_ne!(first.id(), third.id());
}
