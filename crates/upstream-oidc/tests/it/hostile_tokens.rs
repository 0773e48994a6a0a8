//! ID tokens that must not be believed.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use vestibule_provider::ProviderError;
use vestibule_upstream_oidc::{ClientAuth, NonceRule, SigningAlgorithm};

use crate::world::{NOW, SECRET, Signer, World, claims_of, unsigned};

fn rejected(result: Result<vestibule_provider::Login, ProviderError>, about: &str) {
    match result {
        Err(ProviderError::Rejected(text)) => {
            assert!(text.contains(about), "{text:?} says nothing of {about:?}");
        }
        other => panic!("a rejection because of {about} was expected, not {other:?}"),
    }
}

async fn rejects(claims: Value, about: &str) {
    let world = World::new().await;
    rejected(world.log_in_with(claims).await, about);
}

/// Logs in with this very token.
async fn with_token(world: &World, token: String) -> Result<vestibule_provider::Login, ProviderError> {
    world
        .provider
        .change(|behaviour| behaviour.id_token = Some(token));
    world.log_in().await
}

fn hmac(secret: &[u8], header: &Value, claims: &Value) -> String {
    let signed = unsigned(header, claims);
    let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, secret);
    let tag = aws_lc_rs::hmac::sign(&key, signed.as_bytes());
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(tag.as_ref()))
}

#[tokio::test]
async fn a_wrong_or_missing_nonce_is_rejected() {
    rejects(json!({"nonce": "another"}), "nonce").await;
    rejects(json!({"nonce": null}), "nonce").await;
    rejects(json!({"nonce": 7}), "nonce").await;
}

#[tokio::test]
async fn a_nonce_that_may_be_missing_must_still_be_right_when_it_is_there() {
    let world = World::with(|upstream| upstream.nonce_rule = NonceRule::WherePresent).await;
    assert!(world.log_in_with(json!({"nonce": null})).await.is_ok());
    rejected(world.log_in_with(json!({"nonce": "another"})).await, "nonce");
}

#[tokio::test]
async fn another_issuers_token_is_rejected() {
    rejects(json!({"iss": "https://other.example.com"}), "another issuer").await;
    rejects(json!({"iss": null}), "no iss").await;
    let world = World::new().await;
    let with_slash = format!("{}/", world.provider.issuer());
    rejected(
        world.log_in_with(json!({"iss": with_slash})).await,
        "another issuer",
    );
}

#[tokio::test]
async fn a_token_for_somebody_else_is_rejected() {
    rejects(json!({"aud": "somebody"}), "another audience").await;
    rejects(json!({"aud": []}), "another audience").await;
    rejects(json!({"aud": ["somebody"], "azp": "broker"}), "another audience").await;
    rejects(json!({"aud": null}), "no aud").await;
    rejects(json!({"aud": {"broker": true}}), "no aud").await;
    rejects(json!({"aud": ["broker", 7]}), "no aud").await;
}

#[tokio::test]
async fn of_several_audiences_azp_names_the_one_that_asked() {
    rejects(json!({"aud": ["broker", "somebody"]}), "azp").await;
    rejects(json!({"aud": ["broker", "somebody"], "azp": "somebody"}), "azp").await;
    rejects(json!({"azp": "somebody"}), "azp").await;
    let world = World::new().await;
    let good = json!({"aud": ["somebody", "broker"], "azp": "broker"});
    assert!(world.log_in_with(good).await.is_ok());
}

#[tokio::test]
async fn a_token_out_of_its_time_is_rejected() {
    let now = NOW.as_secs();
    rejects(json!({"exp": now - 60}), "expired").await;
    rejects(json!({"exp": null}), "no exp").await;
    rejects(json!({"exp": "tomorrow"}), "no exp").await;
    rejects(json!({"iat": now + 301}), "future").await;
    rejects(json!({"iat": null}), "no iat").await;
    rejects(json!({"nbf": now + 61}), "not good yet").await;
    rejects(json!({"nbf": "now"}), "not good yet").await;
}

#[tokio::test]
async fn clocks_may_differ_by_a_minute() {
    let now = NOW.as_secs();
    let world = World::new().await;
    let late = json!({"exp": now - 59, "iat": now + 299, "nbf": now + 60});
    assert!(world.log_in_with(late).await.is_ok());
}

#[tokio::test]
async fn a_clock_that_is_an_hour_off_is_named_as_the_reason() {
    let now = NOW.as_secs();
    rejects(
        json!({"iat": now + 3600, "exp": now + 3900}),
        "compare the clocks",
    )
    .await;
    rejects(
        json!({"iat": now - 3600, "exp": now - 3300}),
        "compare the clocks",
    )
    .await;
}

#[tokio::test]
async fn a_token_about_nobody_is_rejected() {
    rejects(json!({"sub": null}), "no sub").await;
    rejects(json!({"sub": ""}), "no sub").await;
    rejects(json!({"sub": 7}), "no sub").await;
    rejects(json!({"sub": "x".repeat(256)}), "no sub").await;
}

#[tokio::test]
async fn a_hash_of_another_token_or_code_is_rejected() {
    rejects(json!({"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"}), "at_hash").await;
    rejects(json!({"at_hash": 7}), "at_hash").await;
    rejects(json!({"c_hash": "AAAAAAAAAAAAAAAAAAAAAA"}), "c_hash").await;
}

#[tokio::test]
async fn the_right_hashes_are_accepted() {
    let half = |text: &str| {
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, text.as_bytes());
        URL_SAFE_NO_PAD.encode(&digest.as_ref()[..16])
    };
    let world = World::new().await;
    let hashes = json!({"at_hash": half("an-access-token"), "c_hash": half("a-code")});
    assert!(world.log_in_with(hashes).await.is_ok());
}

#[tokio::test]
async fn an_unsigned_token_is_rejected() {
    let world = World::new().await;
    let claims = claims_of(&world.provider.issuer());
    for alg in ["none", "None", "NONE", ""] {
        let token = format!("{}.", unsigned(&json!({"alg": alg, "kid": "key-1"}), &claims));
        rejected(with_token(&world, token).await, "not allowed");
    }
}

#[tokio::test]
async fn a_public_key_is_no_secret_to_sign_with() {
    let world = World::new().await;
    let signer = world.provider.rotate_to(Signer::new("key-1", "RS256"));
    let claims = claims_of(&world.provider.issuer());
    let jwk = signer.jwk().to_string().into_bytes();
    for secret in [signer.public_bytes(), jwk, SECRET.into()] {
        let token = hmac(&secret, &json!({"alg": "HS256", "kid": "key-1"}), &claims);
        let result = with_token(&world, token).await;
        assert!(
            matches!(result, Err(ProviderError::Misconfigured(_))),
            "{result:?}"
        );
    }
}

#[tokio::test]
async fn a_secret_signs_only_where_the_configuration_says_so() {
    let world = World::with(|upstream| upstream.algorithms = vec![SigningAlgorithm::Hs256]).await;
    let claims = claims_of(&world.provider.issuer());
    let header = json!({"alg": "HS256"});
    assert!(
        with_token(&world, hmac(SECRET.as_bytes(), &header, &claims))
            .await
            .is_ok()
    );
    rejected(
        with_token(&world, hmac(b"another", &header, &claims)).await,
        "signature",
    );
    let asymmetric = world
        .provider
        .sign(&json!({"alg": "ES256", "kid": "key-1"}), &claims);
    rejected(with_token(&world, asymmetric).await, "not allowed");
    assert!(world.provider.seen("/keys").is_empty());
}

#[tokio::test]
async fn a_secret_never_stands_beside_keys_and_never_without_a_secret() {
    let provider = crate::world::UpstreamProvider::start().await;
    let both = |upstream: &mut vestibule_upstream_oidc::Upstream| {
        upstream.algorithms = vec![SigningAlgorithm::Es256, SigningAlgorithm::Hs256];
    };
    assert!(crate::world::party(&provider, both, ()).is_err());
    let public = |upstream: &mut vestibule_upstream_oidc::Upstream| {
        upstream.algorithms = vec![SigningAlgorithm::Hs256];
        upstream.client_auth = ClientAuth::None;
    };
    assert!(crate::world::party(&provider, public, ()).is_err());
}

#[tokio::test]
async fn an_algorithm_that_is_not_allowed_is_rejected_though_the_key_is_known() {
    let world = World::with(|upstream| upstream.algorithms = vec![SigningAlgorithm::Rs256]).await;
    rejected(world.log_in().await, "ES256");
}

#[tokio::test]
async fn another_algorithm_than_the_keys_own_is_rejected() {
    let world = World::new().await;
    let signer = world.provider.rotate_to(Signer::new("key-1", "PS256"));
    world.provider.change(|behaviour| {
        let mut jwk = signer.jwk();
        jwk["alg"] = json!("RS256");
        behaviour.keys = vec![jwk];
    });
    rejected(world.log_in().await, "does not publish");
}

#[tokio::test]
async fn a_strangers_key_is_rejected_even_inside_the_token() {
    let world = World::new().await;
    let stranger = Signer::new("stranger", "ES256");
    let claims = claims_of(&world.provider.issuer());
    let mut header = stranger.header();
    rejected(
        with_token(&world, stranger.sign(&header, &claims)).await,
        "does not publish",
    );
    header["jwk"] = stranger.jwk();
    header["jku"] = json!(format!("{}/keys", world.provider.issuer()));
    rejected(
        with_token(&world, stranger.sign(&header, &claims)).await,
        "does not publish",
    );
    header["kid"] = json!("key-1");
    rejected(
        with_token(&world, stranger.sign(&header, &claims)).await,
        "signature",
    );
}

#[tokio::test]
async fn a_token_that_was_changed_is_rejected() {
    let world = World::new().await;
    let issuer = world.provider.issuer();
    let good = world
        .provider
        .sign(&json!({"alg": "ES256", "kid": "key-1"}), &claims_of(&issuer));
    let (_, signature) = good.rsplit_once('.').unwrap();
    let mut claims = claims_of(&issuer);
    claims["sub"] = json!("admin");
    let forged = format!(
        "{}.{signature}",
        unsigned(&json!({"alg": "ES256", "kid": "key-1"}), &claims)
    );
    rejected(with_token(&world, forged).await, "signature");
    let cut = good.rsplit_once('.').unwrap().0.to_owned() + ".";
    rejected(with_token(&world, cut).await, "signature");
}

#[tokio::test]
async fn a_header_that_demands_more_is_rejected() {
    let world = World::new().await;
    let claims = claims_of(&world.provider.issuer());
    for demand in [
        json!({"crit": ["exp"]}),
        json!({"b64": false}),
        json!({"typ": "logout+jwt"}),
        json!({"typ": "at+jwt"}),
    ] {
        let mut header = json!({"alg": "ES256", "kid": "key-1"});
        crate::world::merge(&mut header, demand.clone());
        let token = world.provider.sign(&header, &claims);
        assert!(
            matches!(with_token(&world, token).await, Err(ProviderError::Rejected(_))),
            "{demand}"
        );
    }
}

#[tokio::test]
async fn what_is_no_token_is_rejected() {
    let world = World::new().await;
    for text in [
        "",
        ".",
        "..",
        "a.b.c",
        "e30.e30.",
        "not a token",
        &"x".repeat(70_000),
    ] {
        assert!(
            matches!(
                with_token(&world, text.to_owned()).await,
                Err(ProviderError::Rejected(_))
            ),
            "{text:.20}"
        );
    }
}

#[tokio::test]
async fn an_encrypted_token_is_a_setting_to_change() {
    let world = World::new().await;
    let result = with_token(&world, "a.b.c.d.e".to_owned()).await;
    assert!(matches!(result, Err(ProviderError::Misconfigured(text)) if text.contains("encrypt")));
}

#[tokio::test]
async fn every_asymmetric_algorithm_is_verified() {
    for alg in SigningAlgorithm::ASYMMETRIC {
        let world = World::new().await;
        world.provider.rotate_to(Signer::new("key", alg.as_str()));
        let result = world.log_in().await;
        assert!(result.is_ok(), "{alg}: {result:?}");
    }
}

#[tokio::test]
async fn a_fresh_login_is_proven_by_auth_time() {
    let fresh = || {
        let mut login = crate::world::login();
        login.force_login = true;
        login
    };
    let world = World::new().await;
    let attempt = async |claims: Value| {
        world
            .provider
            .change(|behaviour| crate::world::merge(&mut behaviour.claims, claims));
        world.come_back_to(&fresh(), &[("code", "a-code")]).await
    };
    let now = NOW.as_secs();
    rejected(attempt(json!({"auth_time": now - 3600})).await, "auth_time");
    rejected(attempt(json!({"auth_time": null})).await, "auth_time");
    rejected(attempt(json!({"auth_time": 0})).await, "auth_time");
    let done = attempt(json!({"auth_time": now - 5})).await.unwrap();
    assert_eq!(done.identity.auth_time, NOW.minus(Duration::from_secs(5)));
}

#[tokio::test]
async fn an_auth_time_of_zero_is_none() {
    let world = World::new().await;
    let done = world.log_in_with(json!({"auth_time": 0})).await.unwrap();
    assert_eq!(done.identity.auth_time, NOW);
}
