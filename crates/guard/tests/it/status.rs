//! Revocation, as the status list tells of it.

use std::time::Duration;

use http::StatusCode;
use vestibule_guard::StatusPolicy;

use crate::support::House;

const LIST: &str = "/oauth/status/1";

#[tokio::test]
async fn a_token_whose_session_has_ended_is_refused() {
    let house = House::new();
    house.auth.revoke(7);
    let answer = house
        .call_as("get_user_profile", &house.auth.token().listed(7))
        .await;
    answer.assert_invalid_token();
    house
        .call_as("get_user_profile", &house.auth.token().listed(6))
        .await
        .assert_admitted();
}

#[tokio::test]
async fn a_token_without_a_status_needs_no_list() {
    let house = House::new();
    house
        .call_as("get_user_profile", &house.auth.token())
        .await
        .assert_admitted();
    assert_eq!(house.auth.asked(LIST), 0);
}

#[tokio::test(start_paused = true)]
async fn a_revocation_is_felt_within_ten_seconds() {
    let house = House::new();
    let token = house.auth.sign(&house.auth.token().listed(7));
    house.call_with(&token).await.assert_admitted();
    house.auth.revoke(7);
    house.clock.advance(Duration::from_millis(10_001)).await;
    house.call_with(&token).await.assert_invalid_token();
}

#[tokio::test(start_paused = true)]
async fn a_revocation_is_felt_after_a_quiet_time_as_well() {
    let house = House::new();
    let token = house.auth.sign(&house.auth.token().listed(7));
    house.call_with(&token).await.assert_admitted();
    // Long enough for the guard to stop asking.
    for _ in 0..20 {
        house.clock.advance(Duration::from_secs(10)).await;
    }
    let asked = house.auth.asked(LIST);
    assert!(asked < 12, "an unused list was asked for {asked} times");
    house.auth.revoke(7);
    house.call_with(&token).await.assert_invalid_token();
}

#[tokio::test(start_paused = true)]
async fn a_list_that_has_not_changed_is_not_sent_again() {
    let house = House::new();
    let token = house.auth.sign(&house.auth.token().listed(7));
    for _ in 0..4 {
        house.call_with(&token).await.assert_admitted();
        house.clock.advance(Duration::from_secs(10)).await;
    }
    let (asked, unchanged) = (house.auth.asked(LIST), house.auth.state().unchanged);
    assert!(asked >= 4, "asked {asked} times");
    assert_eq!(unchanged, asked - 1);
}

#[tokio::test(start_paused = true)]
async fn the_last_list_counts_while_the_issuer_is_away_and_no_longer_than_it_says() {
    let house = House::new();
    let token = house.auth.sign(&house.auth.token().listed(7));
    house.call_with(&token).await.assert_admitted();
    house.auth.go_away();
    house.clock.advance(Duration::from_secs(299)).await;
    house.call_with(&token).await.assert_admitted();
    house.clock.advance(Duration::from_secs(1)).await;
    let answer = house.call_with(&token).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    house.auth.come_back();
    house.clock.advance(Duration::from_secs(10)).await;
    house.call_with(&token).await.assert_admitted();
}

#[tokio::test(start_paused = true)]
async fn a_list_can_be_made_to_count_for_less() {
    let policy = StatusPolicy::default().max_staleness(Duration::from_secs(30));
    let house = House::built(|builder| builder.status_lists(policy));
    let token = house.auth.sign(&house.auth.token().listed(7));
    house.call_with(&token).await.assert_admitted();
    house.auth.go_away();
    house.clock.advance(Duration::from_secs(31)).await;
    let answer = house.call_with(&token).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
}

#[tokio::test(start_paused = true)]
async fn a_token_is_not_judged_by_a_list_that_nobody_has_seen() {
    let house = House::new();
    let unlisted = house.auth.sign(&house.auth.token());
    house.call_with(&unlisted).await.assert_admitted();
    house.auth.go_away();
    let listed = house.auth.sign(&house.auth.token().listed(7));
    let answer = house.call_with(&listed).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    house.call_with(&unlisted).await.assert_admitted();
}

#[tokio::test]
async fn a_list_about_something_else_is_not_believed() {
    let house = House::new();
    house.auth.state().list_subject = Some("https://auth.test/oauth/status/2".to_owned());
    let answer = house
        .call_as("get_user_profile", &house.auth.token().listed(7))
        .await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
}

#[tokio::test(start_paused = true)]
async fn a_revoked_token_stays_revoked_while_the_issuer_is_away() {
    let house = House::new();
    house.auth.revoke(7);
    let token = house.auth.sign(&house.auth.token().listed(7));
    house.call_with(&token).await.assert_invalid_token();
    house.auth.go_away();
    house.clock.advance(Duration::from_secs(60)).await;
    house.call_with(&token).await.assert_invalid_token();
}
