use std::collections::BTreeSet;

use axum::body::Body;
use http::{Method, Request, StatusCode};
use rstest::rstest;

use crate::world::{TENANT, World};

const AT_ROOT: [&str; 3] = [
    "/.well-known/oauth-authorization-server",
    "/.well-known/openid-configuration",
    "/.well-known/openid_configuration",
];
const OF_TENANT: [&str; 6] = [
    "/.well-known/oauth-authorization-server/tenant",
    "/tenant/.well-known/oauth-authorization-server",
    "/.well-known/openid-configuration/tenant",
    "/tenant/.well-known/openid-configuration",
    "/.well-known/openid_configuration/tenant",
    "/tenant/.well-known/openid_configuration",
];

#[rstest]
#[case("/.well-known/nothing")]
#[case("/.well-known/oauth-protected-resource")]
#[case("/.well-known/oauth-protected-resource/mcp")]
#[case("/.well-known/oauth-authorization-server/other")]
#[case("/tenant/.well-known/other")]
#[tokio::test]
async fn an_unknown_well_known_path_is_a_clean_404(#[case] path: &str) {
    let world = World::of(TENANT).await;
    for method in [Method::GET, Method::POST, Method::HEAD] {
        let answer = world.send(method, path).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND);
        assert_eq!(answer.header("access-control-allow-origin"), "*");
        assert_eq!(answer.header("content-type"), "application/json");
    }
}

#[tokio::test]
async fn every_form_serves_the_same_document_at_the_root() {
    let world = World::new().await;
    for path in AT_ROOT {
        let answer = world.get(path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        assert_eq!(answer.json()["issuer"], "http://localhost:3009");
        assert_eq!(
            answer.json()["token_endpoint"],
            "http://localhost:3009/oauth/token"
        );
    }
}

#[tokio::test]
async fn every_form_serves_the_same_document_below_a_path() {
    let world = World::of(TENANT).await;
    for path in OF_TENANT {
        let answer = world.get(path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        assert_eq!(answer.json()["issuer"], TENANT);
        assert_eq!(
            answer.json()["token_endpoint"],
            "https://auth.example/tenant/oauth/token"
        );
    }
}

#[tokio::test]
async fn every_endpoint_in_the_document_is_served() {
    let world = World::of(TENANT).await;
    let document = world.get(OF_TENANT[0]).await.json();
    let mut endpoints = 0;
    for (name, value) in document.as_object().unwrap() {
        if !name.ends_with("_endpoint") && name != "jwks_uri" {
            continue;
        }
        let path = value
            .as_str()
            .unwrap()
            .strip_prefix("https://auth.example")
            .unwrap();
        assert_ne!(
            world.get(path).await.status,
            StatusCode::NOT_FOUND,
            "{name}: {path}"
        );
        endpoints += 1;
    }
    assert!(endpoints >= 6, "{document}");
}

#[tokio::test]
async fn the_document_takes_no_other_method() {
    let world = World::new().await;
    for path in AT_ROOT {
        let answer = world.post(path, "application/json", "{}").await;
        assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED);
        assert_eq!(answer.header("allow"), "GET,HEAD,OPTIONS");
        assert_eq!(answer.error(), "invalid_request");
    }
}

#[tokio::test]
async fn head_answers_without_a_body() {
    let world = World::new().await;
    let (get, head) = (
        world.get(AT_ROOT[0]).await,
        world.send(Method::HEAD, AT_ROOT[0]).await,
    );
    assert_eq!(head.status, StatusCode::OK);
    assert_eq!(head.header("content-type"), "application/json");
    assert_eq!(head.header("etag"), get.header("etag"));
    assert_eq!(head.body, "");
}

#[tokio::test]
async fn a_forged_host_changes_nothing() {
    let world = World::new().await;
    let honest = world.get(AT_ROOT[0]).await;
    let request = Request::get(AT_ROOT[0])
        .header("host", "evil.example")
        .header("x-forwarded-host", "evil.example")
        .header("forwarded", "host=evil.example;proto=https")
        .body(Body::empty())
        .unwrap();
    assert_eq!(world.ask(request).await.body, honest.body);
}

#[rstest]
#[case("/.well-known/oauth-authorization-server", "public, max-age=300")]
#[case("/oauth/keys", "public, max-age=300")]
#[tokio::test]
async fn a_known_document_is_not_sent_again(#[case] path: &str, #[case] cache_control: &str) {
    let world = World::new().await;
    let first = world.get(path).await;
    assert_eq!(first.header("cache-control"), cache_control);
    assert_eq!(first.header("content-type"), "application/json");

    let again = |tag: &str| {
        Request::get(path)
            .header("if-none-match", tag)
            .body(Body::empty())
            .unwrap()
    };
    let known = world.ask(again(first.header("etag"))).await;
    assert_eq!(known.status, StatusCode::NOT_MODIFIED);
    assert_eq!(known.header("etag"), first.header("etag"));
    assert_eq!(known.header("cache-control"), cache_control);
    assert_eq!(known.body, "");

    assert_eq!(world.ask(again("\"another\"")).await.status, StatusCode::OK);
}

#[tokio::test]
async fn the_document_is_as_the_snapshot_has_it() {
    let world = World::new().await;
    let document = world.get(AT_ROOT[0]).await.json();
    insta::assert_snapshot!("metadata", serde_json::to_string_pretty(&document).unwrap());
}

#[tokio::test]
async fn the_keys_have_public_members_alone() {
    let world = World::new().await;
    let keys = world.get("/oauth/keys").await.json();
    let keys = keys["keys"].as_array().unwrap();
    assert!(!keys.is_empty());
    for key in keys {
        let members: BTreeSet<&str> = key.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(
            members,
            BTreeSet::from(["alg", "crv", "kid", "kty", "use", "x", "y"])
        );
    }
}
