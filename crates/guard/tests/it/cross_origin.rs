//! Web pages that call.

use axum::body::Body;
use http::{Request, StatusCode};

use crate::support::{Answer, House, call};

const PAGE: &str = "https://app.test";

fn preflight(path: &str, origin: &str) -> Request<Body> {
    Request::options(path)
        .header("origin", origin)
        .header("access-control-request-method", "POST")
        .header(
            "access-control-request-headers",
            "authorization,mcp-protocol-version",
        )
        .body(Body::empty())
        .unwrap()
}

async fn call_from(house: &House, origin: &str, token: Option<&str>) -> Answer {
    let mut request = call("get_user_profile", token);
    request.headers_mut().insert("origin", origin.parse().unwrap());
    house.send(request).await
}

#[tokio::test]
async fn a_preflight_passes_without_a_token() {
    let house = House::new();
    let answer = house.send(preflight("/mcp", PAGE)).await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT);
    assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
    let allowed = answer.header("access-control-allow-headers").unwrap();
    for name in [
        "authorization",
        "content-type",
        "mcp-protocol-version",
        "mcp-session-id",
        "mcp-method",
        "mcp-name",
        "dpop",
        "last-event-id",
    ] {
        assert!(allowed.split(", ").any(|header| header == name), "{name}");
    }
    assert!(
        answer
            .header("access-control-allow-methods")
            .unwrap()
            .contains("DELETE")
    );
    assert_eq!(answer.header("access-control-allow-credentials"), None);
}

#[tokio::test]
async fn a_page_can_read_the_challenge() {
    let answer = call_from(&House::new(), PAGE, None).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
    let exposed = answer.header("access-control-expose-headers").unwrap();
    for name in ["WWW-Authenticate", "DPoP-Nonce", "Mcp-Session-Id", "Retry-After"] {
        assert!(exposed.contains(name), "{name}");
    }
}

#[tokio::test]
async fn a_page_can_read_the_answer_of_the_handler() {
    let house = House::new();
    let token = house.auth.sign(&house.auth.token());
    let answer = call_from(&house, PAGE, Some(&token)).await;
    answer.assert_admitted();
    assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
}

#[tokio::test]
async fn where_origins_are_named_no_other_page_may_call() {
    let house = House::built(|builder| builder.allowed_origins([PAGE]));
    let token = house.auth.sign(&house.auth.token());
    for origin in [
        "https://evil.test",
        "null",
        "https://app.test.evil.test",
        "http://app.test",
    ] {
        let answer = call_from(&house, origin, Some(&token)).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{origin}");
        assert_eq!(answer.header("access-control-allow-origin"), None);
        let answer = house.send(preflight("/mcp", origin)).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{origin}");
    }
    let answer = call_from(&house, PAGE, Some(&token)).await;
    answer.assert_admitted();
    assert_eq!(answer.header("access-control-allow-origin"), Some(PAGE));
    assert_eq!(answer.header("vary"), Some("origin"));
}

#[tokio::test]
async fn where_origins_are_named_programs_still_call() {
    let house = House::built(|builder| builder.allowed_origins([PAGE]));
    house
        .call_as("get_user_profile", &house.auth.token())
        .await
        .assert_admitted();
}

#[tokio::test]
async fn the_metadata_is_open_to_every_page() {
    let house = House::built(|builder| builder.allowed_origins([PAGE]));
    let path = "/.well-known/oauth-protected-resource/mcp";
    let answer = house.send(preflight(path, "https://evil.test")).await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT);
    assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
}
