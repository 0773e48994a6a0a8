//! Auth0 at an upstream that has its addresses, its issuer and its claims.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

mod logout;
mod organization;
mod permissions;
mod request;

use std::sync::Arc;

use async_trait::async_trait;
use vestibule_protocol::{ProviderId, Secret};
use vestibule_provider::{Provider, ProviderError};
use vestibule_provider_auth0::Auth0Settings;
use vestibule_provider_testkit::{
    Algorithm, Bench, Lie, Shape, Upstream, Walk, laws, logout_laws, recheck_laws, sample,
};
use vestibule_upstream_oidc::{ClientAuth, ProviderOrigin, SecretMethod};

/// A tenant, and how the broker is set up for it.
struct Tenant {
    shape: Shape,
    change: fn(&mut Auth0Settings),
}

impl Tenant {
    fn new() -> Self {
        Self::with(Shape::auth0(), |_| {})
    }

    fn with(shape: Shape, change: fn(&mut Auth0Settings)) -> Self {
        Self { shape, change }
    }

    /// How a login fails.
    async fn failure(&self) -> ProviderError {
        let walk = Walk::new(self).await;
        walk.log_in().await.expect_err("the login fails")
    }
}

#[async_trait]
impl Bench for Tenant {
    fn shape(&self) -> Shape {
        self.shape.clone()
    }

    async fn provider(&self, upstream: &Upstream) -> Arc<dyn Provider> {
        let client_auth = ClientAuth::Secret {
            secret: Secret::new(sample::CLIENT_SECRET),
            method: Some(SecretMethod::Post),
        };
        let domain = ProviderOrigin::parse(upstream.origin()).unwrap();
        let mut settings = Auth0Settings::new(domain, sample::CLIENT_ID, client_auth);
        (self.change)(&mut settings);
        let id = ProviderId::parse("auth0").unwrap();
        Arc::new(settings.into_provider(id, "Auth0").unwrap())
    }
}

laws! { Tenant::new() }
recheck_laws! { Tenant::new() }
logout_laws! { Tenant::new() }

#[tokio::test]
async fn the_issuer_is_the_domain_with_a_slash() {
    let tenant = Tenant::new();
    let walk = Walk::new(&tenant).await;
    let identity = walk.must_log_in().await.identity;
    assert_eq!(identity.issuer, Some(format!("{}/", walk.upstream.origin())));
}

#[tokio::test]
async fn an_application_that_signs_with_its_secret_is_told_where_to_change_that() {
    let tenant = Tenant::new();
    let walk = Walk::new(&tenant).await;
    walk.upstream.lie(Lie::ClientSecretAsKey);
    let error = walk.log_in().await.expect_err("a refusal");
    assert!(matches!(error, ProviderError::Misconfigured(_)), "{error:?}");
    let advice = "set the application's JsonWebToken Signature Algorithm to RS256";
    assert!(error.to_string().contains(advice), "{error}");
}

#[tokio::test]
async fn no_algorithm_counts_but_those_that_auth0_has() {
    let shape = Shape {
        algorithm: Algorithm::Es256,
        ..Shape::auth0()
    };
    let error = Tenant::with(shape, |_| {}).failure().await;
    assert!(matches!(error, ProviderError::Rejected(_)), "{error:?}");
}

#[tokio::test]
async fn roles_come_from_the_claim_of_an_action() {
    let shape = Shape::auth0().claim("https://example.com/roles", vec!["editor"]);
    let tenant = Tenant::with(shape, |settings| {
        settings.roles_claim = Some("https://example.com/roles".parse().unwrap());
    });
    let walk = Walk::new(&tenant).await;
    assert_eq!(walk.must_log_in().await.identity.roles, ["editor"]);
}
