//! Bound tokens where they are presented: at UserInfo with a proof, to introspection by whoever guards a server.

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use vestibule_broker::{EndpointError as _, ShownToken, UserInfoError};
use vestibule_protocol::{ActiveToken, IntrospectionResponse, OAuthErrorCode};

use super::{Prover, USERINFO, without_nonces, world};
use crate::fixture::{APP, NOTES_SERVER, World, redemption, scopes};

async fn bound(world: &World, prover: &Prover) -> (String, String) {
    let code = world
        .issue_code(|grant| grant.scopes = scopes("openid email mcp:read offline_access"))
        .await;
    let mut claims = prover.claims(world, "POST", super::TOKEN);
    if let Some(nonce) = nonce_of(world, prover).await {
        claims["nonce"] = json!(nonce);
    }
    let tokens = super::ask_with(world, &prover.sign(&claims), &redemption(&code)).await;
    let tokens = tokens.expect("tokens");
    (tokens.access_token, tokens.refresh_token.unwrap())
}

async fn nonce_of(world: &World, prover: &Prover) -> Option<String> {
    let asked = prover
        .ask(world, &[("grant_type", "none"), ("client_id", APP)])
        .await;
    asked.unwrap_err().dpop_nonce().map(str::to_owned)
}

fn ath(token: &str) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(Sha256::digest(token))
}

fn claims(world: &World, prover: &Prover, token: &str) -> Value {
    let mut claims = prover.claims(world, "GET", USERINFO);
    claims["ath"] = json!(ath(token));
    claims
}

async fn try_userinfo(world: &World, token: &str, proof: Option<&str>) -> Result<String, UserInfoError> {
    let shown = ShownToken::Dpop {
        token,
        proof,
        method: "GET",
    };
    let told = world.broker.userinfo(shown).await?;
    Ok(told.email.unwrap())
}

/// [RFC 9449 §7.1](https://www.rfc-editor.org/rfc/rfc9449#section-7.1)
#[tokio::test]
async fn a_bound_token_is_no_bearer_token() {
    let (world, prover) = (world().await, Prover::new());
    let (token, _) = bound(&world, &prover).await;
    let refused = world
        .broker
        .userinfo(ShownToken::Bearer(&token))
        .await
        .unwrap_err();
    assert!(matches!(refused, UserInfoError::Bound));
    assert_eq!(
        (refused.code(), refused.status()),
        (OAuthErrorCode::InvalidToken, 401)
    );
    assert_eq!(
        refused.proof_algorithms().as_deref(),
        Some("ES256 ES384 EdDSA PS256 RS256")
    );
}

#[tokio::test]
async fn an_unbound_token_is_not_taken_with_a_proof() {
    let (world, prover) = (world().await, Prover::new());
    let token = world.tokens_with("openid mcp:read").await.access_token;
    let proof = prover.sign(&claims(&world, &prover, &token));
    let refused = try_userinfo(&world, &token, Some(&proof)).await.unwrap_err();
    assert!(matches!(refused, UserInfoError::NotBound));
    assert_eq!(
        (refused.code(), refused.status()),
        (OAuthErrorCode::InvalidToken, 401)
    );
}

#[tokio::test]
async fn a_bound_token_is_taken_with_a_proof_of_its_key_for_this_very_request() {
    let (world, prover, thief) = (world().await, Prover::new(), Prover::new());
    let (token, _) = bound(&world, &prover).await;
    let (other, _) = bound(&world, &prover).await;
    let with = |name: &str, value: Value| {
        let mut claims = claims(&world, &prover, &token);
        claims[name] = value;
        prover.sign(&claims)
    };
    for (what, proof) in [
        ("none", None),
        ("without the token", Some(with("ath", Value::Null))),
        ("for another token", Some(with("ath", json!(ath(&other))))),
        ("for another method", Some(with("htm", json!("POST")))),
        ("for another endpoint", Some(with("htu", json!(super::TOKEN)))),
    ] {
        let refused = try_userinfo(&world, &token, proof.as_deref()).await.unwrap_err();
        assert_eq!(
            (refused.code(), refused.status()),
            (OAuthErrorCode::InvalidDpopProof, 401),
            "{what}"
        );
        assert!(refused.proof_algorithms().is_some(), "{what}");
    }
    let stolen = thief.sign(&claims(&world, &thief, &token));
    let refused = try_userinfo(&world, &token, Some(&stolen)).await.unwrap_err();
    assert!(matches!(refused, UserInfoError::AnotherKey));
    assert_eq!(
        (refused.code(), refused.status()),
        (OAuthErrorCode::InvalidToken, 401)
    );

    let proof = prover.sign(&claims(&world, &prover, &token));
    assert_eq!(
        try_userinfo(&world, &token, Some(&proof)).await.unwrap(),
        "alice@example.org"
    );
    let refused = try_userinfo(&world, &token, Some(&proof)).await.unwrap_err();
    assert_eq!(refused.code(), OAuthErrorCode::InvalidDpopProof);
}

/// [RFC 9449 §9](https://www.rfc-editor.org/rfc/rfc9449#section-9)
#[tokio::test]
async fn userinfo_asks_for_a_nonce_as_a_resource_does() {
    let (world, prover) = (World::new().await, Prover::new());
    let (token, _) = bound(&world, &prover).await;
    let mut claims = claims(&world, &prover, &token);
    let refused = try_userinfo(&world, &token, Some(&prover.sign(&claims))).await;
    let refused = refused.unwrap_err();
    assert_eq!(
        (refused.code(), refused.status()),
        (OAuthErrorCode::UseDpopNonce, 401)
    );
    claims["nonce"] = json!(refused.dpop_nonce().unwrap());
    try_userinfo(&world, &token, Some(&prover.sign(&claims)))
        .await
        .expect("the user");
}

/// [RFC 9449 §6.2](https://www.rfc-editor.org/rfc/rfc9449#section-6.2)
#[tokio::test]
async fn introspection_names_the_key() {
    let (world, prover) = (World::with(without_nonces).await, Prover::new());
    let jkt = prover.jkt(&world);
    let (access_token, refresh_token) = bound(&world, &prover).await;
    let IntrospectionResponse::Active(access) = world.introspect_as(NOTES_SERVER, &access_token).await else {
        panic!("the token is good");
    };
    let ActiveToken { token_type, cnf, .. } = *access;
    assert_eq!((token_type, cnf.map(|cnf| cnf.jkt)), (Some("DPoP"), Some(jkt)));
    assert!(!world.is_active(&refresh_token).await);

    let plain = world.tokens().await.access_token;
    let IntrospectionResponse::Active(plain) = world.introspect_as(NOTES_SERVER, &plain).await else {
        panic!("the token is good");
    };
    assert_eq!((plain.token_type, plain.cnf), (Some("Bearer"), None));
}
