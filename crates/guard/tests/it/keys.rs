//! The issuer's keys: fetched when needed, kept when it is away.

use std::time::Duration;

use http::StatusCode;
use rstest::rstest;
use serde_json::json;

use crate::support::{AuthServer, House};

const KEYS: &str = "/oauth/keys";

#[tokio::test]
async fn nothing_is_fetched_before_the_first_token_comes() {
    let house = House::new();
    house.send(crate::support::initialize(None)).await;
    assert_eq!(house.auth.asked(KEYS), 0);
}

#[tokio::test]
async fn the_keys_are_fetched_once_for_many_callers() {
    let house = House::new();
    let token = house.auth.sign(&house.auth.token());
    let calls = (0..16).map(|_| house.call_with(&token));
    for answer in join_all(calls).await {
        answer.assert_admitted();
    }
    assert_eq!(house.auth.asked(KEYS), 1);
}

async fn join_all<F: Future>(futures: impl Iterator<Item = F>) -> Vec<F::Output> {
    let mut pending: Vec<_> = futures.map(Box::pin).collect();
    let mut done = Vec::new();
    std::future::poll_fn(|cx| {
        pending.retain_mut(|future| match future.as_mut().poll(cx) {
            std::task::Poll::Ready(output) => {
                done.push(output);
                false
            }
            std::task::Poll::Pending => true,
        });
        if pending.is_empty() {
            std::task::Poll::Ready(())
        } else {
            std::task::Poll::Pending
        }
    })
    .await;
    done
}

#[tokio::test(start_paused = true)]
async fn a_token_of_a_new_key_is_accepted_at_once() {
    let house = House::new();
    let old = house.auth.sign(&house.auth.token());
    house.call_with(&old).await.assert_admitted();
    house.clock.advance(Duration::from_secs(10)).await;
    house.auth.rotate_to(AuthServer::second_key());
    let new = house.auth.sign(&house.auth.token());
    house.call_with(&new).await.assert_admitted();
    house.call_with(&old).await.assert_admitted();
    assert_eq!(house.auth.asked(KEYS), 2);
}

#[tokio::test(start_paused = true)]
async fn invented_keys_make_nobody_ask_more_often_than_the_cooldown_allows() {
    let house = House::new();
    let token = house.auth.sign(&house.auth.token());
    house.call_with(&token).await.assert_admitted();
    let invented = house.auth.token().sign(&AuthServer::strangers_key());
    for _ in 0..20 {
        house.call_with(&invented).await.assert_invalid_token();
        house.clock.advance(Duration::from_secs(1)).await;
    }
    // The first fetch, one after its cooldown, and one after that one's.
    let asked = house.auth.asked(KEYS);
    assert!((2..=3).contains(&asked), "asked {asked} times");
}

#[tokio::test(start_paused = true)]
async fn the_old_keys_stay_while_the_issuer_is_away() {
    let house = House::new();
    let first = house.auth.sign(&house.auth.token());
    house.call_with(&first).await.assert_admitted();
    house.auth.go_away();
    house.clock.advance(Duration::from_secs(600)).await;
    let another = house.auth.sign(&house.auth.token().with("jti", "token-2"));
    house.call_with(&another).await.assert_admitted();
    house.clock.advance(Duration::from_secs(600)).await;
    house.call_with(&another).await.assert_admitted();
}

#[tokio::test(start_paused = true)]
async fn without_any_keys_a_token_cannot_be_judged_yet() {
    let house = House::new();
    house.auth.go_away();
    let token = house.auth.sign(&house.auth.token());
    let answer = house.call_with(&token).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(answer.body["error"], "temporarily_unavailable");
    assert!(answer.header("retry-after").is_some());
    // A client would throw its token away.
    assert_eq!(answer.header("www-authenticate"), None);
    house.auth.come_back();
    house.clock.advance(Duration::from_secs(1)).await;
    house.call_with(&token).await.assert_admitted();
}

#[tokio::test(start_paused = true)]
async fn a_withdrawn_key_stops_counting() {
    let house = House::new();
    let token = house.auth.sign(&house.auth.token());
    house.call_with(&token).await.assert_admitted();
    house.auth.state().keys = vec![AuthServer::second_key()];
    house.clock.advance(Duration::from_secs(300)).await;
    // This one is served by the old keys, and makes the guard look for new ones.
    house.call_with(&token).await.assert_admitted();
    house.clock.advance(Duration::from_secs(1)).await;
    house.call_with(&token).await.assert_invalid_token();
}

#[tokio::test(start_paused = true)]
async fn an_empty_key_set_replaces_nothing() {
    let house = House::new();
    let token = house.auth.sign(&house.auth.token());
    house.call_with(&token).await.assert_admitted();
    house.auth.state().keys.clear();
    house.clock.advance(Duration::from_secs(300)).await;
    house.call_with(&token).await.assert_admitted();
    house.clock.advance(Duration::from_secs(1)).await;
    house.call_with(&token).await.assert_admitted();
    assert_eq!(house.auth.asked(KEYS), 2);
}

#[rstest]
#[case::of_another_issuer(json!({ "issuer": "https://evil.test" }))]
#[case::with_keys_elsewhere(json!({ "jwks_uri": "https://evil.test/keys" }))]
#[case::with_keys_on_another_port(json!({ "jwks_uri": "https://auth.test:8443/oauth/keys" }))]
#[case::with_keys_in_the_clear(json!({ "jwks_uri": "http://auth.test/oauth/keys" }))]
#[case::without_keys(json!({ "jwks_uri": null }))]
#[tokio::test]
async fn metadata_that_points_elsewhere_is_not_followed(#[case] metadata: serde_json::Value) {
    let house = House::new();
    house.auth.state().metadata = metadata;
    let answer = house.call_as("get_user_profile", &house.auth.token()).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(house.auth.asked("https://evil.test/keys"), 0);
    assert_eq!(house.auth.asked(KEYS), 0);
}

#[tokio::test]
async fn keys_can_be_named_instead_of_described() {
    let house = House::built(|builder| builder.jwks_uri("https://auth.test/oauth/keys"));
    house.auth.state().metadata = json!({ "issuer": "https://evil.test" });
    house
        .call_as("get_user_profile", &house.auth.token())
        .await
        .assert_admitted();
    assert_eq!(house.auth.asked("/.well-known/oauth-authorization-server"), 0);
}

#[tokio::test]
async fn an_issuer_with_a_path_is_found_by_the_inserted_form() {
    let house = House::trusting("https://auth.test/tenant/a", |builder| builder);
    house
        .call_as("get_user_profile", &house.auth.token())
        .await
        .assert_admitted();
    assert_eq!(
        house
            .auth
            .asked("/.well-known/oauth-authorization-server/tenant/a"),
        1
    );
}
