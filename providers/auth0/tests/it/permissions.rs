//! Permissions: those of an access token that holds.

use serde_json::json;
use vestibule_provider::ProviderError;
use vestibule_provider_auth0::{Api, Auth0Settings, Permissions};
use vestibule_provider_testkit::{Shape, Walk};

use crate::Tenant;

const API: &str = "https://api.example.com";

fn read_permissions(settings: &mut Auth0Settings) {
    settings.api = Some(Api {
        audience: API.to_owned(),
        permissions: Permissions::AreScopes,
    });
}

fn with_permissions() -> Shape {
    Shape::auth0()
        .access_token_claim("aud", json!([API, "https://example.eu.auth0.com/userinfo"]))
        .access_token_claim(
            "permissions",
            json!(["notes:read", "no scope\n", 7, "notes:write"]),
        )
}

#[tokio::test]
async fn permissions_are_the_scopes_that_the_user_may_have() {
    let tenant = Tenant::with(with_permissions(), read_permissions);
    let walk = Walk::new(&tenant).await;
    let scopes = walk.must_log_in().await.identity.scopes.expect("scopes");
    assert_eq!(scopes.to_string(), "notes:read notes:write");
}

#[tokio::test]
async fn permissions_that_nobody_asked_for_are_not_read() {
    let tenant = Tenant::with(with_permissions(), |settings| {
        settings.api = Some(Api {
            audience: API.to_owned(),
            permissions: Permissions::Ignored,
        });
    });
    let walk = Walk::new(&tenant).await;
    assert_eq!(walk.must_log_in().await.identity.scopes, None);
}

#[tokio::test]
async fn a_user_without_permissions_has_no_scopes() {
    let tenant = Tenant::with(
        with_permissions().access_token_claim("permissions", json!([])),
        read_permissions,
    );
    let walk = Walk::new(&tenant).await;
    let scopes = walk.must_log_in().await.identity.scopes.expect("scopes");
    assert!(scopes.is_empty());
}

#[tokio::test]
async fn an_access_token_without_permissions_tells_what_to_switch_on() {
    let shape = Shape::auth0().access_token_claim("aud", API);
    let error = Tenant::with(shape, read_permissions).failure().await;
    assert!(matches!(error, ProviderError::Misconfigured(_)), "{error:?}");
    assert!(error.to_string().contains("RBAC"), "{error}");
}

#[tokio::test]
async fn permissions_of_an_access_token_that_does_not_hold_are_not_taken() {
    for (name, value) in [
        ("aud", json!("https://another.example.com")),
        ("aud", json!([])),
        ("iss", json!("https://another.example.com/")),
        ("sub", json!("another user")),
        ("azp", json!("another client")),
        ("exp", json!(1)),
        ("exp", json!(null)),
    ] {
        let shape = with_permissions().access_token_claim(name, value.clone());
        let error = Tenant::with(shape, read_permissions).failure().await;
        assert!(
            matches!(error, ProviderError::Rejected(_)),
            "{name} {value}: {error:?}"
        );
    }
}

#[tokio::test]
async fn an_opaque_access_token_has_no_permissions() {
    let error = Tenant::with(Shape::auth0(), read_permissions).failure().await;
    assert!(matches!(error, ProviderError::Rejected(_)), "{error:?}");
}
