use axum::body::Body;
use http::{Method, Request, StatusCode};
use rstest::rstest;
use vestibule_broker::settings::{DeviceCodeSettings, GrantSettings};

use crate::world::{Answer, Parts, World};

/// A world that serves devices too.
async fn world() -> World {
    let grants = GrantSettings {
        device_code: Some(DeviceCodeSettings::default()),
        ..GrantSettings::default()
    };
    Parts {
        grants,
        ..Parts::default()
    }
    .build()
    .await
}

fn cors_headers(answer: &Answer) -> Vec<&str> {
    let names = answer.headers.keys().map(http::HeaderName::as_str);
    names.filter(|name| name.starts_with("access-control")).collect()
}

async fn preflight(world: &World, path: &str) -> Answer {
    let request = Request::builder()
        .method(Method::OPTIONS)
        .uri(path)
        .header("origin", "https://inspector.example")
        .header("access-control-request-method", "POST")
        .header(
            "access-control-request-headers",
            "authorization,content-type,mcp-protocol-version",
        )
        .body(Body::empty())
        .unwrap();
    world.ask(request).await
}

async fn cross_origin_get(world: &World, path: &str) -> Answer {
    world
        .ask(
            Request::get(path)
                .header("origin", "https://inspector.example")
                .body(Body::empty())
                .unwrap(),
        )
        .await
}

#[rstest]
#[case("/oauth/authorize")]
#[case("/oauth/interaction/ticket")]
#[case("/oauth/callback/local")]
#[case("/oauth/logout")]
#[case("/account")]
#[case("/device")]
#[case("/nowhere")]
#[tokio::test]
async fn no_script_of_another_site_reads_a_page(#[case] path: &str) {
    let world = world().await;
    for answer in [
        preflight(&world, path).await,
        cross_origin_get(&world, path).await,
    ] {
        assert!(cors_headers(&answer).is_empty(), "{:?}", answer.headers);
    }
}

/// A page that an operator visits could otherwise ask a listener on the operator's own machine.
#[tokio::test]
async fn no_script_reads_what_is_for_operators() {
    let world = world().await;
    let answer = world.get_health("/readyz").await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(cors_headers(&answer).is_empty(), "{:?}", answer.headers);
}

#[rstest]
#[case("/.well-known/oauth-authorization-server")]
#[case("/.well-known/openid-configuration")]
#[case("/.well-known/oauth-protected-resource")]
#[case("/oauth/register")]
#[case("/oauth/register/some-client")]
#[case("/oauth/token")]
#[case("/oauth/par")]
#[case("/oauth/device_authorization")]
#[case("/oauth/revoke")]
#[case("/oauth/introspect")]
#[case("/oauth/userinfo")]
#[case("/oauth/keys")]
#[case("/oauth/status/0")]
#[tokio::test]
async fn every_script_calls_the_endpoints_for_programs(#[case] path: &str) {
    let world = world().await;
    let answer = preflight(&world, path).await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT);
    assert_eq!(answer.header("access-control-allow-credentials"), "");
    assert_eq!(answer.header("access-control-allow-origin"), "*");
    assert_eq!(
        answer.header("access-control-allow-methods"),
        "GET, HEAD, POST, PUT, DELETE"
    );
    assert_eq!(
        answer.header("access-control-allow-headers"),
        "authorization, content-type, mcp-protocol-version, mcp-session-id, mcp-method, mcp-name, dpop, \
             last-event-id"
    );
    assert_eq!(answer.header("access-control-max-age"), "86400");

    let answer = cross_origin_get(&world, path).await;
    assert_eq!(answer.header("access-control-allow-origin"), "*");
    assert_eq!(
        answer.header("access-control-expose-headers"),
        "www-authenticate, dpop-nonce, mcp-session-id, retry-after, ratelimit, ratelimit-policy"
    );
    assert_eq!(answer.header("access-control-allow-credentials"), "");
}

#[tokio::test]
async fn an_error_can_be_read_by_the_script_that_caused_it() {
    let world = World::new().await;
    let answer = world.post_form("/oauth/token", &[]).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert_eq!(answer.header("access-control-allow-origin"), "*");
}
