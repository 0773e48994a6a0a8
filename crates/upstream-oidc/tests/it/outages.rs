//! A provider that is away, slow, or floods.

use vestibule_provider::{Provider as _, ProviderError};

use crate::world::{Canned, World};

const DISCOVERY: &str = "/.well-known/openid-configuration";

fn unavailable<T: std::fmt::Debug>(result: &Result<T, ProviderError>) {
    assert!(matches!(result, Err(ProviderError::Unavailable(_))), "{result:?}");
}

#[tokio::test]
async fn failures_anywhere_are_outages() {
    for path in [DISCOVERY, "/keys", "/token"] {
        for canned in [
            Canned::new(500, ""),
            Canned::new(502, "<html>"),
            Canned::new(429, ""),
            Canned::new(200, vec![b'x'; 10 * 1024 * 1024]),
        ] {
            let world = World::new().await;
            world.provider.change(|behaviour| {
                behaviour.instead.insert(path, canned);
            });
            unavailable(&world.log_in().await);
        }
    }
}

#[tokio::test]
async fn a_provider_that_never_answers_is_given_up() {
    for path in [DISCOVERY, "/keys", "/token"] {
        let world = World::new().await;
        world.provider.change(|behaviour| {
            behaviour.hanging.insert(path);
        });
        if path != DISCOVERY {
            world.party.ready().await.unwrap();
        }
        tokio::time::pause();
        unavailable(&world.log_in().await);
        tokio::time::resume();
    }
}

#[tokio::test]
async fn redirects_are_not_followed() {
    for path in [DISCOVERY, "/keys", "/token"] {
        let world = World::new().await;
        let elsewhere = format!("{}/elsewhere", world.provider.issuer());
        world.provider.change(|behaviour| {
            behaviour
                .instead
                .insert(path, Canned::new(307, "").with_header("location", elsewhere));
        });
        let result = world.log_in().await;
        assert!(
            matches!(&result, Err(ProviderError::Misconfigured(text)) if text.contains("redirect")),
            "{result:?}"
        );
        assert!(world.provider.seen("/elsewhere").is_empty());
    }
}

#[tokio::test]
async fn a_provider_that_comes_back_is_ready_again_and_is_not_knocked_at_meanwhile() {
    let world = World::new().await;
    world.provider.change(|behaviour| {
        behaviour.instead.insert(DISCOVERY, Canned::new(503, ""));
    });
    for _ in 0..10 {
        unavailable(&world.party.ready().await);
    }
    assert_eq!(world.provider.seen(DISCOVERY).len(), 1);
    world.provider.change(|behaviour| behaviour.instead.clear());
    tokio::time::pause();
    tokio::time::advance(std::time::Duration::from_secs(2)).await;
    tokio::time::resume();
    world.party.ready().await.unwrap();
    world.log_in().await.unwrap();
}

#[tokio::test]
async fn an_error_says_where_and_never_what_was_sent() {
    let world = World::new().await;
    world.provider.change(|behaviour| {
        behaviour
            .instead
            .insert("/token", Canned::new(503, "tell-nobody"));
    });
    let error = world.log_in().await.unwrap_err().to_string();
    assert!(error.contains("/token"), "{error}");
    for secret in [
        "a-code",
        "tell-nobody",
        crate::world::SECRET,
        crate::world::VERIFIER,
    ] {
        assert!(!error.contains(secret), "{error}");
    }
}
