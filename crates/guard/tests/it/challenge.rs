//! What a caller without a token is told.

use axum::body::Body;
use http::header::AUTHORIZATION;
use http::{Method, Request, StatusCode};
use rstest::rstest;

use crate::support::{Answer, House, METADATA, call, get, initialize, post, scopes};

fn assert_sent_to_log_in(answer: &Answer) {
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    let challenge = answer.challenge();
    assert_eq!(challenge.resource_metadata.as_deref(), Some(METADATA));
    assert_eq!(challenge.scope, Some(scopes("mcp:read")));
    assert_eq!(challenge.error, None);
}

#[tokio::test]
async fn a_caller_without_a_token_learns_where_to_log_in_and_for_what() {
    let answer = House::new().send(initialize(None)).await;
    assert_sent_to_log_in(&answer);
    assert_eq!(
        answer.header("www-authenticate"),
        Some(format!(r#"Bearer scope="mcp:read", resource_metadata="{METADATA}""#).as_str())
    );
    assert_eq!(answer.header("cache-control"), Some("no-store"));
}

#[rstest]
#[case::a_stream(get(None))]
#[case::a_tool(call("write_data", None))]
#[case::no_json(post(None, "{"))]
#[case::a_head(Request::head("/mcp").body(Body::empty()).unwrap())]
#[case::the_end_of_a_session(Request::delete("/mcp").body(Body::empty()).unwrap())]
#[case::an_unknown_method(Request::patch("/mcp").body(Body::empty()).unwrap())]
#[case::options_that_are_no_preflight(Request::options("/mcp").body(Body::empty()).unwrap())]
#[case::a_foreign_host(Request::post("https://evil.test/mcp").header("host", "evil.test").body(Body::empty()).unwrap())]
#[tokio::test]
async fn every_call_that_is_not_open_needs_a_token(#[case] request: Request<Body>) {
    assert_sent_to_log_in(&House::new().send(request).await);
}

#[rstest]
#[case::another_scheme("Basic dXNlcjpwYXNz")]
#[case::an_empty_token("Bearer ")]
#[tokio::test]
async fn what_is_no_bearer_token_counts_as_none(#[case] authorization: &str) {
    let mut request = initialize(None);
    request
        .headers_mut()
        .insert(AUTHORIZATION, authorization.parse().unwrap());
    assert_sent_to_log_in(&House::new().send(request).await);
}

#[tokio::test]
async fn a_token_in_the_query_is_not_looked_at() {
    let house = House::new();
    let token = house.auth.sign(&house.auth.token());
    let request = Request::builder()
        .method(Method::POST)
        .uri(format!("/mcp?access_token={token}"))
        .body(Body::empty())
        .unwrap();
    assert_sent_to_log_in(&house.send(request).await);
}

#[tokio::test]
async fn two_authorization_headers_are_a_bad_request() {
    let house = House::new();
    let token = house.auth.sign(&house.auth.token());
    let mut request = initialize(Some(&token));
    let second = format!("Bearer {token}").parse().unwrap();
    request.headers_mut().append(AUTHORIZATION, second);
    let answer = house.send(request).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert_eq!(answer.body["error"], "invalid_request");
}

#[tokio::test]
async fn without_initial_scopes_all_supported_ones_are_named() {
    let house = House::built(|builder| builder.initial_scopes(scopes("a b")));
    let answer = house.send(initialize(None)).await;
    assert_eq!(answer.challenge().scope, Some(scopes("a b")));
}

#[tokio::test]
async fn the_token_never_reaches_the_handler() {
    let house = House::new();
    let answer = house.call_as("get_user_profile", &house.auth.token()).await;
    answer.assert_admitted();
    assert_eq!(answer.body["authorization"], false);
    assert_eq!(answer.body["subject"], "local:alice");
}
