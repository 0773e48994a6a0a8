//! Organizations: what the ID token says counts, not what was asked for.

use vestibule_provider::{ProviderError, Standing};
use vestibule_provider_auth0::{Auth0Settings, Organization};
use vestibule_provider_testkit::{Shape, Walk, sample};

use crate::Tenant;

fn by_id(settings: &mut Auth0Settings) {
    settings.organization = Some(Organization::parse("org_one"));
}

fn by_name(settings: &mut Auth0Settings) {
    settings.organization = Some(Organization::parse("Acme"));
}

async fn denied(shape: Shape, change: fn(&mut Auth0Settings)) {
    let error = Tenant::with(shape, change).failure().await;
    assert!(matches!(error, ProviderError::Denied(_)), "{error:?}");
}

#[tokio::test]
async fn a_login_to_another_organization_is_denied() {
    denied(Shape::auth0().claim("org_id", "org_two"), by_id).await;
    denied(Shape::auth0().claim("org_id", "ORG_ONE"), by_id).await;
    denied(Shape::auth0().claim("org_name", "other"), by_name).await;
}

#[tokio::test]
async fn a_login_to_no_organization_is_denied() {
    denied(Shape::auth0(), by_id).await;
    denied(Shape::auth0(), by_name).await;
    denied(Shape::auth0().claim("org_id", ""), by_id).await;
    denied(Shape::auth0().claim("org_id", vec!["org_one"]), by_id).await;
}

#[tokio::test]
async fn a_name_is_no_id_and_an_id_no_name() {
    denied(Shape::auth0().claim("org_name", "org_one"), by_id).await;
    denied(Shape::auth0().claim("org_id", "acme"), by_name).await;
}

#[tokio::test]
async fn a_login_to_the_organization_is_let_in() {
    for (shape, change) in [
        (
            Shape::auth0().claim("org_id", "org_one"),
            by_id as fn(&mut Auth0Settings),
        ),
        (Shape::auth0().claim("org_name", "acme"), by_name),
    ] {
        let tenant = Tenant::with(shape, change);
        let walk = Walk::new(&tenant).await;
        let login = walk.must_log_in().await;
        let session = login.upstream.expect("something to ask again with");
        let standing = walk.provider.recheck(&session, sample::NOW).await;
        assert!(matches!(standing, Ok(Standing::Good(_))), "{standing:?}");
    }
}
