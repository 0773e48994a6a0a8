//! What is said of a workload.

use super::*;

#[tokio::test]
async fn a_workload_that_no_rule_fits_gets_nothing() {
    let world = world().await;
    for (name, value) in [
        ("sub", json!("repo:acme/web:ref:refs/heads/dev")),
        ("sub", json!("repo:acme/web:pull_request:ref:refs/heads/main")),
        ("sub", json!("repo:evil/web:ref:refs/heads/main")),
        ("repository_owner", json!("evil")),
        ("repository_owner", json!(["acme"])),
        ("repository_owner", Value::Null),
        ("kubernetes.io", json!({ "namespace": "dev" })),
        ("kubernetes.io", Value::Null),
        ("aud", json!("https://other.example")),
        ("aud", json!([ISSUER, "https://other.example"])),
        ("iss", json!(CORP)),
        ("iss", json!("https://evil.example")),
        ("jti", Value::Null),
        ("exp", json!(NOW.as_secs() - 61)),
    ] {
        let assertion = workload_assertion(&with(workload(), name, value.clone()));
        let error = refused(&world, &as_workload(&assertion)).await;
        assert_eq!(
            error.code(),
            OAuthErrorCode::InvalidGrant,
            "{name}={value}: {error}"
        );
    }
    let assertion = workload_assertion(&workload());
    let elsewhere = replaced(&as_workload(&assertion), "resource", NOTES);
    let error = refused(&world, &elsewhere).await;
    assert!(matches!(error, TokenError::WorkloadNotAllowed), "{error}");
}

#[tokio::test]
async fn a_workload_needs_no_client_and_is_called_after_its_issuer() {
    let world = world().await;
    let assertion = workload_assertion(&with(workload(), "aud", json!(format!("{ISSUER}/oauth/token"))));
    let answer = granted(&world, &as_workload(&assertion)).await;
    assert_eq!(answer.scope, scopes("files:read"));
    assert!(answer.refresh_token.is_none());
    let claims = world.read(&answer.access_token).await;
    let name = "ci:repo:acme/web:ref:refs/heads/main";
    assert_eq!((claims.sub.as_str(), claims.client_id.as_str()), (name, name));
    assert!(claims.aud.contains(FILES));
}

/// Its rules go by the claims of its assertions, which a token has not.
#[tokio::test]
async fn an_exchange_takes_a_workload_nowhere() {
    let world = World::with(|settings| {
        with_issuers(settings);
        let mut server = crate::fixture::settings().clients.remove(3);
        server.id = client_id("files-server");
        server.introspects = vec![resource(FILES)];
        server.grant_types = vec![GrantType::TokenExchange];
        settings.clients.push(server);
        settings.grants.token_exchange = vec![ClientRule {
            client: client_id("files-server"),
            resource: resource(NOTES),
            scopes: scopes("mcp:read"),
        }];
    })
    .await;
    let token = granted(&world, &as_workload(&workload_assertion(&workload())))
        .await
        .access_token;
    let exchange = [
        ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"),
        ("client_id", "files-server"),
        ("client_secret", SECRET),
        ("subject_token", token.as_str()),
        (
            "subject_token_type",
            "urn:ietf:params:oauth:token-type:access_token",
        ),
        ("resource", NOTES),
    ];
    let error = refused(&world, &exchange).await;
    assert!(matches!(error, TokenError::NoScopeLeft), "{error}");
}

#[tokio::test]
async fn a_workload_is_given_no_scope_that_its_rule_does_not_name() {
    let world = World::with(|settings| {
        with_issuers(settings);
        let mut files = settings.resources.find(&resource(FILES)).unwrap().clone();
        let mut more = files.scopes[0].clone();
        more.scope = "files:write".parse().unwrap();
        files.scopes.push(more);
        settings.resources = vestibule_broker::settings::Resources::new(vec![files], None);
    })
    .await;
    let assertion = workload_assertion(&workload());
    let wide = replaced(&as_workload(&assertion), "scope", "files:read files:write");
    assert_eq!(granted(&world, &wide).await.scope, scopes("files:read"));
}
