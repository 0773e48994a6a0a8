use axum::body::Body;
use http::{Request, StatusCode};
use rstest::rstest;

use crate::world::{Browser, Client, Redirect, World};

#[rstest]
#[case("text/plain")]
#[case("multipart/form-data; boundary=x")]
#[case("application/xml")]
#[case(",,;")]
#[tokio::test]
async fn parameters_of_an_unknown_type_are_refused(#[case] media_type: &str) {
    let world = World::new().await;
    for path in ["/oauth/token", "/oauth/revoke", "/oauth/introspect"] {
        let answer = world
            .post(path, media_type, "grant_type=authorization_code")
            .await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST);
        assert_eq!(answer.error(), "invalid_request");
        assert_eq!(answer.header("cache-control"), "no-store");
    }
}

#[rstest]
#[case("application/json", "")]
#[case("application/json", "[]")]
#[case("application/json", "{\"grant_type\":")]
#[case("application/json", "{\"grant_type\":{\"a\":1}}")]
#[case("application/json, application/x-www-form-urlencoded", "{broken")]
#[case("application/x-www-form-urlencoded", "\u{0}\u{0}\u{0}")]
#[case("application/x-www-form-urlencoded", "%ff%fe=%00&=&&&==")]
#[case("application/x-www-form-urlencoded; charset=utf-7", "grant_type")]
#[tokio::test]
async fn a_body_that_makes_no_sense_is_a_400(#[case] media_type: &str, #[case] body: &'static str) {
    let world = World::new().await;
    for path in [
        "/oauth/token",
        "/oauth/revoke",
        "/oauth/introspect",
        "/oauth/register",
    ] {
        let answer = world.post(path, media_type, body).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{path}: {answer:?}");
        assert!(!answer.error().is_empty());
    }
}

#[tokio::test]
async fn bytes_that_are_no_text_are_a_400() {
    let world = World::new().await;
    let body = Body::from(&b"grant_type=\xff\xfe"[..]);
    let answer = world
        .post("/oauth/token", "application/x-www-form-urlencoded", body)
        .await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused() {
    let world = World::new().await;
    let large = "a".repeat(64 * 1024 + 1);
    for path in ["/oauth/token", "/oauth/register", "/oauth/userinfo"] {
        let answer = world
            .post(path, "application/x-www-form-urlencoded", large.clone())
            .await;
        assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE, "{path}");
        assert_eq!(answer.error(), "invalid_request");
    }
    let answer = world
        .post("/oauth/authorize", "application/x-www-form-urlencoded", large)
        .await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(answer.page_error(), "invalid_request");
}

#[tokio::test]
async fn too_many_parameters_are_refused() {
    let world = World::new().await;
    let body = vec!["resource=https://a.example"; 65].join("&");
    let answer = world
        .post("/oauth/token", "application/x-www-form-urlencoded", body.clone())
        .await;
    assert_eq!(
        (answer.status, answer.error().as_str()),
        (StatusCode::BAD_REQUEST, "invalid_request")
    );
    let answer = world.get(&format!("/oauth/authorize?{body}")).await;
    assert_eq!(
        (answer.status, answer.page_error()),
        (StatusCode::BAD_REQUEST, "invalid_request")
    );
}

#[tokio::test]
async fn a_parameter_that_stands_twice_is_refused() {
    let world = World::new().await;
    let twice = [
        ("grant_type", "authorization_code"),
        ("client_id", "a"),
        ("client_id", "b"),
    ];
    let answer = world.post_form("/oauth/token", &twice).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert_eq!(answer.error(), "invalid_request");
    assert!(
        answer.json()["error_description"]
            .as_str()
            .unwrap()
            .contains("client_id")
    );

    let client = Client::register(&world, Redirect::Loopback).await;
    let path = format!("{}&client_id=other", client.authorize_path(&world, "mcp:read"));
    let answer = Browser::new(&world).get(&path).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert_eq!(answer.page_error(), "invalid_request");
}

#[tokio::test]
async fn two_authorization_headers_are_refused() {
    let world = World::new().await;
    let request = Request::get("/oauth/userinfo")
        .header("authorization", "Bearer a")
        .header("authorization", "Bearer b")
        .body(Body::empty())
        .unwrap();
    let answer = world.ask(request).await;
    assert_eq!(
        (answer.status, answer.error().as_str()),
        (StatusCode::BAD_REQUEST, "invalid_request")
    );
}

#[tokio::test]
async fn an_authorization_header_that_is_no_text_is_a_401() {
    let world = World::new().await;
    let request = Request::post("/oauth/token")
        .header("authorization", &b"Basic \xff\xfe"[..])
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Body::from("grant_type=refresh_token&refresh_token=x"))
        .unwrap();
    let answer = world.ask(request).await;
    assert_eq!(
        (answer.status, answer.error().as_str()),
        (StatusCode::UNAUTHORIZED, "invalid_client")
    );
}

#[rstest]
#[case("/oauth/interaction/%00")]
#[case("/oauth/interaction/%ff")]
#[case("/oauth/interaction/..%2f..%2fetc")]
#[case("/oauth/callback/%0d%0aSet-Cookie:%20a=b?state=x")]
#[case("/oauth/status/-1")]
#[case("/oauth/status/99999999999999999999999")]
#[case("/oauth/register/%00")]
#[tokio::test]
async fn an_odd_address_is_a_clean_error(#[case] path: &str) {
    let world = World::new().await;
    let answer = world.get(path).await;
    assert!(answer.status.is_client_error(), "{answer:?}");
    assert_eq!(answer.header("set-cookie"), "");
}

#[tokio::test]
async fn a_method_that_is_not_served_is_a_405() {
    let world = World::new().await;
    for path in [
        "/oauth/token",
        "/oauth/revoke",
        "/oauth/introspect",
        "/oauth/register",
    ] {
        let answer = world.get(path).await;
        assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED);
        assert_eq!(answer.header("allow"), "POST,OPTIONS");
        assert_eq!(answer.error(), "invalid_request");
    }
    let answer = world.send(http::Method::DELETE, "/account").await;
    assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(answer.header("allow"), "GET,HEAD,POST");
    assert_eq!(answer.page_error(), "method_not_allowed");
}

#[tokio::test]
async fn an_address_without_a_route_is_a_page_for_people_and_json_for_programs() {
    let world = World::new().await;
    assert_eq!(world.get("/nowhere").await.error(), "invalid_request");
    let request = Request::get("/nowhere")
        .header("accept", "text/html,*/*;q=0.8")
        .body(Body::empty())
        .unwrap();
    let answer = world.ask(request).await;
    assert_eq!(
        (answer.status, answer.page_error()),
        (StatusCode::NOT_FOUND, "not_found")
    );
}
