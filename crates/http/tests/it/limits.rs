//! Whoever comes too often.

use std::net::SocketAddr;

use axum::body::Body;
use axum::extract::ConnectInfo;
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{Request, StatusCode};
use rstest::rstest;
use vestibule_broker::LimitRule;
use vestibule_broker::settings::{LimitMode, LimitSettings};
use vestibule_broker::store::Quota;
use vestibule_http::{ForwardingHeader, TrustedProxies};

use crate::world::{Answer, Client, Parts, Redirect, World, form};

const PROXY: &str = "10.0.0.1";
const DOCUMENTS: [&str; 4] = [
    "/.well-known/oauth-authorization-server",
    "/.well-known/openid-configuration",
    "/oauth/keys",
    "/oauth/status/0",
];

/// A world behind a proxy, in which a rule lets three through, and one more each minute.
async fn world(rule: LimitRule) -> World {
    world_with(rule, |_| {}).await
}

async fn world_with(rule: LimitRule, change: impl FnOnce(&mut LimitSettings)) -> World {
    let mut limits = LimitSettings::default();
    limits.rule_mut(rule).quota = Quota {
        burst: 3,
        per: std::time::Duration::from_secs(60),
    };
    change(&mut limits);
    let parts = Parts {
        limits,
        proxies: TrustedProxies::new(
            vec!["10.0.0.0/8".parse().unwrap()],
            ForwardingHeader::XForwardedFor,
        ),
        ..Parts::default()
    };
    parts.build().await
}

/// A request from this peer.
fn from(peer: &str, mut request: Request<Body>) -> Request<Body> {
    let peer = SocketAddr::new(peer.parse().unwrap(), 4711);
    request.extensions_mut().insert(ConnectInfo(peer));
    request
}

async fn get(world: &World, peer: &str, path: &str) -> Answer {
    world
        .ask(from(peer, Request::get(path).body(Body::empty()).unwrap()))
        .await
}

async fn post(world: &World, peer: &str, path: &str, fields: &[(&str, &str)]) -> Answer {
    let request = Request::post(path)
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(form(fields).into());
    world.ask(from(peer, request.unwrap())).await
}

async fn register(world: &World, peer: &str, forwarded: &[&str]) -> Answer {
    let body = r#"{"redirect_uris":["https://app.example/callback"],"token_endpoint_auth_method":"client_secret_post"}"#;
    let mut request = Request::post("/oauth/register").header(CONTENT_TYPE, "application/json");
    for line in forwarded {
        request = request.header("x-forwarded-for", *line);
    }
    world.ask(from(peer, request.body(body.into()).unwrap())).await
}

/// Checks what is told to a program of a rule of [`world`].
fn is_told(answer: &Answer, rule: &str) {
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS, "{answer:?}");
    assert_eq!(answer.error(), "temporarily_unavailable");
    assert_eq!(answer.header("retry-after"), "61");
    assert_eq!(answer.header("ratelimit-policy"), format!("\"{rule}\";q=3;w=180"));
    assert_eq!(answer.header("ratelimit"), format!("\"{rule}\";r=0;t=61"));
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.header("access-control-allow-origin"), "*");
    let exposed = answer.header("access-control-expose-headers");
    for header in ["retry-after", "ratelimit", "ratelimit-policy"] {
        assert!(exposed.split(", ").any(|exposed| exposed == header), "{header}");
    }
    let description = answer.json()["error_description"].as_str().unwrap().to_owned();
    assert!(description.ends_with("try again in 61 seconds."), "{description}");
}

#[rstest]
#[case(DOCUMENTS[0])]
#[case(DOCUMENTS[1])]
#[case(DOCUMENTS[2])]
#[case(DOCUMENTS[3])]
#[tokio::test]
async fn a_document_is_read_so_often_from_one_address(#[case] path: &str) {
    let world = world(LimitRule::Documents).await;
    for _ in 0..3 {
        assert_ne!(
            get(&world, "192.0.2.1", path).await.status,
            StatusCode::TOO_MANY_REQUESTS
        );
    }
    is_told(&get(&world, "192.0.2.1", path).await, "documents");
    assert_ne!(
        get(&world, "192.0.2.2", path).await.status,
        StatusCode::TOO_MANY_REQUESTS
    );
}

#[tokio::test]
async fn all_documents_count_as_one() {
    let world = world(LimitRule::Documents).await;
    for path in &DOCUMENTS[..3] {
        assert_eq!(
            get(&world, "192.0.2.1", path).await.status,
            StatusCode::OK,
            "{path}"
        );
    }
    is_told(&get(&world, "192.0.2.1", DOCUMENTS[3]).await, "documents");
}

#[rstest]
#[case("/oauth/authorize?client_id=x")]
#[case("/oauth/interaction/x")]
#[case("/oauth/callback/local")]
#[case("/oauth/logout")]
#[case("/account")]
#[case("/nowhere")]
#[tokio::test]
async fn a_person_who_comes_too_often_is_told_on_a_page(#[case] path: &str) {
    let world = world(LimitRule::Pages).await;
    let person = || {
        Request::get(path)
            .header(ACCEPT, "text/html")
            .body(Body::empty())
            .unwrap()
    };
    for _ in 0..3 {
        let answer = world.ask(from("192.0.2.1", person())).await;
        assert_ne!(answer.status, StatusCode::TOO_MANY_REQUESTS);
    }
    let answer = world.ask(from("192.0.2.1", person())).await;
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(answer.page_error(), "too_many_requests");
    assert_eq!(answer.header("retry-after"), "61");
    assert_eq!(answer.header("ratelimit"), "\"pages\";r=0;t=61");
    assert!(answer.body.contains("Wait 61 seconds"), "{}", answer.body);
    assert!(answer.body.contains(answer.header("x-request-id")));
    assert_eq!(answer.header("access-control-allow-origin"), "");
    let other = world.ask(from("192.0.2.2", person())).await;
    assert_ne!(other.status, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn calls_that_fail_too_often_are_told_to_wait_in_place_of_the_reason() {
    let world = world(LimitRule::Failures).await;
    let attempts = [
        (
            "/oauth/token",
            [("grant_type", "refresh_token"), ("client_id", "gone")],
        ),
        ("/oauth/introspect", [("token", "x"), ("client_id", "gone")]),
        ("/oauth/revoke", [("token", "x"), ("client_id", "gone")]),
    ];
    for (path, fields) in &attempts {
        assert_eq!(
            post(&world, "192.0.2.1", path, fields).await.error(),
            "invalid_client"
        );
    }
    for (path, fields) in &attempts {
        is_told(&post(&world, "192.0.2.1", path, fields).await, "failures");
    }
    is_told(&get(&world, "192.0.2.1", "/oauth/userinfo").await, "failures");
    let register = Request::post("/oauth/register").body("{}".into()).unwrap();
    is_told(&world.ask(from("192.0.2.1", register)).await, "failures");
    let (path, fields) = &attempts[0];
    assert_eq!(
        post(&world, "192.0.2.2", path, fields).await.error(),
        "invalid_client"
    );
}

#[tokio::test]
async fn calls_that_succeed_are_not_held_up_by_those_that_fail() {
    let world = world(LimitRule::Failures).await;
    let good = [
        ("token", "x"),
        ("client_id", "mcp-test-client"),
        ("client_secret", "mcp-test-secret"),
    ];
    let bad = [("token", "x"), ("client_id", "gone"), ("client_secret", "y")];
    for _ in 0..10 {
        post(&world, "192.0.2.1", "/oauth/introspect", &bad).await;
        let answer = post(&world, "192.0.2.1", "/oauth/introspect", &good).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    }
}

#[tokio::test]
async fn a_limit_that_was_told_does_not_count_as_a_failure() {
    let world = world_with(LimitRule::Registration, |limits| {
        limits.rule_mut(LimitRule::Failures).quota.burst = 1;
    })
    .await;
    for _ in 0..3 {
        assert_eq!(
            register(&world, "192.0.2.1", &[]).await.status,
            StatusCode::CREATED
        );
    }
    for _ in 0..3 {
        is_told(&register(&world, "192.0.2.1", &[]).await, "registration");
    }
}

#[tokio::test]
async fn whoever_forges_the_header_is_counted_all_the_same() {
    let world = world(LimitRule::Registration).await;
    for forged in ["192.0.2.1", "192.0.2.2", "127.0.0.1"] {
        assert_eq!(
            register(&world, "203.0.113.9", &[forged]).await.status,
            StatusCode::CREATED
        );
    }
    is_told(
        &register(&world, "203.0.113.9", &["192.0.2.4"]).await,
        "registration",
    );
    // The address that was forged is not used up.
    assert_eq!(
        register(&world, "192.0.2.1", &[]).await.status,
        StatusCode::CREATED
    );
}

#[tokio::test]
async fn behind_a_proxy_each_client_is_counted_for_itself() {
    let world = world(LimitRule::Registration).await;
    for (forged, lines) in [
        ("192.0.2.66", &["192.0.2.66, 203.0.113.9"][..]),
        ("10.0.0.7", &["10.0.0.7, 203.0.113.9"]),
        ("two lines", &["192.0.2.67", "203.0.113.9, 10.0.0.2"]),
    ] {
        assert_eq!(
            register(&world, PROXY, lines).await.status,
            StatusCode::CREATED,
            "{forged}"
        );
    }
    is_told(
        &register(&world, PROXY, &["192.0.2.68, 203.0.113.9"]).await,
        "registration",
    );
    assert_eq!(
        register(&world, PROXY, &["203.0.113.10"]).await.status,
        StatusCode::CREATED
    );
}

#[tokio::test]
async fn a_rule_that_reports_refuses_nothing() {
    let world = world_with(LimitRule::Documents, |limits| {
        limits.rule_mut(LimitRule::Documents).mode = LimitMode::Report;
    })
    .await;
    for _ in 0..20 {
        let answer = get(&world, "192.0.2.1", "/oauth/keys").await;
        assert_eq!((answer.status, answer.header("ratelimit")), (StatusCode::OK, ""));
    }
}

#[tokio::test]
async fn too_many_passwords_are_told_on_a_page_that_leads_back() {
    let world = world(LimitRule::LoginPasswords).await;
    let client = Client::register(&world, Redirect::Loopback).await;
    let mut browser = crate::world::Browser::new(&world);
    let page = client.begin(&mut browser).await;
    for _ in 0..3 {
        browser
            .submit(&page, &[("username", "alice"), ("password", "wrong")])
            .await;
    }
    let answer = browser
        .submit(&page, &[("username", "alice"), ("password", "password123")])
        .await;
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(answer.page_error(), "too_many_tries");
    assert_eq!(answer.header("retry-after"), "61");
    assert_eq!(answer.header("ratelimit-policy"), "\"login_passwords\";q=3;w=180");
    assert!(
        answer.body.contains("for this account. Wait 61 seconds"),
        "{}",
        answer.body
    );
    assert!(answer.body.contains(&page), "the page leads back");
}

#[tokio::test]
async fn a_login_makes_the_browser_known_and_shows_no_account() {
    let world = World::new().await;
    let client = Client::register(&world, Redirect::Loopback).await;
    let mut browser = crate::world::Browser::new(&world);
    let page = client.begin(&mut browser).await;
    let answer = browser
        .submit(&page, &[("username", "alice"), ("password", "password123")])
        .await;
    let cookies: Vec<_> = answer.headers.get_all("set-cookie").iter().collect();
    let devices = cookies.iter().map(|cookie| cookie.to_str().unwrap());
    let devices = devices.filter(|cookie| cookie.starts_with("vestibule_devices="));
    let devices: Vec<_> = devices.collect();
    assert_eq!(devices.len(), 1, "{cookies:?}");
    assert!(
        devices[0].contains("; HttpOnly; SameSite=Lax") && !devices[0].contains("alice"),
        "{devices:?}"
    );
}
