use std::sync::Arc;
use std::sync::atomic::Ordering;

use async_trait::async_trait;
use http::StatusCode;
use vestibule_protocol::{ProviderId, Timestamp};
use vestibule_provider::{
    Capabilities, LoginContext, LoginStep, Provider, ProviderError, Reply, Standing, UpstreamSession,
};
use vestibule_store_embedded::Embedded;

use crate::world::{Browser, Client, Parts, Redirect, World};

/// A world whose store has gone away.
async fn broken_off() -> (World, Client, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let store = Arc::new(Embedded::open(&folder.path().join("store")).unwrap());
    let world = Parts {
        store: store.clone(),
        ..Parts::default()
    }
    .build()
    .await;
    let client = Client::register(&world, Redirect::Loopback).await;
    store.close().await.unwrap();
    (world, client, folder)
}

#[tokio::test]
async fn an_outage_is_told_to_programs_in_constant_words() {
    let (world, client, _folder) = broken_off().await;
    let answer = client.redeem(&world, "code").await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(answer.error(), "temporarily_unavailable");
    assert_eq!(answer.header("retry-after"), "5");
    assert_eq!(answer.header("cache-control"), "no-store");
    let name = answer.header("x-request-id");
    assert_eq!(
        answer.json()["error_description"],
        format!(
            "The server cannot answer just now. Try again. The operator's log knows this request as {name}."
        )
    );
}

#[tokio::test]
async fn an_outage_is_told_to_people_on_a_page() {
    let (world, client, _folder) = broken_off().await;
    let answer = Browser::new(&world)
        .get(&client.authorize_path(&world, "mcp:read"))
        .await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(answer.page_error(), "temporarily_unavailable");
    assert_eq!(answer.header("retry-after"), "5");
    assert!(answer.body.contains(answer.header("x-request-id")));
    for told in ["store", "closed", "unavailable:"] {
        assert!(!answer.body.contains(told), "{told}");
    }
}

#[tokio::test]
async fn a_panic_is_answered_and_its_message_is_not_told() {
    let world = World::new().await;
    let client = Client::register(&world, Redirect::Loopback).await;
    let mut browser = Browser::new(&world);
    world.entropy.broken.store(true, Ordering::SeqCst);

    let page = browser.get(&client.authorize_path(&world, "mcp:read")).await;
    assert_eq!(page.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(page.page_error(), "server_error");
    assert!(!page.body.contains("a secret in a panic"));

    let metadata = r#"{"redirect_uris":["https://new.example/callback"]}"#;
    let answer = world.post("/oauth/register", "application/json", metadata).await;
    assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(answer.error(), "server_error");
    assert!(!answer.body.contains("a secret in a panic"));
    assert_eq!(answer.header("access-control-allow-origin"), "*");

    world.entropy.broken.store(false, Ordering::SeqCst);
    assert_eq!(
        world
            .post("/oauth/register", "application/json", metadata)
            .await
            .status,
        StatusCode::CREATED
    );
}

#[tokio::test]
async fn every_request_has_a_name_of_its_own() {
    let world = World::new().await;
    let names = [
        world
            .post_form("/oauth/token", &[])
            .await
            .header("x-request-id")
            .to_owned(),
        world
            .post_form("/oauth/token", &[])
            .await
            .header("x-request-id")
            .to_owned(),
        world.get("/account").await.header("x-request-id").to_owned(),
    ];
    assert!(names.iter().all(|name| name.len() == 16), "{names:?}");
    assert!(names[0] != names[1] && names[1] != names[2], "{names:?}");
}

/// A provider that fails in the way that a test asks for.
struct Failing(ProviderId, fn() -> ProviderError);

#[async_trait]
impl Provider for Failing {
    fn id(&self) -> &ProviderId {
        &self.0
    }

    fn display_name(&self) -> &'static str {
        "Failing"
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities::default()
    }

    async fn begin(&self, _login: &LoginContext) -> Result<LoginStep, ProviderError> {
        Err((self.1)())
    }

    async fn complete(&self, _login: &LoginContext, _reply: Reply) -> Result<LoginStep, ProviderError> {
        Err((self.1)())
    }

    async fn recheck(&self, _upstream: &UpstreamSession, _now: Timestamp) -> Result<Standing, ProviderError> {
        Ok(Standing::Unknown)
    }
}

#[rstest::rstest]
#[case(|| ProviderError::Unavailable("10.0.0.7 refused".to_owned()), StatusCode::SERVICE_UNAVAILABLE)]
#[case(|| ProviderError::Misconfigured("10.0.0.7 refused".to_owned()), StatusCode::INTERNAL_SERVER_ERROR)]
#[tokio::test]
async fn a_provider_that_fails_is_not_quoted(
    #[case] error: fn() -> ProviderError,
    #[case] status: StatusCode,
) {
    let provider = Arc::new(Failing(ProviderId::parse("failing").unwrap(), error));
    let world = Parts {
        providers: vec![provider],
        ..Parts::default()
    }
    .build()
    .await;
    let client = Client::register(&world, Redirect::Loopback).await;
    let answer = Browser::new(&world)
        .get(&client.authorize_path(&world, "mcp:read"))
        .await;
    assert_eq!(answer.status, status);
    assert!(!answer.body.contains("10.0.0.7"));
}
