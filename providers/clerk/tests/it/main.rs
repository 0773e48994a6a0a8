//! Clerk at an upstream that has its addresses.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod backend;

use std::sync::Arc;

use async_trait::async_trait;
use vestibule_outbound::Reach;
use vestibule_protocol::{ProviderId, Secret};
use vestibule_provider::{LoginStep, Provider, ProviderError};
use vestibule_provider_clerk::{Clerk, ClerkSettings, PublishableKey, SecretKey};
use vestibule_provider_testkit::{Algorithm, Bench, Lie, Shape, Upstream, Walk, laws, recheck_laws, sample};
use vestibule_upstream_oidc::{NonceRule, ProviderOrigin};

/// An application at Clerk, and how the broker is set up for it.
struct Application {
    shape: Shape,
    change: fn(&mut ClerkSettings),
}

impl Application {
    fn new() -> Self {
        Self::with(|_| {})
    }

    fn with(change: fn(&mut ClerkSettings)) -> Self {
        Self {
            shape: Shape::clerk(),
            change,
        }
    }
}

#[async_trait]
impl Bench for Application {
    fn shape(&self) -> Shape {
        self.shape.clone()
    }

    async fn provider(&self, upstream: &Upstream) -> Arc<dyn Provider> {
        let mut settings = settings(upstream.origin());
        (self.change)(&mut settings);
        Arc::new(build(settings).unwrap())
    }
}

fn settings(frontend_api: &str) -> ClerkSettings {
    ClerkSettings {
        publishable_key: None,
        frontend_api: Some(ProviderOrigin::parse(frontend_api).unwrap()),
        client_id: sample::CLIENT_ID.to_owned(),
        client_secret: Some(Secret::new(sample::CLIENT_SECRET)),
        secret_key: None,
        api: ProviderOrigin::parse(ClerkSettings::API).unwrap(),
        scopes: None,
        nonce_rule: NonceRule::Required,
        reach: Reach::Public,
    }
}

fn build(settings: ClerkSettings) -> Result<Clerk, ProviderError> {
    settings.into_provider(ProviderId::parse("clerk").unwrap(), "Clerk")
}

fn secret_key(text: &str) -> SecretKey {
    SecretKey::parse(&Secret::new(text)).unwrap()
}

laws! { Application::new() }
recheck_laws! { Application::new() }

#[tokio::test]
async fn an_access_token_alone_lets_nobody_in() {
    let application = Application {
        shape: Shape::clerk().access_token_claim("email", "ada@example.com"),
        ..Application::new()
    };
    let walk = Walk::new(&application).await;
    walk.upstream.lie(Lie::NoIdToken);
    let error = walk.log_in().await.expect_err("a refusal");
    assert!(matches!(error, ProviderError::Rejected(_)), "{error:?}");
    assert!(error.to_string().contains("openid"), "{error}");
}

#[tokio::test]
async fn no_algorithm_counts_but_clerk_s() {
    let application = Application {
        shape: Shape {
            algorithm: Algorithm::Es256,
            ..Shape::clerk()
        },
        ..Application::new()
    };
    let walk = Walk::new(&application).await;
    let error = walk.log_in().await.expect_err("a refusal");
    assert!(matches!(error, ProviderError::Rejected(_)), "{error:?}");
}

#[tokio::test]
async fn a_token_without_a_nonce_is_taken_only_on_purpose_and_a_wrong_one_never() {
    let application = Application::with(|settings| settings.nonce_rule = NonceRule::WherePresent);
    let walk = Walk::new(&application).await;
    walk.upstream.lie(Lie::NoNonce);
    walk.must_log_in().await;
    walk.upstream.lie(Lie::AnotherNonce);
    assert!(matches!(walk.log_in().await, Err(ProviderError::Rejected(_))));
}

#[tokio::test]
async fn a_refresh_token_is_asked_for_only_where_nothing_else_can_tell() {
    for (change, scope) in [
        (
            (|_| {}) as fn(&mut ClerkSettings),
            "openid profile email offline_access",
        ),
        (
            |settings| settings.secret_key = Some(secret_key("sk_test_abc")),
            "openid profile email",
        ),
    ] {
        let application = Application::with(change);
        let walk = Walk::new(&application).await;
        let LoginStep::Redirect(url, _) = walk.begin().await.unwrap() else {
            panic!("a redirect was expected");
        };
        assert_eq!(walk.upstream.authorization_request(&url)["scope"], scope);
    }
}

#[tokio::test]
async fn clerk_has_no_way_out_and_tells_of_no_logouts() {
    let application = Application::new();
    let walk = Walk::new(&application).await;
    let capabilities = walk.provider.capabilities();
    assert!(!capabilities.logout && !capabilities.back_channel_logout);
    let token = walk.upstream.logout_token(|_| {});
    let refused = walk.provider.read_logout_token(&token, sample::NOW).await;
    assert!(matches!(refused, Err(ProviderError::Rejected(_))), "{refused:?}");
}

#[test]
fn keys_of_two_instances_are_refused() {
    let mut mixed = settings("https://clerk.example.com");
    mixed.publishable_key = Some(PublishableKey::parse("pk_test_ZXhhbXBsZS5hY2NvdW50cy5kZXYk").unwrap());
    mixed.secret_key = Some(secret_key("sk_live_abc"));
    let refused = build(mixed.clone()).err().expect("a refusal");
    assert!(refused.to_string().contains("two instances"), "{refused}");
    mixed.secret_key = Some(secret_key("sk_test_abc"));
    assert!(build(mixed).is_ok());
}
