//! The authorization request.

use serde_json::json;
use url::Url;
use vestibule_protocol::Secret;
use vestibule_provider::ProviderError;
use vestibule_upstream_oidc::{FreshLogin, Pushing, ResponseMode};

use crate::world::{Canned, World, login, pairs, party};

#[tokio::test]
async fn a_fresh_login_asks_for_one() {
    let world = World::new().await;
    let mut login = login();
    login.force_login = true;
    let query = pairs(world.begin_as(&login).await.unwrap().query().unwrap());
    assert_eq!(
        (query["prompt"].as_str(), query["max_age"].as_str()),
        ("login", "0")
    );
}

#[tokio::test]
async fn a_provider_without_auth_time_is_asked_in_its_own_way() {
    let world = World::with(|upstream| {
        upstream.fresh_login = FreshLogin::Asked("select_account".to_owned());
        upstream.authorize_params = vec![("prompt".to_owned(), "consent".to_owned())];
    })
    .await;
    let mut login = login();
    login.force_login = true;
    let query = pairs(world.begin_as(&login).await.unwrap().query().unwrap());
    assert_eq!(query["prompt"], "consent select_account");
    assert!(!query.contains_key("max_age"));
}

#[tokio::test]
async fn hints_and_extra_parameters_go_along() {
    let world = World::with(|upstream| {
        upstream.authorize_params = vec![("audience".to_owned(), "https://api.example.com".to_owned())];
        upstream.response_mode = ResponseMode::FormPost;
        upstream.scopes = vec!["offline_access".to_owned()];
    })
    .await;
    let mut login = login();
    login.login_hint = Some("alice@example.com".to_owned());
    let query = pairs(world.begin_as(&login).await.unwrap().query().unwrap());
    assert_eq!(query["login_hint"], "alice@example.com");
    assert_eq!(query["audience"], "https://api.example.com");
    assert_eq!(query["response_mode"], "form_post");
    assert_eq!(query["scope"], "openid offline_access");
}

#[tokio::test]
async fn extra_parameters_cannot_replace_the_engines_own() {
    let provider = crate::world::UpstreamProvider::start().await;
    for name in [
        "redirect_uri",
        "state",
        "nonce",
        "code_challenge",
        "client_id",
        "scope",
        "request_uri",
        "max_age",
    ] {
        let params = vec![(name.to_owned(), "evil".to_owned())];
        let result = party(&provider, |upstream| upstream.authorize_params = params, ());
        assert!(matches!(result, Err(ProviderError::Misconfigured(_))), "{name}");
    }
}

#[tokio::test]
async fn a_request_is_pushed_where_the_provider_requires_it() {
    let world = World::new().await;
    world.provider.change(|behaviour| {
        let endpoint = format!("{}/par", behaviour.metadata["issuer"].as_str().unwrap());
        behaviour.metadata["pushed_authorization_request_endpoint"] = json!(endpoint);
        behaviour.metadata["require_pushed_authorization_requests"] = json!("true");
    });
    let address = world.begin().await.unwrap();
    let query = pairs(address.query().unwrap());
    assert_eq!(query.len(), 2, "{query:?}");
    assert_eq!(query["client_id"], "broker");
    assert_eq!(query["request_uri"], "urn:example:pushed");
    let [pushed] = world.provider.seen("/par").try_into().unwrap();
    assert_eq!(pushed.form["response_type"], "code");
    assert_eq!(pushed.form["code_challenge_method"], "S256");
    assert!(
        pushed.headers["authorization"]
            .to_str()
            .unwrap()
            .starts_with("Basic ")
    );
    assert_eq!(pushed.form["client_id"], "broker");
}

#[tokio::test]
async fn a_request_is_pushed_where_it_is_configured_and_an_endpoint_that_is_missing_is_named() {
    let world = World::with(|upstream| upstream.pushing = Pushing::Always).await;
    let result = world.begin().await;
    assert!(matches!(result, Err(ProviderError::Misconfigured(text)) if text.contains("par")));
}

#[tokio::test]
async fn a_refusal_of_the_pushed_request_is_told() {
    let world = World::with(|upstream| upstream.pushing = Pushing::Always).await;
    world.provider.change(|behaviour| {
        let endpoint = format!("{}/par", behaviour.metadata["issuer"].as_str().unwrap());
        behaviour.metadata["pushed_authorization_request_endpoint"] = json!(endpoint);
        let refusal = json!({"error": "invalid_redirect_uri", "error_description": "not registered"});
        behaviour
            .instead
            .insert("/par", Canned::new(400, refusal.to_string()));
    });
    let result = world.begin().await;
    assert!(matches!(result, Err(ProviderError::Misconfigured(text)) if text.contains("not registered")));
}

#[tokio::test]
async fn a_weak_verifier_is_never_sent() {
    let world = World::new().await;
    let mut login = login();
    login.pkce_verifier = Secret::new("short");
    assert!(world.begin_as(&login).await.is_err());
}

#[tokio::test]
async fn an_authorization_endpoint_keeps_its_own_query() {
    let world = World::new().await;
    world.provider.change(|behaviour| {
        let endpoint = format!(
            "{}/authorize?policy=p1",
            behaviour.metadata["issuer"].as_str().unwrap()
        );
        behaviour.metadata["authorization_endpoint"] = json!(endpoint);
    });
    let address: Url = world.begin().await.unwrap();
    assert_eq!(pairs(address.query().unwrap())["policy"], "p1");
}
