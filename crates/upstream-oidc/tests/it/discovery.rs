//! The discovery document.

use serde_json::{Value, json};
use vestibule_provider::{Provider as _, ProviderError};
use vestibule_upstream_oidc::IssuerRule;

use crate::world::{Canned, World, merge, party};

const PLACE: &str = "/.well-known/openid-configuration";

async fn misconfigured(world: &World, about: &str) {
    match world.party.ready().await {
        Err(ProviderError::Misconfigured(text)) => {
            assert!(text.contains(about), "{text:?} says nothing of {about:?}");
        }
        other => panic!("a setting to change was expected, not {other:?}"),
    }
}

async fn with_metadata(members: Value) -> World {
    let world = World::new().await;
    world
        .provider
        .change(|behaviour| merge(&mut behaviour.metadata, members));
    world
}

#[tokio::test]
async fn an_issuer_that_differs_in_a_slash_is_told_what_to_write() {
    let world = World::new().await;
    let issuer = format!("{}/", world.provider.issuer());
    world
        .provider
        .change(|behaviour| behaviour.metadata["issuer"] = json!(issuer));
    misconfigured(&world, &format!("issuer = \"{issuer}\"")).await;
}

#[tokio::test]
async fn an_issuer_with_a_slash_is_compared_with_it() {
    let world = World::with(|upstream| upstream.issuer.push('/')).await;
    let issuer = format!("{}/", world.provider.issuer());
    world.provider.change(|behaviour| {
        behaviour.metadata["issuer"] = json!(issuer);
        behaviour.claims["iss"] = json!(issuer);
    });
    assert!(world.log_in().await.is_ok());
}

#[tokio::test]
async fn another_issuers_document_is_refused() {
    misconfigured(
        &with_metadata(json!({"issuer": "https://other.example.com"})).await,
        "other.example.com",
    )
    .await;
    misconfigured(&with_metadata(json!({"issuer": null})).await, "issuer").await;
    misconfigured(&with_metadata(json!({"issuer": 7})).await, "issuer").await;
}

#[tokio::test]
async fn an_issuer_of_many_tenants_is_refused_where_nobody_chose_it() {
    let world = World::new().await;
    let template = format!("{}/{{tenantid}}/v2.0", world.provider.issuer());
    world
        .provider
        .change(|behaviour| behaviour.metadata["issuer"] = json!(template));
    misconfigured(&world, "allowed_tenants").await;
}

#[tokio::test]
async fn a_document_that_lacks_an_endpoint_names_it() {
    for name in ["authorization_endpoint", "token_endpoint", "jwks_uri"] {
        misconfigured(&with_metadata(json!({name: null})).await, name).await;
        misconfigured(&with_metadata(json!({name: 7})).await, name).await;
        misconfigured(&with_metadata(json!({name: "no url"})).await, name).await;
        misconfigured(&with_metadata(json!({name: "javascript:alert(1)"})).await, name).await;
        misconfigured(
            &with_metadata(json!({name: "https://user:pass@example.com/"})).await,
            name,
        )
        .await;
    }
}

#[tokio::test]
async fn odd_forms_of_a_good_document_are_read() {
    let world = with_metadata(json!({
        "userinfo_endpoint": null, "claims_parameter_supported": "true", "id_token_signing_alg_values_supported": ["none", "XX", 7],
        "subject_types_supported": "public", "response_types_supported": null, "something_new": {"a": [1.5]},
        "require_pushed_authorization_requests": "false", "code_challenge_methods_supported": null,
    }))
    .await;
    assert!(world.log_in().await.is_ok());
}

#[tokio::test]
async fn what_is_no_document_is_a_wrong_issuer() {
    for canned in [
        Canned::new(404, "nothing here"),
        Canned::new(200, "<html>"),
        Canned::new(200, "[]"),
        Canned::new(302, "").with_header("location", "http://127.0.0.1:1/"),
    ] {
        let world = World::new().await;
        world.provider.change(|behaviour| {
            behaviour.instead.insert(PLACE, canned);
        });
        let result = world.party.ready().await;
        assert!(
            matches!(result, Err(ProviderError::Misconfigured(_))),
            "{result:?}"
        );
    }
}

#[tokio::test]
async fn an_issuer_that_is_no_url_is_refused_at_once() {
    let provider = crate::world::UpstreamProvider::start().await;
    for issuer in ["", "accounts.example.com", "file:///etc/passwd", "mailto:a@b"] {
        let result = party(&provider, |upstream| upstream.issuer = issuer.to_owned(), ());
        assert!(matches!(result, Err(ProviderError::Misconfigured(_))), "{issuer}");
    }
}

#[tokio::test]
async fn extra_query_parameters_are_sent() {
    let world = World::with(|upstream| {
        upstream.discovery_query = vec![("client_id".to_owned(), "broker".to_owned())];
    })
    .await;
    world.party.ready().await.unwrap();
    assert_eq!(world.provider.seen(PLACE)[0].query["client_id"], "broker");
}

#[tokio::test]
async fn the_document_is_read_once_for_many_logins() {
    let world = World::new().await;
    let begun = (0..64).map(|_| {
        let party = std::sync::Arc::clone(&world.party);
        tokio::spawn(async move { party.begin(&crate::world::login()).await.map(drop) })
    });
    for begun in begun.collect::<Vec<_>>() {
        begun.await.unwrap().unwrap();
    }
    assert_eq!(world.provider.seen(PLACE).len(), 1);
}

#[tokio::test]
async fn another_name_of_the_issuer_counts_where_it_is_known() {
    let world = World::with(|upstream| {
        upstream.issuer_rule = IssuerRule::AlsoCalled(vec!["accounts.example.com".to_owned()]);
    })
    .await;
    assert!(
        world
            .log_in_with(json!({"iss": "accounts.example.com"}))
            .await
            .is_ok()
    );
    assert!(
        world
            .log_in_with(json!({"iss": "accounts.example.net"}))
            .await
            .is_err()
    );
}

#[tokio::test]
async fn of_many_tenants_only_the_chosen_ones_come_in() {
    let world = World::with(|upstream| {
        upstream.issuer.push_str("/common/v2.0");
        upstream.issuer_rule = IssuerRule::OfTenant(vec!["t1".to_owned()]);
        upstream.claims.subject = ["tid", "oid"].map(|name| name.parse().unwrap()).to_vec();
    })
    .await;
    let base = world.provider.issuer();
    world.provider.change(|behaviour| {
        behaviour.metadata["issuer"] = json!(format!("{base}/{{tenantid}}/v2.0"));
        let document = Canned::new(200, behaviour.metadata.to_string());
        behaviour
            .instead
            .insert("/common/v2.0/.well-known/openid-configuration", document);
    });
    let of =
        |issuer: &str, tid: &str| json!({"iss": format!("{base}/{issuer}/v2.0"), "tid": tid, "oid": "o1"});
    let done = world.log_in_with(of("t1", "t1")).await.unwrap();
    assert_eq!(done.identity.subject.as_str(), "upstream:t1.o1");
    assert!(matches!(
        world.log_in_with(of("t2", "t2")).await,
        Err(ProviderError::Denied(_))
    ));
    assert!(matches!(
        world.log_in_with(of("t2", "t1")).await,
        Err(ProviderError::Rejected(_))
    ));
    assert!(matches!(
        world.log_in_with(of("{tenantid}", "{tenantid}")).await,
        Err(ProviderError::Denied(_))
    ));
    assert!(matches!(
        world
            .log_in_with(json!({"iss": format!("{base}/t1/v2.0"), "tid": null}))
            .await,
        Err(ProviderError::Rejected(_))
    ));
}

#[tokio::test]
async fn many_tenants_need_a_subject_that_tells_them_apart() {
    let provider = crate::world::UpstreamProvider::start().await;
    let rule = IssuerRule::OfTenant(vec!["t1".to_owned()]);
    let result = party(&provider, |upstream| upstream.issuer_rule = rule, ());
    assert!(matches!(result, Err(ProviderError::Misconfigured(text)) if text.contains("tid")));
}
