//! A device, and the person who lets it in, without JavaScript.

use std::net::SocketAddr;

use axum::body::Body;
use axum::extract::ConnectInfo;
use http::header::CONTENT_TYPE;
use http::{Request, StatusCode};
use vestibule_broker::LimitRule;
use vestibule_broker::settings::{DeviceCodeSettings, GrantSettings, LimitSettings};

use crate::world::{Answer, Browser, Parts, World, form};

async fn world() -> World {
    world_with(|_| {}).await
}

async fn world_with(change: impl FnOnce(&mut LimitSettings)) -> World {
    let mut limits = LimitSettings::default();
    change(&mut limits);
    let grants = GrantSettings {
        device_code: Some(DeviceCodeSettings::default()),
        ..GrantSettings::default()
    };
    Parts {
        grants,
        limits,
        ..Parts::default()
    }
    .build()
    .await
}

async fn begin(world: &World) -> Answer {
    let fields = [("client_id", "terminal"), ("scope", "mcp:read")];
    world.post_form("/oauth/device_authorization", &fields).await
}

fn polling(code: &str) -> [(&'static str, &str); 3] {
    [
        ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
        ("device_code", code),
        ("client_id", "terminal"),
    ]
}

async fn poll(world: &World, code: &str) -> Answer {
    world.post_form("/oauth/token", &polling(code)).await
}

#[tokio::test]
async fn without_the_grant_there_is_neither_endpoint_nor_page() {
    let world = World::new().await;
    assert_eq!(begin(&world).await.status, StatusCode::NOT_FOUND);
    assert_eq!(world.get("/device").await.status, StatusCode::NOT_FOUND);
    assert_eq!(poll(&world, "x").await.error(), "unsupported_grant_type");
}

#[tokio::test]
async fn a_wrong_code_is_asked_for_again_and_shown_as_text() {
    let world = world().await;
    let mut browser = Browser::new(&world);
    let answer = browser
        .submit("/device", &[("user_code", "\"><script>alert(1)</script>")])
        .await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert!(answer.body.contains("No device shows this code now"));
    assert!(!answer.body.contains("<script>"));
}

#[tokio::test]
async fn a_code_in_the_address_is_filled_in_and_no_more() {
    let world = world().await;
    let codes = begin(&world).await.json();
    let user_code = codes["user_code"].as_str().unwrap();
    let complete = codes["verification_uri_complete"].as_str().unwrap();
    let path = complete.strip_prefix("http://localhost:3009").unwrap();
    let answer = world.get(path).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(answer.body.contains(&format!("value=\"{user_code}\"")));
    let code = codes["device_code"].as_str().unwrap();
    assert_eq!(poll(&world, code).await.error(), "authorization_pending");
}

#[tokio::test]
async fn a_code_is_not_taken_from_another_site() {
    let world = world().await;
    let codes = begin(&world).await.json();
    let fields = [("user_code", codes["user_code"].as_str().unwrap())];
    let mut browser = Browser::new(&world);
    let answer = browser
        .submit_from("https://evil.example", "/device", &fields)
        .await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_person_lets_a_device_in_and_each_page_says_that_a_device_asks() {
    let world = world().await;
    let answer = begin(&world).await;
    assert_eq!(answer.header("cache-control"), "no-store");
    let codes = answer.json();
    let (user_code, device_code) = (
        codes["user_code"].as_str().unwrap(),
        codes["device_code"].as_str().unwrap(),
    );
    let pending = poll(&world, device_code).await;
    assert_eq!(
        (pending.status, pending.error().as_str()),
        (StatusCode::BAD_REQUEST, "authorization_pending")
    );

    let mut browser = Browser::new(&world);
    assert!(browser.get("/device").await.body.contains("name=\"user_code\""));
    let typed = user_code.to_lowercase().replace('-', " ");
    let page = browser.submit("/device", &[("user_code", &typed)]).await;
    let page = page.location().to_owned();
    let login = browser.get(&page).await;
    assert!(login.body.contains("A device asks, not this browser") && login.body.contains(user_code));
    let fields = [("username", "alice"), ("password", "password123")];
    let page = browser.submit(&page, &fields).await.location().to_owned();
    let consent = browser.get(&page).await;
    assert!(consent.body.contains("A device asks, not this browser") && consent.body.contains(user_code));
    let fields = [("scope", "mcp:read"), ("decision", "approve")];
    let done = browser.submit(&page, &fields).await;
    assert_eq!(done.status, StatusCode::OK);
    assert!(done.body.contains("goes on at your device"));

    let tokens = poll(&world, device_code).await;
    assert_eq!(tokens.status, StatusCode::OK, "{tokens:?}");
    assert_eq!(tokens.json()["scope"], "mcp:read");
}

#[tokio::test]
async fn devices_that_wait_are_not_counted_as_failures() {
    let world = world_with(|limits| limits.rule_mut(LimitRule::Failures).quota.burst = 3).await;
    let peer = SocketAddr::from(([203, 0, 113, 7], 4711));
    let ask = async |code: &str| {
        let fields = polling(code);
        let mut request = Request::post("/oauth/token")
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(form(&fields)))
            .unwrap();
        request.extensions_mut().insert(ConnectInfo(peer));
        world.ask(request).await.error()
    };
    for _ in 0..6 {
        let codes = begin(&world).await.json();
        let code = codes["device_code"].as_str().unwrap();
        assert_eq!(ask(code).await, "authorization_pending");
    }
    let codes = begin(&world).await.json();
    let code = codes["device_code"].as_str().unwrap();
    let mut told = Vec::new();
    for _ in 0..6 {
        told.push(ask(code).await);
    }
    let expected = [
        "authorization_pending",
        "slow_down",
        "slow_down",
        "slow_down",
        "temporarily_unavailable",
        "temporarily_unavailable",
    ];
    assert_eq!(told, expected);
}
