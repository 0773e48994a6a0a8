//! Forms are taken from the broker's own pages alone.

use http::StatusCode;

use crate::world::{Browser, Client, Redirect, World};

const EVIL: &str = "https://evil.example";

#[tokio::test]
async fn consent_is_not_taken_from_another_site() {
    let world = World::new().await;
    let client = Client::register(&world, Redirect::Loopback).await;
    let mut browser = Browser::new(&world);
    let page = client.log_in(&mut browser).await;
    let approve = [("scope", "mcp:read"), ("decision", "approve")];

    for origin in [EVIL, "http://localhost:9999", "https://localhost:3009"] {
        let answer = browser.submit_from(origin, &page, &approve).await;
        assert_eq!(
            (answer.status, answer.page_error()),
            (StatusCode::FORBIDDEN, "cross_origin")
        );
    }
    for headers in [
        &[("origin", "null")][..],
        &[("sec-fetch-site", "cross-site")],
        &[("sec-fetch-site", "same-site")],
        &[("sec-fetch-site", "same-origin"), ("origin", EVIL)],
    ] {
        let answer = browser.submit_with(&page, &approve, headers).await;
        assert_eq!(
            (answer.status, answer.page_error()),
            (StatusCode::FORBIDDEN, "cross_origin")
        );
    }

    let own = [
        ("sec-fetch-site", "same-origin"),
        ("origin", "http://localhost:3009"),
        ("host", "evil.example"),
    ];
    let answer = browser.submit_with(&page, &approve, &own).await;
    assert!(answer.location_param("code").is_some());
}

#[tokio::test]
async fn nobody_is_signed_in_from_another_site() {
    let world = World::new().await;
    let client = Client::register(&world, Redirect::Loopback).await;
    let mut browser = Browser::new(&world);
    let page = client.begin(&mut browser).await;
    let answer = browser
        .submit_from(EVIL, &page, &[("username", "alice"), ("password", "password123")])
        .await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(!browser.cookies.contains_key("vestibule_login"));
}

#[tokio::test]
async fn nobody_is_signed_out_from_another_site() {
    let world = World::new().await;
    let client = Client::register(&world, Redirect::Loopback).await;
    let mut browser = Browser::new(&world);
    client.log_in(&mut browser).await;
    for path in ["/oauth/logout", "/account"] {
        let answer = browser.submit_from(EVIL, path, &[("action", "sign_out")]).await;
        assert_eq!(
            (answer.status, answer.page_error()),
            (StatusCode::FORBIDDEN, "cross_origin")
        );
    }
    assert!(browser.cookies.contains_key("vestibule_login"));
}

#[tokio::test]
async fn a_form_is_no_json() {
    let world = World::new().await;
    for path in [
        "/oauth/interaction/ticket",
        "/oauth/logout",
        "/account",
        "/oauth/authorize",
    ] {
        for media_type in ["application/json", "text/plain"] {
            let answer = world.post(path, media_type, r#"{"decision":"approve"}"#).await;
            assert_eq!(
                (answer.status, answer.page_error()),
                (StatusCode::BAD_REQUEST, "invalid_request")
            );
        }
    }
}
