//! The well-known documents.

use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::routing::any;
use http::{Method, Request, StatusCode};
use rstest::rstest;
use serde_json::json;
use tower::ServiceExt;
use vestibule_guard::Guard;
use vestibule_protocol::ResourceUri;

use crate::support::{Answer, House, RESOURCE, issuer, scopes};

fn ask(method: Method, path: &str) -> Request<Body> {
    Request::builder()
        .method(method)
        .uri(path)
        .body(Body::empty())
        .unwrap()
}

#[rstest]
#[case::root("/.well-known/oauth-protected-resource")]
#[case::path_inserted("/.well-known/oauth-protected-resource/mcp")]
#[case::path_inserted_with_a_slash("/.well-known/oauth-protected-resource/mcp/")]
#[case::path_appended("/mcp/.well-known/oauth-protected-resource")]
#[tokio::test]
async fn every_form_of_the_metadata_says_who_issues_tokens(#[case] path: &str) {
    let answer = House::new().send(ask(Method::GET, path)).await;
    answer.assert_admitted();
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
    assert_eq!(
        answer.body,
        json!({
            "resource": RESOURCE,
            "authorization_servers": ["https://auth.test"],
            "scopes_supported": ["mcp:admin", "mcp:read", "mcp:write"],
            "bearer_methods_supported": ["header"],
            "dpop_signing_alg_values_supported": ["ES256", "ES384", "EdDSA", "PS256", "RS256"],
        })
    );
}

#[rstest]
#[case("/.well-known/oauth-protected-resource/other")]
#[case("/.well-known/oauth-authorization-server")]
#[case("/.well-known/oauth-authorization-server/mcp")]
#[case("/.well-known/openid-configuration/mcp")]
#[case("/mcp/.well-known/openid-configuration")]
#[case("/mcp/.well-known/openid_configuration")]
#[tokio::test]
async fn every_other_form_that_clients_try_is_plainly_not_found(#[case] path: &str) {
    let answer = House::new().send(ask(Method::GET, path)).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    assert_eq!(answer.header("www-authenticate"), None);
}

#[tokio::test]
async fn the_metadata_is_there_in_whichever_order_layer_and_routes_stand() {
    let house = House::new();
    let app = Router::new()
        .route("/mcp", any(|| async { "in" }))
        .merge(house.guard.metadata_router())
        .layer(house.guard.layer());
    let response = app
        .oneshot(ask(Method::GET, "/.well-known/oauth-protected-resource/mcp"))
        .await;
    assert_eq!(response.unwrap().status(), StatusCode::OK);
}

#[tokio::test]
async fn a_nested_server_answers_for_itself() {
    let house = House::new();
    let inner = Router::new()
        .fallback(any(|| async { "in" }))
        .layer(house.guard.layer());
    let app = Router::new()
        .nest_service("/mcp", inner)
        .merge(house.guard.metadata_router());
    let response = app
        .oneshot(ask(Method::GET, "/mcp/.well-known/oauth-protected-resource"))
        .await;
    assert_eq!(response.unwrap().status(), StatusCode::OK);
}

#[tokio::test]
async fn other_well_known_paths_are_the_servers_own_and_guarded() {
    let answer = House::new()
        .send(ask(Method::GET, "/mcp/.well-known/secrets"))
        .await;
    assert_ne!(answer.status, StatusCode::OK);
    let house = House::new();
    let app = Router::new()
        .route("/.well-known/secrets", any(|| async { "in" }))
        .layer(house.guard.layer());
    let response = app.oneshot(ask(Method::GET, "/.well-known/secrets")).await;
    assert_eq!(response.unwrap().status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn the_metadata_cannot_be_written_to() {
    let house = House::new();
    for method in [Method::POST, Method::PUT, Method::DELETE] {
        let answer = house
            .send(ask(method, "/.well-known/oauth-protected-resource/mcp"))
            .await;
        assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED);
    }
}

#[rstest]
#[case("https://mcp.test", "https://mcp.test/.well-known/oauth-protected-resource")]
#[case("https://mcp.test/", "https://mcp.test/.well-known/oauth-protected-resource")]
#[case(
    "http://localhost:3001/a/b",
    "http://localhost:3001/.well-known/oauth-protected-resource/a/b"
)]
#[tokio::test]
async fn the_challenge_names_the_metadata_by_the_public_url(#[case] resource: &str, #[case] metadata: &str) {
    let resource = ResourceUri::parse(resource).unwrap();
    let guard = Guard::builder(resource, issuer("https://auth.test"))
        .build()
        .unwrap();
    let app = Router::new()
        .route("/guarded", any(|| async { "in" }))
        .layer(guard.layer())
        .merge(guard.metadata_router());
    let response = app.clone().oneshot(ask(Method::GET, "/guarded")).await.unwrap();
    let challenge = Answer::read(response).await.challenge();
    assert_eq!(challenge.resource_metadata.as_deref(), Some(metadata));
    let path = metadata.splitn(4, '/').nth(3).unwrap();
    let response = app.oneshot(ask(Method::GET, &format!("/{path}"))).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
}

#[rstest]
#[case("/.well-known/oauth-authorization-server")]
#[case("/.well-known/oauth-authorization-server/mcp")]
#[tokio::test]
async fn the_issuers_metadata_is_mirrored_when_asked_for(#[case] path: &str) {
    let house = House::built(vestibule_guard::GuardBuilder::mirror_issuer_metadata);
    let answer = house.send(ask(Method::GET, path)).await;
    answer.assert_admitted();
    assert_eq!(answer.body["issuer"], "https://auth.test");
}

#[tokio::test]
async fn a_mirror_of_nobody_is_plainly_not_found() {
    let house = House::built(vestibule_guard::GuardBuilder::mirror_issuer_metadata);
    house.auth.go_away();
    let answer = house
        .send(ask(Method::GET, "/.well-known/oauth-authorization-server"))
        .await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
}

#[tokio::test(start_paused = true)]
async fn a_mirror_makes_nobody_ask_an_issuer_that_is_away_more_than_once_a_second() {
    let house = House::built(vestibule_guard::GuardBuilder::mirror_issuer_metadata);
    house.auth.go_away();
    let path = "/.well-known/oauth-authorization-server";
    for _ in 0..20 {
        house.send(ask(Method::GET, path)).await;
    }
    assert_eq!(house.auth.asked(&format!("https://auth.test{path}")), 1);
    house.auth.come_back();
    house.clock.advance(Duration::from_secs(1)).await;
    house.send(ask(Method::GET, path)).await.assert_admitted();
}

#[tokio::test(start_paused = true)]
async fn a_mirror_follows_its_issuer_and_outlives_its_absence() {
    let house = House::built(vestibule_guard::GuardBuilder::mirror_issuer_metadata);
    let path = "/.well-known/oauth-authorization-server";
    house.send(ask(Method::GET, path)).await.assert_admitted();
    house.auth.state().metadata = json!({ "news": true });
    house.clock.advance(Duration::from_secs(300)).await;
    let answer = house.send(ask(Method::GET, path)).await;
    assert_eq!(answer.body["news"], true);
    house.auth.go_away();
    house.clock.advance(Duration::from_secs(600)).await;
    let answer = house.send(ask(Method::GET, path)).await;
    assert_eq!(answer.body["news"], true);
}

#[tokio::test]
async fn offline_access_is_never_listed_or_asked_for() {
    let house = House::built(|builder| {
        builder
            .scopes_supported(scopes("mcp:read offline_access"))
            .initial_scopes(scopes("mcp:read offline_access"))
    });
    let answer = house
        .send(ask(Method::GET, "/.well-known/oauth-protected-resource"))
        .await;
    assert_eq!(answer.body["scopes_supported"], json!(["mcp:read"]));
    let answer = house.send(ask(Method::GET, "/mcp")).await;
    let challenge = answer.header("www-authenticate").unwrap();
    assert!(challenge.contains(r#"scope="mcp:read""#), "{challenge}");
}
