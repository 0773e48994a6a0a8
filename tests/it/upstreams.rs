//! The identity providers themselves: each starts, and lets a person through to the callback with a code.

use url::Url;
use vestibule_tests::{Browser, Canaille, Glewlwyd, Mock, OidcProvider, Upstream};

const CALLBACK: &str = "http://localhost:1/oauth/callback/up";

/// Walks a login as a client would begin it: the callback, which nobody serves here.
fn callback_of(upstream: &impl Upstream, authorize: &str) -> Url {
    let browser = Browser::new();
    let mut at =
        Url::parse(&format!("{}{authorize}", upstream.issuer().trim_end_matches('/'))).expect("a URL");
    at.query_pairs_mut().extend_pairs([
        ("response_type", "code"),
        ("client_id", "broker"),
        ("redirect_uri", CALLBACK),
        ("scope", "openid profile email"),
        ("state", "a state"),
        ("nonce", "a nonce"),
        ("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"),
        ("code_challenge_method", "S256"),
    ]);
    upstream.log_in(&browser, &at, "alice", "password123")
}

fn must_bring_a_code(callback: &Url) {
    assert!(callback.as_str().starts_with(CALLBACK), "{callback}");
    let parameter = |name: &str| {
        callback
            .query_pairs()
            .find(|(of, _)| of == name)
            .map(|(_, value)| value)
    };
    assert_eq!(parameter("state").as_deref(), Some("a state"));
    assert!(parameter("code").is_some(), "{callback}");
}

#[test]
fn oidc_provider_lets_anybody_through() {
    let upstream = OidcProvider::coming_back_to(CALLBACK).start();
    must_bring_a_code(&callback_of(&upstream, "/auth"));
    let auth0 = OidcProvider::coming_back_to(CALLBACK).like_auth0().start();
    assert!(auth0.issuer().ends_with('/'));
    must_bring_a_code(&callback_of(&auth0, "/authorize"));
}

#[test]
fn glewlwyd_lets_its_user_through() {
    let upstream = Glewlwyd::start(CALLBACK, "http://localhost:1/");
    must_bring_a_code(&callback_of(&upstream, "/auth"));
}

#[test]
fn canaille_lets_its_user_through() {
    let upstream = Canaille::start(CALLBACK, "http://localhost:1/");
    must_bring_a_code(&callback_of(&upstream, "/oauth/authorize"));
}

#[test]
fn the_mock_lets_everybody_through() {
    must_bring_a_code(&callback_of(&Mock::start(), "/authorize"));
}
