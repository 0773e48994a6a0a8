//! What is said of a user.

use super::*;

#[tokio::test]
async fn an_assertion_about_a_user_that_is_not_right_in_everything_opens_nothing() {
    let world = world().await;
    let later = NOW.as_secs() + 1200;
    for (name, value) in [
        ("iss", json!("https://evil.example")),
        ("iss", json!(CI)),
        ("aud", json!("https://other.example")),
        ("aud", json!([ISSUER, "https://other.example"])),
        ("aud", json!(format!("{ISSUER}/oauth/token"))),
        ("aud", Value::Null),
        ("client_id", json!(APP)),
        ("client_id", Value::Null),
        ("sub", Value::Null),
        ("sub", json!("")),
        ("exp", json!(NOW.as_secs() - 61)),
        ("exp", json!(later)),
        ("exp", Value::Null),
        ("iat", json!(later)),
        ("iat", Value::Null),
        ("jti", Value::Null),
        ("jti", json!("")),
        ("jti", json!("x".repeat(513))),
        ("scope", json!(["mcp:read"])),
        ("resource", json!(7)),
    ] {
        let assertion = user_assertion(&with(id_jag(), name, value.clone()));
        let error = refused(&world, &as_web(&assertion)).await;
        assert_eq!(
            error.code(),
            OAuthErrorCode::InvalidGrant,
            "{name}={value}: {error}"
        );
    }
}

#[tokio::test]
async fn a_client_that_proves_nothing_acts_for_nobody() {
    let world = world().await;
    let assertion = user_assertion(&with(id_jag(), "client_id", json!(APP)));
    let public = [
        ("grant_type", JWT_BEARER),
        ("assertion", &assertion),
        ("client_id", APP),
    ];
    let error = refused(&world, &public).await;
    assert!(matches!(error, TokenError::GrantNotAllowed(_)), "{error}");
    let nobody = [("grant_type", JWT_BEARER), ("assertion", assertion.as_str())];
    let error = refused(&world, &nobody).await;
    assert_eq!(error.code(), OAuthErrorCode::InvalidClient, "{error}");
    let wrong = replaced(&as_web(&assertion), "client_secret", "another secret");
    assert_eq!(
        refused(&world, &wrong).await.code(),
        OAuthErrorCode::InvalidClient
    );
}

#[tokio::test]
async fn a_user_is_the_one_who_would_have_logged_in_and_policy_applies() {
    let world = world().await;
    let answer = granted(&world, &as_web(&user_assertion(&id_jag()))).await;
    assert_eq!(
        answer.scope,
        scopes("mcp:read mcp:write"),
        "policy gives no mcp:admin"
    );
    assert!(answer.refresh_token.is_none());
    let claims = world.read(&answer.access_token).await;
    assert_eq!(claims.sub.as_str(), "local:alice");
    assert_eq!(claims.client_id.as_str(), WEB);
    assert!(claims.aud.contains(NOTES) && !claims.aud.contains(FILES));
}

#[tokio::test]
async fn a_request_narrows_what_the_assertion_says_and_never_widens_it() {
    let world = world().await;
    let read = user_assertion(&with(id_jag(), "scope", json!("mcp:read")));
    let wide = replaced(&as_web(&read), "scope", "mcp:read mcp:write");
    assert_eq!(granted(&world, &wide).await.scope, scopes("mcp:read"));
    let both = user_assertion(&with(id_jag(), "jti", json!("two")));
    let narrow = replaced(&as_web(&both), "scope", "mcp:write");
    assert_eq!(granted(&world, &narrow).await.scope, scopes("mcp:write"));
    let elsewhere = user_assertion(&with(id_jag(), "jti", json!("three")));
    let error = refused(&world, &replaced(&as_web(&elsewhere), "resource", FILES)).await;
    assert_eq!(error.code(), OAuthErrorCode::InvalidTarget);
}

#[tokio::test]
async fn a_client_gets_no_more_for_a_user_than_its_own_scopes() {
    let world = World::with(|settings| {
        with_issuers(settings);
        for client in &mut settings.clients {
            client.scopes = Some(scopes("mcp:read"));
        }
    })
    .await;
    let answer = granted(&world, &as_web(&user_assertion(&id_jag()))).await;
    assert_eq!(answer.scope, scopes("mcp:read"));
}

#[tokio::test]
async fn an_address_counts_where_the_issuer_calls_it_verified_and_nowhere_else() {
    for (verified, given) in [
        (json!(true), "mcp:read mcp:write mcp:admin"),
        (json!(false), "mcp:read mcp:write"),
        (json!("true"), "mcp:read mcp:write"),
        (Value::Null, "mcp:read mcp:write"),
    ] {
        let world = World::with(|settings| {
            with_issuers(settings);
            settings.policy.rules.push(Rule {
                email_domain: Some("example.org".to_owned()),
                scopes: scopes("mcp:admin"),
                ..Rule::default()
            });
        })
        .await;
        let assertion = user_assertion(&with(id_jag(), "email_verified", verified.clone()));
        let answer = granted(&world, &as_web(&assertion)).await;
        assert_eq!(answer.scope, scopes(given), "{verified}");
    }
}
