//! MCP sessions and whose they are.

use axum::body::Body;
use http::{Request, StatusCode};
use rstest::rstest;

use crate::support::{House, Token, call, get, initialize};

fn in_session(mut request: Request<Body>, id: &str) -> Request<Body> {
    request
        .headers_mut()
        .append("mcp-session-id", id.parse().unwrap());
    request
}

fn end(token: &str) -> Request<Body> {
    let request = Request::delete("/mcp").header("authorization", format!("Bearer {token}"));
    request.body(Body::empty()).unwrap()
}

async fn open_session(house: &House, token: &str) -> String {
    let answer = house.send(initialize(Some(token))).await;
    answer.assert_admitted();
    answer.header("mcp-session-id").unwrap().to_owned()
}

#[rstest]
#[case::another_users(|token: Token| token.with("sub", "local:bob").sid("session-2"))]
#[case::another_install_of_the_same_user(|token: Token| token.sid("session-2"))]
#[tokio::test]
async fn another_sessions_token_is_refused(#[case] change: fn(Token) -> Token) {
    let house = House::new();
    let id = open_session(&house, &house.auth.sign(&house.auth.token())).await;
    let other = house.auth.sign(&change(house.auth.token()));
    for request in [
        call("get_user_profile", Some(&other)),
        get(Some(&other)),
        end(&other),
    ] {
        let answer = house.send(in_session(request, &id)).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND);
        assert_eq!(answer.body["error"]["code"], -32001);
    }
}

#[tokio::test]
async fn a_session_goes_on_with_a_refreshed_token() {
    let house = House::new();
    let id = open_session(&house, &house.auth.sign(&house.auth.token())).await;
    let refreshed = house.auth.sign(&house.auth.token().with("jti", "token-2"));
    let answer = house
        .send(in_session(call("get_user_profile", Some(&refreshed)), &id))
        .await;
    answer.assert_admitted();
}

#[tokio::test]
async fn an_unknown_session_is_not_found() {
    let house = House::new();
    let token = house.auth.sign(&house.auth.token());
    let answer = house
        .send(in_session(call("get_user_profile", Some(&token)), "guessed"))
        .await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn two_session_ids_in_one_request_are_none() {
    let house = House::new();
    let token = house.auth.sign(&house.auth.token());
    let id = open_session(&house, &token).await;
    let request = in_session(in_session(call("get_user_profile", Some(&token)), &id), &id);
    assert_eq!(house.send(request).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn an_open_tool_cannot_be_called_within_somebodys_session() {
    let house = House::new();
    let id = open_session(&house, &house.auth.sign(&house.auth.token())).await;
    let answer = house.send(in_session(call("public_info", None), &id)).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_session_without_a_token_is_asked_for_one() {
    let house = House::new();
    let id = open_session(&house, &house.auth.sign(&house.auth.token())).await;
    let answer = house.send(in_session(call("get_user_profile", None), &id)).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_session_that_was_ended_is_gone() {
    let house = House::new();
    let token = house.auth.sign(&house.auth.token());
    let id = open_session(&house, &token).await;
    house.send(in_session(end(&token), &id)).await.assert_admitted();
    let answer = house
        .send(in_session(call("get_user_profile", Some(&token)), &id))
        .await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn sessions_beyond_the_limit_have_to_be_opened_anew() {
    let house = House::built(|builder| builder.mcp_sessions(4));
    let token = house.auth.sign(&house.auth.token());
    let first = open_session(&house, &token).await;
    for _ in 0..8 {
        open_session(&house, &token).await;
    }
    let answer = house
        .send(in_session(call("get_user_profile", Some(&token)), &first))
        .await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
}

/// A step-up ends in a token of a new session; the client goes on in the MCP session that it was in.
#[tokio::test]
async fn the_token_that_the_guard_asked_for_takes_the_session_over() {
    let house = House::new();
    let before = house.auth.sign(&house.auth.token());
    let id = open_session(&house, &before).await;
    let refused = house
        .send(in_session(call("write_data", Some(&before)), &id))
        .await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let stepped_up = house.auth.token().sid("session-2").scope("mcp:read mcp:write");
    let after = house.auth.sign(&stepped_up);
    house
        .send(in_session(call("write_data", Some(&after)), &id))
        .await
        .assert_admitted();
    let late = house
        .send(in_session(call("get_user_profile", Some(&before)), &id))
        .await;
    assert_eq!(late.status, StatusCode::NOT_FOUND);
}

#[rstest]
#[case::another_user(|token: Token| token.with("sub", "local:bob"))]
#[case::another_client(|token: Token| token.with("client_id", "another"))]
#[case::too_little(|token: Token| token.scope("mcp:read"))]
#[tokio::test]
async fn a_token_that_the_guard_did_not_ask_for_takes_nothing_over(#[case] change: fn(Token) -> Token) {
    let house = House::new();
    let before = house.auth.sign(&house.auth.token());
    let id = open_session(&house, &before).await;
    house
        .send(in_session(call("write_data", Some(&before)), &id))
        .await;
    let other = house.auth.token().sid("session-2").scope("mcp:read mcp:write");
    let other = house.auth.sign(&change(other));
    let answer = house
        .send(in_session(call("get_user_profile", Some(&other)), &id))
        .await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
}
