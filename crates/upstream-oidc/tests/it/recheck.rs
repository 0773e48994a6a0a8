//! Whether a user still stands.

use serde_json::{Value, json};
use vestibule_provider::{Provider as _, ProviderError, Standing, UpstreamSession};

use crate::world::{Canned, NOW, World};

/// A login that brought a refresh token.
async fn logged_in() -> (World, UpstreamSession) {
    let world = World::new().await;
    world
        .provider
        .change(|behaviour| behaviour.answer["refresh_token"] = json!("refresh-1"));
    let session = world.log_in().await.unwrap().upstream.unwrap();
    (world, session)
}

fn answers(world: &World, canned: Canned) {
    world.provider.change(|behaviour| {
        behaviour.instead.insert("/token", canned);
    });
}

fn without_id_token(members: Value) -> Canned {
    let mut answer = json!({"access_token": "a", "token_type": "Bearer"});
    crate::world::merge(&mut answer, members);
    Canned::new(200, answer.to_string())
}

#[tokio::test]
async fn a_login_without_a_refresh_token_cannot_be_judged() {
    let world = World::new().await;
    let session = world.log_in().await.unwrap().upstream.unwrap();
    assert!(matches!(
        world.party.recheck(&session, NOW).await,
        Ok(Standing::Unknown)
    ));
    assert_eq!(world.provider.seen("/token").len(), 1);
}

#[tokio::test]
async fn a_user_who_stands_may_get_another_refresh_token() {
    let (world, session) = logged_in().await;
    answers(&world, without_id_token(json!({"refresh_token": "refresh-2"})));
    let Ok(Standing::Good(renewed)) = world.party.recheck(&session, NOW).await else {
        panic!("the user stands");
    };
    assert_eq!(renewed.subject, session.subject);
    assert_eq!(renewed.sid, session.sid);
    let Ok(Standing::Good(_)) = world.party.recheck(&renewed, NOW).await else {
        panic!("the user still stands");
    };
    let sent: Vec<String> = world.provider.seen("/token")[1..]
        .iter()
        .map(|seen| seen.form["refresh_token"].clone())
        .collect();
    assert_eq!(sent, ["refresh-1", "refresh-2"]);
    assert_eq!(
        world.provider.seen("/token")[1].form["grant_type"],
        "refresh_token"
    );
}

#[tokio::test]
async fn the_earlier_refresh_token_stays_where_none_comes() {
    let (world, session) = logged_in().await;
    answers(&world, without_id_token(json!({})));
    let Ok(Standing::Good(renewed)) = world.party.recheck(&session, NOW).await else {
        panic!("the user stands");
    };
    world.party.recheck(&renewed, NOW).await.unwrap();
    assert_eq!(
        world.provider.seen("/token")[2].form["refresh_token"],
        "refresh-1"
    );
}

#[tokio::test]
async fn only_the_providers_word_ends_a_login() {
    let (world, session) = logged_in().await;
    for code in ["invalid_grant", "interaction_required", "login_required"] {
        let refusal = json!({"error": code, "error_description": "the user is disabled"});
        answers(&world, Canned::new(400, refusal.to_string()));
        let standing = world.party.recheck(&session, NOW).await;
        assert!(
            matches!(&standing, Ok(Standing::Gone(text)) if text.contains("the user is disabled")),
            "{code}: {standing:?}"
        );
    }
}

#[tokio::test]
async fn an_outage_ends_no_login() {
    let (world, session) = logged_in().await;
    for canned in [
        Canned::new(500, r#"{"error": "invalid_grant"}"#),
        Canned::new(503, ""),
        Canned::new(429, ""),
        Canned::new(400, "<html>a proxy's own page</html>"),
        Canned::new(403, ""),
        Canned::new(400, r#"{"error": "temporarily_unavailable"}"#),
        Canned::new(200, vec![b' '; 10 * 1024 * 1024]),
        Canned::new(200, "{}"),
    ] {
        answers(&world, canned);
        let result = world.party.recheck(&session, NOW).await;
        assert!(matches!(result, Err(ProviderError::Unavailable(_))), "{result:?}");
    }
}

#[tokio::test]
async fn a_word_of_the_providers_own_counts_only_in_a_refusal() {
    let world = World::with(|upstream| upstream.own_endings = vec!["user_banned".to_owned()]).await;
    world
        .provider
        .change(|behaviour| behaviour.answer["refresh_token"] = json!("refresh-1"));
    let session = world.log_in().await.unwrap().upstream.unwrap();
    let banned = r#"{"code": 400, "error_code": "user_banned", "msg": "User is banned"}"#;
    for canned in [
        Canned::new(200, banned),
        Canned::new(202, banned),
        Canned::new(202, banned),
        Canned::new(302, banned),
        Canned::new(429, banned),
        Canned::new(500, banned),
        Canned::new(502, banned),
        Canned::new(400, format!("{banned}<html>")),
        Canned::new(400, r#"["user_banned"]"#),
        Canned::new(400, r#"{"error_code": ["user_banned"]}"#),
        Canned::new(400, r#"{"msg": "user_banned"}"#),
        // Words of OAuth in the wrong place, and words that end nothing.
        Canned::new(400, r#"{"error_code": "invalid_grant"}"#),
        Canned::new(400, r#"{"error_code": "access_denied"}"#),
        Canned::new(400, r#"{"error_code": "validation_failed"}"#),
        Canned::new(401, r#"{"error": "invalid_client", "error_code": "user_banned"}"#),
        Canned::new(400, r#"{"error": "user_banned"}"#),
    ] {
        let told = format!("{canned:?}");
        answers(&world, canned);
        let result = world.party.recheck(&session, NOW).await;
        assert!(result.is_err(), "{told}: {result:?}");
    }
    answers(&world, Canned::new(400, banned));
    let standing = world.party.recheck(&session, NOW).await;
    assert!(
        matches!(&standing, Ok(Standing::Gone(text)) if text == "user_banned"),
        "{standing:?}"
    );
}

#[tokio::test]
async fn a_refresh_without_an_id_token_is_about_the_same_user() {
    let (world, session) = logged_in().await;
    answers(&world, without_id_token(json!({"refresh_token": "refresh-2"})));
    world
        .provider
        .change(|behaviour| behaviour.userinfo = json!({"sub": "mallory"}));
    let standing = world.party.recheck(&session, NOW).await;
    assert!(matches!(standing, Ok(Standing::Gone(_))), "{standing:?}");
}

#[tokio::test]
async fn userinfo_that_cannot_be_read_ends_no_login_and_loses_no_new_refresh_token() {
    for canned in [
        Canned::new(503, ""),
        Canned::new(401, r#"{"error": "invalid_token"}"#),
        Canned::new(200, "<html>"),
        Canned::new(200, r#"{"sub": 7}"#),
        Canned::new(200, "{}"),
    ] {
        let (world, session) = logged_in().await;
        answers(&world, without_id_token(json!({"refresh_token": "refresh-2"})));
        world.provider.change(|behaviour| {
            behaviour.instead.insert("/userinfo", canned);
        });
        let Ok(Standing::Good(renewed)) = world.party.recheck(&session, NOW).await else {
            panic!("the provider vouched for the user");
        };
        world.party.recheck(&renewed, NOW).await.unwrap();
        assert_eq!(
            world.provider.seen("/token")[2].form["refresh_token"],
            "refresh-2"
        );
    }
}

#[tokio::test]
async fn a_client_that_is_no_longer_known_ends_no_login() {
    let (world, session) = logged_in().await;
    answers(&world, Canned::new(401, r#"{"error": "invalid_client"}"#));
    let result = world.party.recheck(&session, NOW).await;
    assert!(
        matches!(result, Err(ProviderError::Misconfigured(_))),
        "{result:?}"
    );
}

#[tokio::test]
async fn a_new_id_token_is_about_the_same_user_from_the_same_issuer() {
    let (world, session) = logged_in().await;
    let refreshed = async |claims: Value| {
        world
            .provider
            .change(|behaviour| crate::world::merge(&mut behaviour.claims, claims));
        world.party.recheck(&session, NOW).await
    };
    assert!(matches!(
        refreshed(json!({"nonce": null})).await,
        Ok(Standing::Good(_))
    ));
    let standing = refreshed(json!({"sub": "mallory"})).await;
    assert!(matches!(standing, Ok(Standing::Gone(_))), "{standing:?}");
    for claims in [
        json!({"sub": "alice", "aud": "somebody"}),
        json!({"aud": "broker", "iss": "https://x"}),
    ] {
        let result = refreshed(claims.clone()).await;
        assert!(
            matches!(result, Ok(Standing::Unproven(..))),
            "{claims}: {result:?}"
        );
    }
}

#[tokio::test]
async fn an_answer_that_does_not_hold_proves_nothing_and_loses_no_new_refresh_token() {
    let (world, session) = logged_in().await;
    world.provider.change(|behaviour| {
        behaviour.answer["refresh_token"] = json!("refresh-2");
        crate::world::merge(&mut behaviour.claims, json!({"nonce": null, "email": null}));
    });
    for status in [503, 401, 403] {
        world.provider.change(|behaviour| {
            behaviour.instead.insert("/userinfo", Canned::new(status, ""));
        });
        keeps_the_new_token(&world, &session).await;
    }
    world.provider.change(|behaviour| {
        behaviour.instead.clear();
        behaviour.signer = std::sync::Arc::new(crate::world::Signer::new("key-1", "ES256"));
    });
    keeps_the_new_token(&world, &session).await;
}

async fn keeps_the_new_token(world: &World, session: &UpstreamSession) {
    let standing = world.party.recheck(session, NOW).await;
    let Ok(Standing::Unproven(renewed, _)) = &standing else {
        panic!("nothing is proven: {standing:?}");
    };
    world.party.recheck(renewed, NOW).await.unwrap();
    let sent = world.provider.seen("/token");
    assert_eq!(sent.last().unwrap().form["refresh_token"], "refresh-2");
}

#[tokio::test]
async fn another_issuer_under_the_providers_name_is_not_handed_the_refresh_token() {
    let (_, session) = logged_in().await;
    let other = World::new().await;
    let standing = other.party.recheck(&session, NOW).await;
    assert!(matches!(standing, Ok(Standing::Gone(_))), "{standing:?}");
    assert!(other.provider.seen("/token").is_empty());
}

#[tokio::test]
async fn a_login_without_a_refresh_token_is_over_too_once_the_issuer_is_another() {
    let session = World::new().await.log_in().await.unwrap().upstream.unwrap();
    let standing = World::new().await.party.recheck(&session, NOW).await;
    assert!(matches!(standing, Ok(Standing::Gone(_))), "{standing:?}");
}

#[tokio::test]
async fn a_record_that_cannot_be_read_ends_no_login() {
    let (world, mut session) = logged_in().await;
    session.kept = vestibule_provider::Sealed::new("not ours");
    let result = world.party.recheck(&session, NOW).await;
    assert!(matches!(result, Err(ProviderError::Unavailable(_))));
}

#[tokio::test]
async fn the_record_shows_no_token() {
    let (_, session) = logged_in().await;
    assert!(!format!("{session:?}").contains("refresh-1"));
}
