//! Streams and how long they last.

use std::time::Duration;

use http_body_util::BodyExt;
use tokio::time::timeout;

use crate::support::{House, Token, get};

/// Opens a stream, lets `happen` happen, and says whether the stream has ended a quarter of an hour later.
async fn ends_after(house: &House, token: &Token, happen: impl AsyncFnOnce()) -> bool {
    let stream = house.open(get(Some(&house.auth.sign(token)))).await;
    let reading = tokio::spawn(stream.into_body().collect());
    happen().await;
    timeout(Duration::from_secs(900), reading).await.is_ok()
}

#[tokio::test(start_paused = true)]
async fn a_stream_ends_with_its_session() {
    let house = House::new();
    let token = house.auth.token().listed(7);
    assert!(ends_after(&house, &token, async || house.auth.revoke(7)).await);
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_waits_ends_with_its_token() {
    let house = House::new();
    let token = house.auth.token();
    let expire = async || house.clock.advance(Duration::from_secs(3660)).await;
    assert!(ends_after(&house, &token, expire).await);
}

#[tokio::test(start_paused = true)]
async fn a_stream_goes_on_while_its_token_is_good() {
    let house = House::new();
    let token = house.auth.token().listed(7);
    assert!(!ends_after(&house, &token, async || ()).await);
}

#[tokio::test(start_paused = true)]
async fn a_stream_goes_on_while_the_issuer_is_away() {
    let house = House::new();
    let token = house.auth.token().listed(7);
    assert!(!ends_after(&house, &token, async || house.auth.go_away()).await);
}
