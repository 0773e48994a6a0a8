//! Bodies that cannot be judged.

use axum::body::Body;
use http::header::CONTENT_ENCODING;
use http::{Request, StatusCode};
use rstest::rstest;

use crate::support::{House, call, post};

async fn send_with_token(
    house: &House,
    change: impl FnOnce(&str) -> Request<Body>,
) -> crate::support::Answer {
    let token = house.auth.sign(&house.auth.token());
    house.send(change(&token)).await
}

#[tokio::test]
async fn a_body_beyond_the_limit_is_too_large() {
    let house = House::built(|builder| builder.max_body_bytes(1024));
    let answer = send_with_token(&house, |token| post(Some(token), " ".repeat(1025))).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn a_body_beyond_the_limit_without_a_token_is_asked_for_one() {
    let house = House::built(|builder| builder.max_body_bytes(1024));
    let answer = house.send(post(None, " ".repeat(1025))).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
}

#[rstest]
#[case::no_json("{\"method\":", -32700)]
#[case::empty("", -32700)]
#[case::two_names(r#"{"method":"tools/call","params":{"name":"a","name":"b"}}"#, -32600)]
#[case::no_name(r#"{"method":"tools/call","params":{}}"#, -32600)]
#[tokio::test]
async fn malformed_json_rpc_with_a_good_token_is_a_bad_request(
    #[case] body: &'static str,
    #[case] code: i64,
) {
    let answer = send_with_token(&House::new(), |token| post(Some(token), body)).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert_eq!(answer.body["error"]["code"], code);
    assert_eq!(answer.body["id"], serde_json::Value::Null);
}

#[tokio::test]
async fn a_compressed_body_is_not_judged() {
    let house = House::new();
    let answer = send_with_token(&house, |token| {
        let mut request = call("get_user_profile", Some(token));
        request
            .headers_mut()
            .insert(CONTENT_ENCODING, "gzip".parse().unwrap());
        request
    });
    assert_eq!(answer.await.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
}

#[tokio::test]
async fn a_judged_body_reaches_the_handler_unchanged() {
    let house = House::new();
    let answer = send_with_token(&house, |token| call("get_user_profile", Some(token))).await;
    assert_eq!(answer.body["message"]["params"]["name"], "get_user_profile");
}
