//! How Google's keys are kept.

use std::time::Duration;

use serde_json::json;
use vestibule_provider::{Provider, ProviderError};

use crate::google::KEYS;
use crate::key::Key;
use crate::project::{Project, claims, done, login, tokens};

const HOUR: (&str, &str) = (
    "cache-control",
    "public, max-age=3600, must-revalidate, no-transform",
);

#[tokio::test]
async fn the_keys_are_fetched_once_for_many_logins_at_once() {
    let project = Project::start().await;
    let provider = project.provider();
    let token = project.key.sign(&claims());
    let login = login();
    let (one, another, third) = tokio::join!(
        provider.complete(&login, tokens(&token)),
        provider.complete(&login, tokens(&token)),
        provider.complete(&login, tokens(&token)),
    );
    for step in [one, another, third] {
        done(step);
    }
    assert_eq!(project.google.calls(KEYS).len(), 1);
}

#[tokio::test]
async fn the_keys_are_asked_for_again_when_their_time_is_over() {
    let project = Project::start().await;
    let body = json!({"keys": [project.key.jwk()]}).to_string();
    project.google.answers_with(KEYS, 200, &[HOUR], body);
    let provider = project.provider();
    let token = project.key.sign(&claims());
    done(provider.complete(&login(), tokens(&token)).await);
    advance(Duration::from_secs(3590)).await;
    done(provider.complete(&login(), tokens(&token)).await);
    assert_eq!(project.google.calls(KEYS).len(), 1);
    advance(Duration::from_secs(20)).await;
    done(provider.complete(&login(), tokens(&token)).await);
    assert_eq!(project.google.calls(KEYS).len(), 2);
}

#[tokio::test]
async fn a_new_key_is_found_when_a_token_names_it() {
    let mut project = Project::start().await;
    let provider = project.provider();
    let token = project.key.sign(&claims());
    done(provider.complete(&login(), tokens(&token)).await);
    let old = std::mem::replace(&mut project.key, Key::new("key-2"));
    let both = json!({"keys": [old.jwk(), project.key.jwk()]});
    project.google.answers(KEYS, 200, &both);
    project.refreshes_to(&claims());
    advance(Duration::from_secs(61)).await;
    let token = project.key.sign(&claims());
    done(provider.complete(&login(), tokens(&token)).await);
    assert_eq!(project.google.calls(KEYS).len(), 2);
}

#[tokio::test]
async fn strange_key_names_make_it_ask_at_most_once_a_minute() {
    let project = Project::start().await;
    let provider = project.provider();
    let stranger = Key::new("key-9").sign(&claims());
    for _ in 0..5 {
        let step = provider.complete(&login(), tokens(&stranger)).await;
        assert!(matches!(step, Err(ProviderError::Rejected(_))), "{step:?}");
    }
    assert_eq!(project.google.calls(KEYS).len(), 2);
    advance(Duration::from_secs(61)).await;
    for _ in 0..5 {
        let step = provider.complete(&login(), tokens(&stranger)).await;
        assert!(matches!(step, Err(ProviderError::Rejected(_))), "{step:?}");
    }
    assert_eq!(project.google.calls(KEYS).len(), 3);
}

#[tokio::test]
async fn old_keys_stay_while_no_new_ones_can_be_had() {
    let project = Project::start().await;
    let provider = project.provider();
    let token = project.key.sign(&claims());
    done(provider.complete(&login(), tokens(&token)).await);
    for (status, body) in [(500, "{}"), (200, "<html>"), (200, r#"{"keys":[]}"#)] {
        project.google.answers_with(KEYS, status, &[], body.to_owned());
        advance(Duration::from_secs(2 * 3600)).await;
        done(provider.complete(&login(), tokens(&token)).await);
    }
    assert_eq!(project.google.calls(KEYS).len(), 4);
}

#[tokio::test]
async fn a_provider_without_keys_is_unavailable_and_then_recovers() {
    let project = Project::start().await;
    project.google.answers(KEYS, 503, &json!({}));
    let provider = project.provider();
    assert!(matches!(
        provider.ready().await,
        Err(ProviderError::Unavailable(_))
    ));
    let token = project.key.sign(&claims());
    let step = provider.complete(&login(), tokens(&token)).await;
    assert!(matches!(step, Err(ProviderError::Unavailable(_))), "{step:?}");
    assert_eq!(project.google.calls(KEYS).len(), 1, "it does not hammer");
    project
        .google
        .answers(KEYS, 200, &json!({"keys": [project.key.jwk()]}));
    advance(Duration::from_secs(4)).await;
    provider.ready().await.expect("ready");
    done(provider.complete(&login(), tokens(&token)).await);
}

#[tokio::test]
async fn an_answer_of_megabytes_is_not_read() {
    let project = Project::start().await;
    project.google.answers_with(KEYS, 200, &[], "x".repeat(10 << 20));
    let provider = project.provider();
    assert!(matches!(
        provider.ready().await,
        Err(ProviderError::Unavailable(_))
    ));
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let project = Project::start().await;
    let target = project.google.endpoints().keys.replace("/keys", "/elsewhere");
    project
        .google
        .answers_with(KEYS, 302, &[("location", &target)], String::new());
    let provider = project.provider();
    assert!(matches!(
        provider.ready().await,
        Err(ProviderError::Unavailable(_))
    ));
    assert_eq!(project.google.calls("/elsewhere").len(), 0);
}

async fn advance(by: Duration) {
    tokio::time::pause();
    tokio::time::advance(by).await;
    tokio::time::resume();
}
