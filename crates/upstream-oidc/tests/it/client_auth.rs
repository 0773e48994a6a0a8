//! How the client proves who it is.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use vestibule_protocol::Secret;
use vestibule_provider::ProviderError;
use vestibule_upstream_oidc::{Assertion, AssertionType, ClientAuth, ClientKey, SecretMethod};

use crate::world::{Canned, NOW, SECRET, Seen, World};

/// A P-256 key in PKCS#8.
fn pem() -> Secret {
    let random = aws_lc_rs::rand::SystemRandom::new();
    let algorithm = &aws_lc_rs::signature::ECDSA_P256_SHA256_FIXED_SIGNING;
    let der = aws_lc_rs::signature::EcdsaKeyPair::generate_pkcs8(algorithm, &random).unwrap();
    let body = STANDARD.encode(der.as_ref());
    Secret::new(format!(
        "-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----\n"
    ))
}

fn key() -> ClientKey {
    ClientKey::from_pem(&pem(), None, Some("key-of-ours")).unwrap()
}

async fn token_request(auth: ClientAuth) -> (World, Seen) {
    let world = World::with(|upstream| upstream.client_auth = auth).await;
    world.log_in().await.unwrap();
    let [seen] = world.provider.seen("/token").try_into().unwrap();
    (world, seen)
}

fn part(token: &str, index: usize) -> Value {
    let part = token.split('.').nth(index).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

fn secret(method: Option<SecretMethod>) -> ClientAuth {
    ClientAuth::Secret {
        secret: Secret::new(SECRET),
        method,
    }
}

#[tokio::test]
async fn a_secret_in_the_header_is_encoded_as_a_form_is() {
    let (_, seen) = token_request(secret(Some(SecretMethod::Basic))).await;
    let header = seen.headers["authorization"].to_str().unwrap();
    let pair = STANDARD.decode(header.strip_prefix("Basic ").unwrap()).unwrap();
    assert_eq!(pair, b"broker:a+secret%2Bwith%2Fodd%3Asigns");
    assert!(!seen.form.contains_key("client_secret"));
}

#[tokio::test]
async fn a_secret_in_the_form_stands_there_alone() {
    let (_, seen) = token_request(secret(Some(SecretMethod::Post))).await;
    assert!(!seen.headers.contains_key("authorization"));
    assert_eq!(seen.form["client_id"], "broker");
    assert_eq!(seen.form["client_secret"], SECRET);
}

#[tokio::test]
async fn a_secret_goes_where_the_provider_says() {
    for (methods, in_header) in [
        (json!(null), true),
        (json!(["client_secret_post"]), false),
        (json!(["client_secret_post", "client_secret_basic"]), true),
        (json!(["private_key_jwt"]), true),
    ] {
        let world = World::with(|upstream| upstream.client_auth = secret(None)).await;
        world.provider.change(|behaviour| {
            crate::world::merge(
                &mut behaviour.metadata,
                json!({"token_endpoint_auth_methods_supported": methods}),
            );
        });
        world.log_in().await.unwrap();
        let [seen] = world.provider.seen("/token").try_into().unwrap();
        assert_eq!(seen.headers.contains_key("authorization"), in_header, "{methods}");
    }
}

#[tokio::test]
async fn a_public_client_names_itself_and_nothing_else() {
    let (_, seen) = token_request(ClientAuth::None).await;
    assert_eq!(seen.form["client_id"], "broker");
    assert!(!seen.headers.contains_key("authorization"));
    assert!(!seen.form.contains_key("client_secret"));
}

#[tokio::test]
async fn an_assertion_is_for_the_issuer_alone_and_short_lived_and_fresh() {
    let auth = ClientAuth::PrivateKeyJwt {
        key: key(),
        assertion: Assertion::default(),
    };
    let world = World::with(|upstream| upstream.client_auth = auth).await;
    world.log_in().await.unwrap();
    world.log_in().await.unwrap();
    let seen = world.provider.seen("/token");
    let assertions: Vec<&str> = seen
        .iter()
        .map(|seen| seen.form["client_assertion"].as_str())
        .collect();
    let header = part(assertions[0], 0);
    assert_eq!(header["typ"], "client-authentication+jwt");
    assert_eq!(
        (&header["alg"], &header["kid"]),
        (&json!("ES256"), &json!("key-of-ours"))
    );
    let claims = part(assertions[0], 1);
    assert_eq!(claims["aud"], world.provider.issuer());
    assert_eq!(
        (&claims["iss"], &claims["sub"]),
        (&json!("broker"), &json!("broker"))
    );
    assert_eq!(
        claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(),
        60
    );
    assert_eq!(claims["iat"], NOW.as_secs());
    assert_ne!(claims["jti"], part(assertions[1], 1)["jti"]);
    assert_eq!(
        seen[0].form["client_assertion_type"],
        "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    );
    assert!(!seen[0].headers.contains_key("authorization"));
}

#[tokio::test]
async fn an_older_provider_gets_a_plain_assertion() {
    let auth = ClientAuth::PrivateKeyJwt {
        key: key(),
        assertion: Assertion {
            kind: AssertionType::Plain,
            audience: Some("https://auth.example.com/token".to_owned()),
        },
    };
    let (_, seen) = token_request(auth).await;
    assert_eq!(part(&seen.form["client_assertion"], 0)["typ"], "JWT");
    let claims = part(&seen.form["client_assertion"], 1);
    assert_eq!(claims["aud"], "https://auth.example.com/token");
}

#[tokio::test]
async fn a_secret_that_is_signed_is_made_for_each_request() {
    let auth = ClientAuth::SignedSecret {
        key: key(),
        issuer: "TEAM123456".to_owned(),
        audience: "https://appleid.apple.com".to_owned(),
    };
    let (_, seen) = token_request(auth).await;
    let claims = part(&seen.form["client_secret"], 1);
    assert_eq!(claims["iss"], "TEAM123456");
    assert_eq!(claims["sub"], "broker");
    assert_eq!(claims["aud"], "https://appleid.apple.com");
    assert_eq!(part(&seen.form["client_secret"], 0)["alg"], "ES256");
}

#[tokio::test]
async fn a_wrong_secret_is_a_setting_to_change() {
    let world = World::new().await;
    world.provider.change(|behaviour| {
        let refusal = r#"{"error": "invalid_client", "error_description": ["odd"]}"#;
        behaviour.instead.insert("/token", Canned::new(401, refusal));
    });
    let result = world.log_in().await;
    assert!(matches!(result, Err(ProviderError::Misconfigured(text)) if text.contains("client_id")));
}

#[test]
fn a_key_that_does_not_fit_is_refused_at_once() {
    assert!(ClientKey::from_pem(&Secret::new("nothing"), None, None).is_err());
    assert!(ClientKey::from_pem(&pem(), Some("RS256"), None).is_err());
    assert!(ClientKey::from_pem(&pem(), Some("ES384"), None).is_err());
    assert!(ClientKey::from_pem(&pem(), Some("HS256"), None).is_err());
    assert!(ClientKey::from_pem(&pem(), Some("ES256"), None).is_ok());
    assert!(!format!("{:?}", key()).contains("BEGIN"));
}
