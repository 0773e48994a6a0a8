use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use vestibule_broker::{EndCause, EndpointError as _, IntrospectError};
use vestibule_protocol::{ActiveToken, IntrospectionResponse, OAuthErrorCode};

use crate::fixture::{
    APP, CALLBACK, FILES, ISSUER, NOTES, NOTES_SERVER, SECRET, VERIFIER, WEB, World, alice, basic, client_id,
    params, redemption, replaced, resource, scopes,
};

fn active(response: IntrospectionResponse) -> ActiveToken {
    match response {
        IntrospectionResponse::Active(token) => *token,
        IntrospectionResponse::Inactive => panic!("inactive"),
    }
}

#[tokio::test]
async fn a_public_client_may_not_ask() {
    let world = World::new().await;
    let tokens = world.tokens().await;
    let request = params(&[("token", &tokens.access_token), ("client_id", APP)]);
    let refused = world
        .broker
        .introspect(None, &request)
        .await
        .expect_err("a refusal");
    assert!(matches!(refused, IntrospectError::PublicClient));
    assert_eq!(
        (refused.code(), refused.status()),
        (OAuthErrorCode::InvalidClient, 401)
    );
}

#[tokio::test]
async fn a_wrong_secret_is_owed_a_challenge() {
    let world = World::new().await;
    let header = basic(NOTES_SERVER, "wrong");
    let refused = world
        .broker
        .introspect(Some(&header), &params(&[("token", "x")]))
        .await
        .expect_err("a refusal");
    assert_eq!(refused.status(), 401);
    assert!(refused.wants_basic());
}

#[tokio::test]
async fn a_request_without_a_token_is_invalid() {
    let world = World::new().await;
    let request = params(&[("client_id", NOTES_SERVER), ("client_secret", SECRET)]);
    let refused = world
        .broker
        .introspect(None, &request)
        .await
        .expect_err("a refusal");
    assert!(matches!(refused, IntrospectError::TokenMissing));
}

#[tokio::test]
async fn what_is_no_token_is_inactive() {
    let world = World::new().await;
    let tokens = world.tokens_with("mcp:read openid").await;
    let (rest, _) = tokens.access_token.rsplit_once('.').unwrap();
    let unsigned = format!("{rest}.");
    for wrong in [
        "nonsense",
        "a.b.c",
        "s.0.AAAA",
        &unsigned,
        tokens.id_token.as_deref().unwrap(),
    ] {
        assert!(!world.is_active(wrong).await, "{wrong}");
    }
}

#[tokio::test]
async fn a_token_of_another_resource_is_inactive_to_a_resource_server() {
    let world = World::new().await;
    let code = world
        .issue_code(|grant| {
            grant.resources = vec![resource(FILES)];
            grant.scopes = scopes("files:read");
        })
        .await;
    let tokens = world.redeem(&code).await.expect("tokens");
    assert!(!world.is_active(&tokens.access_token).await);
}

#[tokio::test]
async fn a_token_of_another_client_is_inactive_to_a_client() {
    let world = World::new().await;
    let tokens = world.tokens().await;
    let answer = world.introspect_as(WEB, &tokens.access_token).await;
    assert_eq!(answer, IntrospectionResponse::Inactive);
}

#[tokio::test]
async fn an_expired_token_is_inactive_however_often_it_was_seen() {
    let world = World::new().await;
    let tokens = world.tokens().await;
    assert!(world.is_active(&tokens.access_token).await);
    world.advance(Duration::from_secs(3599));
    assert!(world.is_active(&tokens.access_token).await);
    world.advance(Duration::from_secs(1));
    assert!(!world.is_active(&tokens.access_token).await);
}

#[tokio::test]
async fn a_token_of_an_ended_session_is_inactive_however_often_it_was_seen() {
    let world = World::new().await;
    let tokens = world.tokens().await;
    assert!(world.is_active(&tokens.access_token).await);
    let sid = world.session_of(&tokens).await.unwrap().id;
    assert!(
        world
            .broker
            .end_session(&sid, EndCause::EndedByUser)
            .await
            .unwrap()
    );
    assert!(!world.is_active(&tokens.access_token).await);
}

#[tokio::test]
async fn a_resource_server_is_told_of_a_token_for_it() {
    let world = World::new().await;
    let tokens = world.tokens().await;
    let claims = world.read(&tokens.access_token).await;
    let token = active(world.introspect_as(NOTES_SERVER, &tokens.access_token).await);
    assert_eq!(token.sub, alice().subject);
    assert_eq!(token.aud, [resource(NOTES)]);
    assert_eq!(token.client_id, client_id(APP));
    assert_eq!(token.scope, claims.scope);
    assert_eq!(token.token_type, Some("Bearer"));
    assert_eq!(token.exp, claims.exp.as_secs());
    assert_eq!(token.iat, claims.iat.as_secs());
    assert_eq!(token.jti, Some(claims.jti.to_string()));
    assert_eq!(token.sid, claims.sid);
    assert_eq!(token.username.as_deref(), Some("alice"));
}

#[tokio::test]
async fn a_resource_server_is_not_told_of_the_other_resources_in_a_token() {
    let world = World::new().await;
    let code = world
        .issue_code(|grant| {
            grant.resources = vec![resource(FILES), resource(NOTES)];
            grant.scopes = scopes("files:read mcp:read");
        })
        .await;
    let tokens = world.redeem(&code).await.expect("tokens");
    let token = active(world.introspect_as(NOTES_SERVER, &tokens.access_token).await);
    assert_eq!(token.aud, [resource(NOTES)]);
}

#[tokio::test]
async fn a_client_is_told_of_its_own_tokens() {
    let world = World::new().await;
    let code = world.issue_code(|grant| grant.client_id = client_id(WEB)).await;
    let mut request = replaced(&redemption(&code), "client_id", WEB);
    request.push(("client_secret", SECRET));
    let tokens = world.token(&request).await.expect("tokens");
    let access = active(world.introspect_as(WEB, &tokens.access_token).await);
    assert_eq!(access.aud, [resource(NOTES)]);

    let refresh_token = tokens.refresh_token.unwrap();
    let refresh = active(world.introspect_as(WEB, &refresh_token).await);
    assert_eq!(refresh.token_type, None);
    assert_eq!(
        refresh.exp,
        (world.now() + Duration::from_secs(30 * 24 * 60 * 60)).as_secs()
    );
    // A refresh token is between its client and the broker.
    assert_eq!(
        world.introspect_as(NOTES_SERVER, &refresh_token).await,
        IntrospectionResponse::Inactive
    );
}

#[tokio::test]
async fn a_spent_refresh_token_is_inactive_after_the_grace_window() {
    let world = World::new().await;
    let code = world.issue_code(|grant| grant.client_id = client_id(WEB)).await;
    let as_web = [("client_id", WEB), ("client_secret", SECRET)];
    let redeem = [
        ("grant_type", "authorization_code"),
        ("code", &code),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
    ];
    let tokens = world
        .token(&[redeem.as_slice(), &as_web].concat())
        .await
        .expect("tokens");
    let spent = tokens.refresh_token.unwrap();
    let refresh = [("grant_type", "refresh_token"), ("refresh_token", spent.as_str())];
    world
        .token(&[refresh.as_slice(), &as_web].concat())
        .await
        .expect("tokens");
    assert!(matches!(
        world.introspect_as(WEB, &spent).await,
        IntrospectionResponse::Active(_)
    ));
    world.advance(Duration::from_secs(30));
    assert_eq!(
        world.introspect_as(WEB, &spent).await,
        IntrospectionResponse::Inactive
    );
}

#[tokio::test]
async fn a_wrong_hint_does_not_stop_the_search() {
    let world = World::new().await;
    let tokens = world.tokens().await;
    for hint in ["access_token", "refresh_token", "nonsense"] {
        let request = params(&[
            ("token", tokens.access_token.as_str()),
            ("token_type_hint", hint),
            ("client_id", NOTES_SERVER),
            ("client_secret", SECRET),
        ]);
        active(world.broker.introspect(None, &request).await.expect("an answer"));
    }
}

#[tokio::test]
async fn a_signed_answer_names_who_asked_and_is_no_token() {
    let world = World::new().await;
    let tokens = world.tokens().await;
    let as_public = params(&[("token", &tokens.access_token), ("client_id", APP)]);
    world
        .broker
        .introspect_signed(None, &as_public)
        .await
        .unwrap_err();

    let asked = [
        ("token", tokens.access_token.as_str()),
        ("client_id", NOTES_SERVER),
        ("client_secret", SECRET),
    ];
    let jwt = world
        .broker
        .introspect_signed(None, &params(&asked))
        .await
        .unwrap();
    let part = |place| {
        let segment = jwt.split('.').nth(place).unwrap();
        let bytes = URL_SAFE_NO_PAD.decode(segment).unwrap();
        serde_json::from_slice::<serde_json::Value>(&bytes).unwrap()
    };
    assert_eq!(part(0)["typ"], "token-introspection+jwt");
    let claims = part(1);
    assert_eq!(
        (&claims["aud"], &claims["iss"]),
        (&NOTES_SERVER.into(), &ISSUER.into())
    );
    let answer = &claims["token_introspection"];
    assert_eq!(
        (&answer["active"], &answer["sub"]),
        (&true.into(), &"local:alice".into())
    );
    for absent in ["sub", "exp", "scope", "client_id"] {
        assert!(
            claims.get(absent).is_none(),
            "{absent} would make it look like a token"
        );
    }
    assert!(!world.is_active(&jwt).await);
    assert_eq!(
        world.broker.metadata().introspection_signing_alg_values_supported,
        ["ES256"]
    );
}
