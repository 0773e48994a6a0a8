//! What goes along to Auth0.

use vestibule_protocol::ProviderId;
use vestibule_provider::{LoginStep, ProviderError};
use vestibule_provider_auth0::{Api, Auth0Settings, Organization, Permissions};
use vestibule_provider_testkit::{Shape, Walk};
use vestibule_upstream_oidc::{ClientAuth, ProviderOrigin};

use crate::Tenant;

#[tokio::test]
async fn what_the_operator_wrote_down_is_asked_for() {
    let tenant = Tenant::with(Shape::auth0(), |settings| {
        settings.api = Some(Api {
            audience: "https://api.example.com".to_owned(),
            permissions: Permissions::Ignored,
        });
        settings.organization = Some(Organization::parse("org_one"));
        settings.connection = Some("google-oauth2".to_owned());
        settings.extra_params = vec![("screen_hint".to_owned(), "signup".to_owned())];
    });
    let walk = Walk::new(&tenant).await;
    let LoginStep::Redirect(url, _) = walk.begin().await.unwrap() else {
        panic!("a redirect was expected");
    };
    let sent = walk.upstream.authorization_request(&url);
    for (name, value) in [
        ("audience", "https://api.example.com"),
        ("organization", "org_one"),
        ("connection", "google-oauth2"),
        ("screen_hint", "signup"),
        ("scope", "openid profile email offline_access"),
        ("code_challenge_method", "S256"),
    ] {
        assert_eq!(sent.get(name).map(String::as_str), Some(value), "{sent:?}");
    }
}

#[test]
fn no_parameter_stands_in_for_a_rule() {
    for name in [
        "organization",
        "audience",
        "connection",
        "state",
        "nonce",
        "redirect_uri",
        "scope",
    ] {
        let domain = ProviderOrigin::parse("example.eu.auth0.com").unwrap();
        let mut settings = Auth0Settings::new(domain, "client", ClientAuth::None);
        settings.extra_params = vec![(name.to_owned(), "x".to_owned())];
        let refused = settings.into_provider(ProviderId::parse("auth0").unwrap(), "Auth0");
        let error = refused.err().unwrap_or_else(|| panic!("{name} was taken"));
        assert!(
            matches!(error, ProviderError::Misconfigured(_)),
            "{name}: {error:?}"
        );
    }
}
