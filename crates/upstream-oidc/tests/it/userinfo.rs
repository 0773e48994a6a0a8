//! Claims that the ID token leaves out.

use serde_json::{Value, json};
use vestibule_provider::ProviderError;
use vestibule_upstream_oidc::EmailTrust;

use crate::world::{CLIENT, Canned, NOW, Signer, World};

/// A world whose ID tokens have no email address.
async fn without_email() -> World {
    let world = World::new().await;
    world.provider.change(|behaviour| {
        crate::world::merge(
            &mut behaviour.claims,
            json!({"email": null, "email_verified": null}),
        );
        behaviour.userinfo = json!({"sub": "alice", "email": "alice@example.com", "email_verified": "true"});
    });
    world
}

fn as_jwt(token: String) -> Canned {
    Canned::new(200, token).with_header("content-type", "application/jwt; charset=utf-8")
}

#[tokio::test]
async fn it_is_not_asked_when_nothing_is_missing() {
    let world = World::new().await;
    world.log_in().await.unwrap();
    assert!(world.provider.seen("/userinfo").is_empty());
}

#[tokio::test]
async fn a_missing_address_is_asked_for_with_the_access_token() {
    let world = without_email().await;
    let done = world.log_in().await.unwrap();
    assert_eq!(done.identity.verified_email(), Some("alice@example.com"));
    let [seen] = world.provider.seen("/userinfo").try_into().unwrap();
    assert_eq!(seen.headers["authorization"], "Bearer an-access-token");
}

#[tokio::test]
async fn an_address_counts_only_by_the_word_of_who_sent_it() {
    let world = World::new().await;
    world.provider.change(|behaviour| {
        crate::world::merge(&mut behaviour.claims, json!({"email_verified": null}));
        behaviour.userinfo = json!({"sub": "alice", "email": "another@example.com", "email_verified": true});
    });
    let done = world.log_in().await.unwrap();
    assert_eq!(done.identity.email.as_deref(), Some("alice@example.com"));
    assert_eq!(done.identity.verified_email(), None);
}

#[tokio::test]
async fn a_verified_address_vouches_for_no_other_claim() {
    let world = World::with(|upstream| upstream.claims.email = "upn".parse().unwrap()).await;
    let done = world
        .log_in_with(json!({"upn": "boss@example.com", "email_verified": true}))
        .await
        .unwrap();
    assert_eq!(done.identity.email.as_deref(), Some("boss@example.com"));
    assert_eq!(done.identity.verified_email(), None);
    let done = world
        .log_in_with(json!({"upn": "alice@example.com"}))
        .await
        .unwrap();
    assert_eq!(done.identity.verified_email(), Some("alice@example.com"));
}

#[tokio::test]
async fn another_users_claims_are_not_used() {
    for userinfo in [
        json!({"sub": "mallory", "email": "m@example.com"}),
        json!({"email": "m@example.com"}),
        json!({"sub": 7}),
    ] {
        let world = without_email().await;
        world.provider.change(|behaviour| behaviour.userinfo = userinfo);
        let result = world.log_in().await;
        assert!(matches!(result, Err(ProviderError::Rejected(text)) if text.contains("another user")));
    }
}

#[tokio::test]
async fn a_signed_answer_is_verified() {
    let world = without_email().await;
    let issuer = world.provider.issuer();
    let header = json!({"alg": "ES256", "kid": "key-1"});
    let claims = json!({"sub": "alice", "email": "alice@example.com", "email_verified": true, "iss": issuer, "aud": CLIENT});
    let give = |token: String| {
        world.provider.change(|behaviour| {
            behaviour.instead.insert("/userinfo", as_jwt(token));
        });
    };
    give(world.provider.sign(&header, &claims));
    assert!(world.log_in().await.unwrap().identity.email_verified);
    let wrong = |members: Value| {
        let mut claims = claims.clone();
        crate::world::merge(&mut claims, members);
        world.provider.sign(&header, &claims)
    };
    let stranger = Signer::new("key-1", "ES256");
    for token in [
        wrong(json!({"iss": "https://other.example.com"})),
        wrong(json!({"aud": "somebody"})),
        wrong(json!({"aud": []})),
        wrong(json!({"exp": NOW.as_secs() - 61})),
        stranger.sign(&header, &claims),
        format!("{}.", crate::world::unsigned(&json!({"alg": "none"}), &claims)),
        String::new(),
    ] {
        give(token.clone());
        assert!(
            matches!(world.log_in().await, Err(ProviderError::Rejected(_))),
            "{token}"
        );
    }
}

#[tokio::test]
async fn an_answer_that_is_none_ends_the_login() {
    for (canned, unavailable) in [
        (Canned::new(200, "not JSON"), false),
        (Canned::new(401, ""), false),
        (Canned::new(503, ""), true),
        (Canned::new(200, vec![b' '; 10 * 1024 * 1024]), true),
    ] {
        let world = without_email().await;
        world.provider.change(|behaviour| {
            behaviour.instead.insert("/userinfo", canned);
        });
        let error = world.log_in().await.unwrap_err();
        assert_eq!(
            matches!(error, ProviderError::Unavailable(_)),
            unavailable,
            "{error}"
        );
    }
}

#[tokio::test]
async fn a_provider_without_userinfo_is_taken_as_it_is() {
    let world = without_email().await;
    world.provider.change(|behaviour| {
        crate::world::merge(&mut behaviour.metadata, json!({"userinfo_endpoint": null}));
    });
    let done = world.log_in().await.unwrap();
    assert_eq!(done.identity.email, None);
}

#[tokio::test]
async fn userinfo_may_stand_where_the_document_does_not_say() {
    let provider = crate::world::UpstreamProvider::start().await;
    provider.change(|behaviour| {
        crate::world::merge(&mut behaviour.metadata, json!({"userinfo_endpoint": null}));
        crate::world::merge(&mut behaviour.claims, json!({"email": null}));
        behaviour.userinfo = json!({"sub": "alice", "email": "alice@example.com"});
    });
    let place = format!("{}/userinfo", provider.issuer()).parse().unwrap();
    let party =
        crate::world::party(&provider, |upstream| upstream.userinfo_endpoint = Some(place), ()).unwrap();
    let world = World {
        provider,
        party: std::sync::Arc::new(party),
    };
    let done = world.log_in().await.unwrap();
    assert_eq!(done.identity.email.as_deref(), Some("alice@example.com"));
}

#[tokio::test]
async fn groups_and_roles_are_found_by_their_places() {
    let world = World::with(|upstream| {
        upstream.claims.groups = Some("cognito:groups".parse().unwrap());
        upstream.claims.roles = Some("realm_access.roles".parse().unwrap());
    })
    .await;
    world.provider.change(|behaviour| {
        behaviour.userinfo = json!({"sub": "alice", "realm_access": {"roles": ["admin", "user"]}});
    });
    let done = world
        .log_in_with(json!({"cognito:groups": ["staff"]}))
        .await
        .unwrap();
    assert_eq!(done.identity.groups, ["staff"]);
    assert_eq!(done.identity.roles, ["admin", "user"]);
}

#[tokio::test]
async fn an_address_is_never_trusted_where_the_provider_does_not_prove_it() {
    let world = World::with(|upstream| upstream.claims.email_trust = EmailTrust::Never).await;
    let done = world.log_in().await.unwrap();
    assert_eq!(done.identity.email.as_deref(), Some("alice@example.com"));
    assert_eq!(done.identity.verified_email(), None);
}
