//! Services that act for themselves, over HTTP.

use axum::body::Body;
use http::{Request, StatusCode};
use vestibule_broker::settings::{ClientRule, GrantSettings};
use vestibule_protocol::{ClientId, ResourceUri, ScopeSet};

use crate::world::{Answer, Parts, World};

const MCP: &str = "http://localhost:3001/mcp";

async fn world() -> World {
    let rule = ClientRule {
        client: ClientId::parse("mcp-test-client").unwrap(),
        resource: ResourceUri::parse(MCP).unwrap(),
        scopes: ScopeSet::parse("mcp:read").unwrap(),
    };
    Parts {
        grants: GrantSettings {
            client_credentials: vec![rule],
            ..GrantSettings::default()
        },
        ..Parts::default()
    }
    .build()
    .await
}

async fn ask(world: &World, secret: &str, more: &[(&str, &str)]) -> Answer {
    let mut fields = vec![
        ("grant_type", "client_credentials"),
        ("client_id", "mcp-test-client"),
        ("client_secret", secret),
    ];
    fields.extend(more);
    world.post_form("/oauth/token", &fields).await
}

#[tokio::test]
async fn a_service_gets_a_token_that_no_cache_keeps() {
    let world = world().await;
    let answer = ask(&world, "mcp-test-secret", &[("resource", MCP)]).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    assert_eq!(answer.header("cache-control"), "no-store");
    let body = answer.json();
    assert_eq!(
        (&body["token_type"], &body["scope"]),
        (&"Bearer".into(), &"mcp:read".into())
    );
    assert!(body.get("refresh_token").is_none() && body.get("id_token").is_none());
}

#[tokio::test]
async fn each_refusal_has_the_status_and_the_code_of_its_rfc() {
    let world = world().await;
    for (secret, more, status, code) in [
        ("wrong", vec![], StatusCode::UNAUTHORIZED, "invalid_client"),
        (
            "mcp-test-secret",
            vec![("scope", "openid")],
            StatusCode::BAD_REQUEST,
            "invalid_scope",
        ),
        (
            "mcp-test-secret",
            vec![("scope", "mcp:admin")],
            StatusCode::BAD_REQUEST,
            "invalid_scope",
        ),
        (
            "mcp-test-secret",
            vec![("scope", "a\"b")],
            StatusCode::BAD_REQUEST,
            "invalid_scope",
        ),
        (
            "mcp-test-secret",
            vec![("resource", "https://elsewhere.example/mcp")],
            StatusCode::BAD_REQUEST,
            "invalid_target",
        ),
    ] {
        let answer = ask(&world, secret, &more).await;
        assert_eq!(
            (answer.status, answer.error().as_str()),
            (status, code),
            "{more:?}"
        );
    }
    let terminal = [("grant_type", "client_credentials"), ("client_id", "terminal")];
    let answer = world.post_form("/oauth/token", &terminal).await;
    assert_eq!(
        (answer.status, answer.error().as_str()),
        (StatusCode::BAD_REQUEST, "unauthorized_client")
    );
}

#[tokio::test]
async fn the_grant_is_advertised_where_it_is_served_and_nowhere_else() {
    for (world, served) in [(world().await, true), (World::new().await, false)] {
        let metadata = world.get("/.well-known/oauth-authorization-server").await.json();
        let grants = metadata["grant_types_supported"].as_array().unwrap();
        assert_eq!(grants.contains(&"client_credentials".into()), served);
        let answer = ask(&world, "mcp-test-secret", &[]).await;
        let expected = if served {
            StatusCode::OK
        } else {
            StatusCode::BAD_REQUEST
        };
        assert_eq!(answer.status, expected, "{answer:?}");
    }
}

#[tokio::test]
async fn userinfo_refuses_the_token_of_a_service() {
    let world = world().await;
    let token = ask(&world, "mcp-test-secret", &[]).await.json()["access_token"].clone();
    let request = Request::get("/oauth/userinfo")
        .header("authorization", format!("Bearer {}", token.as_str().unwrap()))
        .body(Body::empty())
        .unwrap();
    let answer = world.ask(request).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN, "{answer:?}");
}
