//! Verifying by asking the issuer.

use std::time::Duration;

use http::StatusCode;
use serde_json::{Value, json};
use vestibule_guard::IntrospectionPolicy;
use vestibule_protocol::{ClientId, Secret};

use crate::support::House;

const ENDPOINT: &str = "/oauth/introspect";

fn asking() -> House {
    let id = ClientId::parse("resource-server").unwrap();
    let policy = IntrospectionPolicy::new(id, Secret::new("s:cret"));
    House::built(|builder| builder.introspection(policy))
}

fn active(house: &House) -> Value {
    let mut answer = house.auth.token().claims;
    answer["active"] = json!(true);
    answer["token_type"] = json!("Bearer");
    answer
}

fn tell(house: &House, token: &str, answer: Value) {
    house.auth.state().introspection.insert(token.to_owned(), answer);
}

#[tokio::test]
async fn a_token_that_the_issuer_does_not_know_is_refused() {
    asking().call_with("opaque").await.assert_invalid_token();
}

#[tokio::test]
async fn an_active_token_is_admitted_whatever_it_looks_like() {
    let house = asking();
    tell(&house, "opaque", active(&house));
    let answer = house.call_with("opaque").await;
    answer.assert_admitted();
    assert_eq!(answer.body["subject"], "local:alice");
}

#[tokio::test]
async fn the_scopes_that_the_issuer_tells_count() {
    let house = asking();
    tell(&house, "opaque", active(&house));
    let answer = house
        .send(crate::support::call("write_data", Some("opaque")))
        .await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn another_servers_token_is_refused_though_it_is_active() {
    let house = asking();
    let mut answer = active(&house);
    answer["aud"] = json!("https://other.test/mcp");
    tell(&house, "theirs", answer);
    house.call_with("theirs").await.assert_invalid_token();
}

#[tokio::test]
async fn a_refresh_token_is_refused_though_it_is_active() {
    let house = asking();
    let mut answer = active(&house);
    answer.as_object_mut().unwrap().remove("token_type");
    tell(&house, "refresh", answer);
    house.call_with("refresh").await.assert_invalid_token();
}

#[tokio::test]
async fn a_token_bound_to_a_key_is_refused_though_it_is_active() {
    let house = asking();
    let mut answer = active(&house);
    answer["cnf"] = json!({ "jkt": "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I" });
    tell(&house, "bound", answer);
    house.call_with("bound").await.assert_invalid_token();
}

#[tokio::test(start_paused = true)]
async fn the_issuers_word_is_kept_for_a_moment() {
    let house = asking();
    tell(&house, "opaque", active(&house));
    for _ in 0..3 {
        house.call_with("opaque").await.assert_admitted();
    }
    assert_eq!(house.auth.asked(ENDPOINT), 1);
    tell(&house, "opaque", json!({ "active": false }));
    house.clock.advance(Duration::from_secs(10)).await;
    house.call_with("opaque").await.assert_invalid_token();
}

#[tokio::test(start_paused = true)]
async fn a_kept_word_does_not_outlive_the_token() {
    let house = asking();
    let mut answer = active(&house);
    answer["exp"] = json!(answer["iat"].as_i64().unwrap() - 55);
    tell(&house, "opaque", answer);
    house.call_with("opaque").await.assert_admitted();
    house.clock.advance(Duration::from_secs(5)).await;
    house.call_with("opaque").await.assert_invalid_token();
}

#[tokio::test]
async fn without_the_issuer_a_token_cannot_be_judged() {
    let house = asking();
    house.auth.go_away();
    let answer = house.call_with("opaque").await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
}

#[tokio::test]
async fn an_issuer_that_does_not_know_us_is_no_reason_to_refuse_a_token() {
    let id = ClientId::parse("resource-server").unwrap();
    let policy = IntrospectionPolicy::new(id, Secret::new("another"));
    let house = House::built(|builder| builder.introspection(policy));
    let answer = house.call_with("opaque").await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
}
