//! The way out.

use std::collections::BTreeMap;

use url::Url;
use vestibule_provider::Leaving;
use vestibule_provider_testkit::{Shape, Walk, sample};

use crate::Tenant;

async fn leave(shape: Shape) -> (String, BTreeMap<String, String>) {
    let tenant = Tenant::with(shape, |_| {});
    let walk = Walk::new(&tenant).await;
    let login = walk.must_log_in().await;
    let leaving = Leaving {
        upstream: login.upstream,
        return_to: Url::parse("https://broker.example/out").unwrap(),
        state: "a-state".to_owned(),
    };
    let url = walk.provider.logout(&leaving).await.unwrap().expect("a way out");
    (url.path().to_owned(), url.query_pairs().into_owned().collect())
}

#[tokio::test]
async fn a_tenant_with_a_way_out_gets_the_id_token_as_its_hint() {
    let (path, query) = leave(Shape::auth0()).await;
    assert_eq!(path, "/oidc/logout");
    assert_eq!(query["post_logout_redirect_uri"], "https://broker.example/out");
    assert_eq!(query["client_id"], sample::CLIENT_ID);
    assert_eq!(query["state"], "a-state");
    assert_eq!(query["id_token_hint"].matches('.').count(), 2);
}

#[tokio::test]
async fn an_older_tenant_has_a_way_out_of_its_own() {
    let shape = Shape {
        end_session: "",
        ..Shape::auth0()
    };
    let (path, query) = leave(shape).await;
    assert_eq!(path, "/v2/logout");
    assert_eq!(query["returnTo"], "https://broker.example/out");
    assert_eq!(query["client_id"], sample::CLIENT_ID);
    assert_eq!(query.len(), 2, "{query:?}");
}
