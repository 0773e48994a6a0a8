//! Whole logins at real identity providers, each ending in a tool call by an official SDK.

use vestibule_tests::{
    Browser, Canaille, Flow, Glewlwyd, OidcProvider, OidcSettings, Ports, Program, ThirdParty, Upstream,
};

const LOGIN: [&str; 3] = [
    "logs in at the identity provider",
    "calls a tool as the person who logged in",
    "refreshes by itself",
];

/// An SDK's person logs in at the provider `up`.
fn walk(upstream: &impl Upstream, program: &Program, subject: &str) {
    let issuer = url::Url::parse(upstream.issuer()).expect("an issuer is a URL");
    ThirdParty::node("upstream.mjs")
        .argument(&issuer.origin().ascii_serialization())
        .argument("alice:password123")
        .argument(subject)
        .run(program)
        .must_show(&LOGIN);
}

/// A broker whose only provider is an oidc-provider set up so.
fn house(settings: impl FnOnce(OidcSettings) -> OidcSettings, more: &str) -> (OidcProvider, Program) {
    let ports = Ports::free();
    let upstream = settings(OidcProvider::coming_back_to(&ports.callback("up"))).start();
    let program = Program::serve(ports, &upstream.section("up", more));
    (upstream, program)
}

#[test]
fn a_login_at_oidc_provider_ends_in_a_tool_call() {
    let (upstream, program) = house(|settings| settings, "");
    walk(&upstream, &program, "up:alice");
}

#[test]
fn a_login_at_glewlwyd_ends_in_a_tool_call() {
    let ports = Ports::free();
    let upstream = Glewlwyd::start(&ports.callback("up"), &ports.broker());
    let program = Program::serve(ports, &upstream.section("up", ""));
    // Its subjects are not its users' names.
    walk(&upstream, &program, "up:[A-Za-z0-9]{32}");
    drop(program);
    // Known by its key, and brought back by a form.
    let section = upstream.key_section("up", "response_mode = \"form_post\"");
    let program = Program::serve(ports, &section);
    let visit = Flow::new(&program).register().authorize();
    visit
        .log_in_by_form(&upstream, "alice", "password123")
        .approve()
        .redeem();
}

#[test]
fn a_login_at_canaille_ends_in_a_tool_call() {
    let ports = Ports::free();
    let upstream = Canaille::start(&ports.callback("up"), &ports.broker());
    let program = Program::serve(ports, &upstream.section("up", ""));
    walk(&upstream, &program, "up:alice");
    drop(program);
    // Known by its key; it answers by redirect whatever is asked for.
    let section = upstream.key_section("up", "response_mode = \"form_post\"");
    let program = Program::serve(ports, &section);
    let visit = Flow::new(&program).register().authorize();
    visit
        .log_in_at(&upstream, "alice", "password123")
        .approve()
        .redeem();
}

#[test]
fn a_login_at_auth0_s_shape_ends_in_a_tool_call() {
    let ports = Ports::free();
    let settings = OidcProvider::coming_back_to(&ports.callback("up")).like_auth0();
    let upstream = settings
        .client("token_endpoint_auth_method", "client_secret_post")
        .start();
    let section = upstream
        .section("up", "")
        .replace("kind = \"oidc\"", "kind = \"auth0\"")
        .replace("issuer = ", "domain = ");
    walk(&upstream, &Program::serve(ports, &section), "up:alice");
}

#[test]
fn a_login_at_clerk_s_shape_ends_in_a_tool_call() {
    let ports = Ports::free();
    let settings = OidcProvider::coming_back_to(&ports.callback("up")).like_clerk();
    let upstream = settings.start();
    let section = upstream
        .section("up", "")
        .replace("kind = \"oidc\"", "kind = \"clerk\"")
        .replace("issuer = ", "frontend_api = ");
    walk(&upstream, &Program::serve(ports, &section), "up:alice");
}

#[test]
fn what_the_provider_vouches_for_reaches_the_tokens() {
    let (upstream, program) = house(|settings| settings, "");
    let callback = Flow::new(&program)
        .scope("openid profile email mcp:read")
        .register()
        .authorize()
        .log_in_at(&upstream, "alice", "anything")
        .approve();
    let claims = callback.redeem().claims();
    assert_eq!(claims["sub"], "up:alice");
    assert_eq!(claims["idp"], "up");
    assert_eq!(claims["aud"], program.mcp());
}

#[test]
fn a_login_survives_a_rotation_of_the_providers_keys() {
    let (upstream, program) = house(|settings| settings, "");
    let client = Flow::new(&program).register();
    let log_in = || {
        client
            .clone()
            .authorize()
            .log_in_at(&upstream, "alice", "anything")
            .approve()
            .redeem()
    };
    log_in();
    upstream.rotate_keys();
    log_in();
}

#[test]
fn requests_are_pushed_where_the_provider_requires_it() {
    let required = serde_json::json!({"enabled": true, "requirePushedAuthorizationRequests": true});
    let (upstream, program) = house(
        |settings| settings.feature("pushedAuthorizationRequests", required),
        "",
    );
    let visit = Flow::new(&program).register().authorize();
    let away = visit.leaves_for();
    assert!(
        away.query_pairs().any(|(name, _)| name == "request_uri"),
        "{away}"
    );
    assert!(!away.query_pairs().any(|(name, _)| name == "nonce"), "{away}");
    visit.log_in_at(&upstream, "alice", "anything").approve().redeem();
}

#[test]
fn claims_are_read_from_a_signed_userinfo() {
    let (upstream, program) = house(
        |settings| {
            settings
                .claims_in_userinfo()
                .client("userinfo_signed_response_alg", "RS256")
        },
        "",
    );
    let visit = Flow::new(&program)
        .register()
        .authorize()
        .log_in_at(&upstream, "alice", "anything");
    assert!(
        visit.page().text().contains("Alice Upstream"),
        "{}",
        visit.page().text()
    );
}

#[test]
fn a_browser_that_is_logged_in_is_not_sent_away_again() {
    let (upstream, program) = house(|settings| settings, "");
    let browser = Browser::new();
    let client = Flow::new(&program).register();
    let first = client.clone().authorize_in(&browser);
    let first = first.log_in_at(&upstream, "alice", "anything").approve();
    first.redeem();
    let second = client.authorize_in(&browser);
    assert!(
        second.page().form_with("decision").is_some(),
        "{}",
        second.page().text()
    );
}

#[test]
fn a_broker_that_is_known_by_its_key_logs_people_in_and_refreshes() {
    for algorithm in ["ES256", "RS256"] {
        let ports = Ports::free();
        let settings = OidcProvider::coming_back_to(&ports.callback("up"));
        let upstream = settings.client_key(algorithm).start();
        let more = format!("private_key_alg = \"{algorithm}\"");
        let program = Program::serve(ports, &upstream.key_section("up", &more));
        let visit = Flow::new(&program).register().authorize();
        visit.log_in_at(&upstream, "alice", "anything").approve().redeem();
    }
}

#[test]
fn a_key_that_the_provider_does_not_know_logs_nobody_in() {
    let ports = Ports::free();
    let settings = OidcProvider::coming_back_to(&ports.callback("up"));
    let (upstream, other) = (
        settings.clone().client_key("ES256").start(),
        settings.client_key("ES256").start(),
    );
    let section = other
        .key_section("up", "")
        .replace(other.issuer(), upstream.issuer());
    let program = Program::serve(ports, &section);
    let visit = Flow::new(&program).register().authorize();
    let visit = visit.log_in_at(&upstream, "alice", "anything");
    assert_eq!(visit.page().error().as_deref(), Some("provider_misconfigured"));
    assert!(!program.log_lines("invalid_client").is_empty());
}

#[test]
fn a_form_that_the_provider_posts_brings_a_login_home() {
    let (upstream, program) = house(|settings| settings, "response_mode = \"form_post\"");
    let visit = Flow::new(&program).register().authorize();
    visit
        .log_in_by_form(&upstream, "alice", "anything")
        .approve()
        .redeem();
}
