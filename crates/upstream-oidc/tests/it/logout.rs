//! Leaving the provider with the browser.

use serde_json::json;
use url::Url;
use vestibule_provider::{Leaving, Provider as _};
use vestibule_upstream_oidc::LogoutStyle;

use crate::world::{World, pairs};

async fn leave(world: &World) -> Option<Url> {
    let session = world.log_in().await.unwrap().upstream;
    let leaving = Leaving {
        upstream: session,
        return_to: Url::parse("https://auth.example.com/oauth/logged-out").unwrap(),
        state: "a-state".to_owned(),
    };
    world.party.logout(&leaving).await.unwrap()
}

#[tokio::test]
async fn the_provider_learns_who_leaves_and_where_to() {
    let world = World::new().await;
    let address = leave(&world).await.unwrap();
    assert!(
        address
            .as_str()
            .starts_with(&format!("{}/logout?", world.provider.issuer()))
    );
    let query = pairs(address.query().unwrap());
    assert_eq!(query["client_id"], "broker");
    assert_eq!(
        query["post_logout_redirect_uri"],
        "https://auth.example.com/oauth/logged-out"
    );
    assert_eq!(query["state"], "a-state");
    assert_eq!(query["id_token_hint"].split('.').count(), 3);
}

#[tokio::test]
async fn another_issuer_under_the_providers_name_is_not_handed_the_id_token() {
    let leaving = Leaving {
        upstream: World::new().await.log_in().await.unwrap().upstream,
        return_to: Url::parse("https://auth.example.com/oauth/logged-out").unwrap(),
        state: "a-state".to_owned(),
    };
    let address = World::new().await.party.logout(&leaving).await.unwrap().unwrap();
    assert!(!pairs(address.query().unwrap()).contains_key("id_token_hint"));
}

#[tokio::test]
async fn cognito_wants_other_names() {
    let world = World::with(|upstream| upstream.logout = LogoutStyle::LogoutUri).await;
    let query = pairs(leave(&world).await.unwrap().query().unwrap());
    let expected = [
        ("client_id", "broker"),
        ("logout_uri", "https://auth.example.com/oauth/logged-out"),
    ];
    assert_eq!(
        query,
        expected
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into()
    );
}

#[tokio::test]
async fn a_provider_without_the_endpoint_keeps_its_session() {
    for style in [LogoutStyle::Oidc, LogoutStyle::LogoutUri] {
        let world = World::with(|upstream| upstream.logout = style).await;
        world.provider.change(|behaviour| {
            crate::world::merge(&mut behaviour.metadata, json!({"end_session_endpoint": null}));
        });
        assert_eq!(leave(&world).await, None);
    }
}

#[tokio::test]
async fn an_older_address_stands_in_for_a_missing_endpoint() {
    let older = Url::parse("https://tenant.example.com/v2/logout").unwrap();
    let world = World::with(|upstream| upstream.logout = LogoutStyle::OidcOrReturnTo(older)).await;
    assert!(leave(&world).await.unwrap().path().ends_with("/logout"));
    let world = World::with(|upstream| {
        let older = Url::parse("https://tenant.example.com/v2/logout").unwrap();
        upstream.logout = LogoutStyle::OidcOrReturnTo(older);
    })
    .await;
    world.provider.change(|behaviour| {
        crate::world::merge(&mut behaviour.metadata, json!({"end_session_endpoint": null}));
    });
    let address = leave(&world).await.unwrap();
    assert_eq!(address.host_str(), Some("tenant.example.com"));
    assert_eq!(
        pairs(address.query().unwrap())["returnTo"],
        "https://auth.example.com/oauth/logged-out"
    );
}

#[tokio::test]
async fn a_provider_may_be_left_alone() {
    let world = World::with(|upstream| upstream.logout = LogoutStyle::None).await;
    assert_eq!(leave(&world).await, None);
    assert!(!world.party.capabilities().logout);
}
