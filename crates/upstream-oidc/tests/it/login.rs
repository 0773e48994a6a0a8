//! A login as it should go.

use serde_json::json;
use vestibule_provider::ProviderError;

use crate::world::{CALLBACK, NONCE, STATE, VERIFIER, World, login, pairs};

#[tokio::test]
async fn the_browser_is_sent_with_code_pkce_state_and_nonce() {
    let world = World::new().await;
    let address = world.begin().await.unwrap();
    assert!(
        address
            .as_str()
            .starts_with(&format!("{}/authorize?", world.provider.issuer()))
    );
    let query = pairs(address.query().unwrap());
    let challenge =
        vestibule_protocol::CodeChallenge::of(&vestibule_protocol::CodeVerifier::parse(VERIFIER).unwrap());
    let expected = [
        ("response_type", "code"),
        ("client_id", "broker"),
        ("redirect_uri", CALLBACK),
        ("scope", "openid profile email"),
        ("state", STATE),
        ("nonce", NONCE),
        ("code_challenge", challenge.as_str()),
        ("code_challenge_method", "S256"),
    ];
    let expected = expected
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
    assert_eq!(query, expected);
}

#[tokio::test]
async fn a_code_becomes_an_identity() {
    let world = World::new().await;
    let done = world.log_in().await.unwrap();
    assert_eq!(done.identity.subject.as_str(), "upstream:alice");
    assert_eq!(done.identity.issuer, Some(world.provider.issuer()));
    assert_eq!(done.identity.name.as_deref(), Some("Alice"));
    assert_eq!(done.identity.verified_email(), Some("alice@example.com"));
    assert_eq!(
        done.identity.auth_time,
        login().now.minus(std::time::Duration::from_secs(20))
    );
    assert_eq!(done.upstream.unwrap().sid.as_deref(), Some("upstream-session"));
    let [request] = world.provider.seen("/token").try_into().unwrap();
    let form = request.form;
    assert_eq!(form["code"], "a-code");
    assert_eq!(form["code_verifier"], VERIFIER);
    assert_eq!(form["redirect_uri"], CALLBACK);
    assert_eq!(form["grant_type"], "authorization_code");
}

#[tokio::test]
async fn odd_forms_of_a_good_answer_are_read() {
    let world = World::new().await;
    world.provider.change(|behaviour| {
        behaviour.answer = json!({"access_token": "a", "token_type": "bearer", "expires_in": "3600", "not-before-policy": 0});
    });
    let done = world
        .log_in_with(json!({"auth_time": 1_799_999_980.397, "email_verified": "true", "updated_at": "2026-11-01T00:00:00Z",
            "aud": ["broker"], "locale": 7, "gender": {}, "iat": 1_800_000_000.5}))
        .await
        .unwrap();
    assert_eq!(done.identity.auth_time.as_secs(), 1_799_999_980);
    assert!(done.identity.email_verified);
}

#[tokio::test]
async fn a_dot_in_a_claim_never_makes_two_users_one() {
    let world = World::with(|upstream| {
        upstream.claims.subject = ["department", "staff_id"]
            .map(|name| name.parse().unwrap())
            .to_vec();
    })
    .await;
    let done = world
        .log_in_with(json!({"department": "a", "staff_id": "b.c"}))
        .await
        .unwrap();
    assert_eq!(done.identity.subject.as_str(), "upstream:a.b.c");
    let other = world
        .log_in_with(json!({"department": "a.b", "staff_id": "c"}))
        .await;
    assert!(matches!(other, Err(ProviderError::Misconfigured(text)) if text.contains("department")));
}
