//! What the browser may bring back.

use serde_json::json;
use vestibule_provider::{Provider as _, ProviderError, Reply};

use crate::world::{Canned, World, login};

#[tokio::test]
async fn a_user_who_says_no_is_denied_with_the_providers_words() {
    let world = World::new().await;
    let result = world
        .come_back(&[
            ("error", "access_denied"),
            ("error_description", "policy evaluation failed"),
        ])
        .await;
    assert!(matches!(result, Err(ProviderError::Denied(text)) if text.contains("policy evaluation failed")));
    assert!(world.provider.seen("/token").is_empty());
}

#[tokio::test]
async fn other_errors_are_told_apart() {
    let world = World::new().await;
    let error = async |code: &str| world.come_back(&[("error", code)]).await.unwrap_err();
    for code in [
        "invalid_scope",
        "unauthorized_client",
        "invalid_request",
        "unsupported_response_type",
    ] {
        assert!(
            matches!(error(code).await, ProviderError::Misconfigured(_)),
            "{code}"
        );
    }
    for code in ["server_error", "temporarily_unavailable"] {
        assert!(
            matches!(error(code).await, ProviderError::Unavailable(_)),
            "{code}"
        );
    }
    for code in ["login_required", "something_new"] {
        assert!(matches!(error(code).await, ProviderError::Rejected(_)), "{code}");
    }
}

#[tokio::test]
async fn the_providers_words_cannot_forge_a_log_line() {
    let world = World::new().await;
    let words = "no\r\n2026-01-01 INFO all is well\u{1b}[2J";
    let error = world
        .come_back(&[("error", "x"), ("error_description", words)])
        .await
        .unwrap_err()
        .to_string();
    assert!(!error.contains(['\n', '\r', '\u{1b}']), "{error:?}");
}

#[tokio::test]
async fn a_callback_with_neither_code_nor_error_is_rejected() {
    let world = World::new().await;
    for parameters in [&[][..], &[("code", "")][..]] {
        let result = world.come_back(parameters).await;
        assert!(matches!(result, Err(ProviderError::Rejected(_))), "{result:?}");
    }
    let long = "x".repeat(10_000);
    assert!(world.come_back(&[("code", &long)]).await.is_err());
    assert!(world.provider.seen("/token").is_empty());
}

#[tokio::test]
async fn a_callback_of_another_login_is_rejected() {
    let world = World::new().await;
    let result = world.come_back(&[("state", "another"), ("code", "a-code")]).await;
    assert!(matches!(result, Err(ProviderError::Rejected(text)) if text.contains("state")));
    assert!(world.provider.seen("/token").is_empty());
}

#[tokio::test]
async fn a_callback_from_another_issuer_is_rejected_before_the_code_is_sent_anywhere() {
    let world = World::new().await;
    let result = world
        .come_back(&[("iss", "https://other.example.com"), ("code", "a-code")])
        .await;
    assert!(matches!(result, Err(ProviderError::Rejected(text)) if text.contains("another issuer")));
    let denied = world
        .come_back(&[("iss", "https://other.example.com"), ("error", "access_denied")])
        .await;
    assert!(matches!(denied, Err(ProviderError::Rejected(_))));
    assert!(world.provider.seen("/token").is_empty());
}

#[tokio::test]
async fn an_iss_that_was_promised_has_to_come() {
    let world = World::new().await;
    world.provider.change(|behaviour| {
        behaviour.metadata["authorization_response_iss_parameter_supported"] = json!(true);
    });
    let result = world.log_in().await;
    assert!(matches!(result, Err(ProviderError::Rejected(text)) if text.contains("iss")));
    let issuer = world.provider.issuer();
    assert!(
        world
            .come_back(&[("iss", &issuer), ("code", "a-code")])
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn a_form_is_no_callback() {
    let world = World::new().await;
    let result = world.party.complete(&login(), Reply::Form([].into())).await;
    assert!(matches!(result, Err(ProviderError::Rejected(_))));
}

#[tokio::test]
async fn a_code_is_sent_once_whatever_becomes_of_it() {
    for canned in [
        Canned::new(503, ""),
        Canned::new(429, ""),
        Canned::new(400, r#"{"error": "invalid_grant"}"#),
        Canned::new(200, "not JSON"),
    ] {
        let world = World::new().await;
        world.provider.change(|behaviour| {
            behaviour.instead.insert("/token", canned);
        });
        assert!(world.log_in().await.is_err());
        assert_eq!(world.provider.seen("/token").len(), 1);
    }
}

#[tokio::test]
async fn token_answers_that_are_none_are_rejected() {
    let world = World::new().await;
    for answer in [
        json!({"access_token": null}),
        json!({"access_token": 7}),
        json!({"access_token": "a", "token_type": "DPoP"}),
        json!({"access_token": "a", "token_type": null}),
    ] {
        world
            .provider
            .change(|behaviour| behaviour.answer = answer.clone());
        let result = world.log_in().await;
        assert!(
            matches!(result, Err(ProviderError::Rejected(_))),
            "{answer}: {result:?}"
        );
    }
    world.provider.change(|behaviour| {
        behaviour.answer = json!({"access_token": "a", "token_type": "Bearer", "id_token": null});
    });
    let result = world.log_in().await;
    assert!(matches!(result, Err(ProviderError::Rejected(text)) if text.contains("openid")));
}

#[tokio::test]
async fn no_token_stands_in_an_error() {
    let world = World::new().await;
    let body = r#"{"access_token": "tell-nobody", "token_type": 7, "id_token": "tell-nobody"}"#;
    world.provider.change(|behaviour| {
        behaviour.instead.insert("/token", Canned::new(200, body));
    });
    let error = world.log_in().await.unwrap_err();
    assert!(!format!("{error} {error:?}").contains("tell-nobody"), "{error}");
}
