//! The provider's keys.

use std::sync::Arc;

use serde_json::json;
use vestibule_provider::{Provider as _, ProviderError};

use crate::world::{Canned, Signer, World, login};

#[tokio::test]
async fn sixty_four_logins_fetch_the_keys_once() {
    let world = Arc::new(World::new().await);
    let logins: Vec<_> = (0..64)
        .map(|_| {
            let world = Arc::clone(&world);
            tokio::spawn(async move { world.log_in().await.map(drop) })
        })
        .collect();
    for login in logins {
        login.await.unwrap().unwrap();
    }
    assert_eq!(world.provider.seen("/keys").len(), 1);
}

#[tokio::test]
async fn keys_that_change_between_two_logins_are_found() {
    let world = World::new().await;
    world.log_in().await.unwrap();
    world.provider.rotate_to(Signer::new("key-2", "EdDSA"));
    world.log_in().await.unwrap();
    assert_eq!(world.provider.seen("/keys").len(), 2);
}

#[tokio::test]
async fn a_key_that_changes_under_its_old_name_is_found() {
    let world = World::new().await;
    world.log_in().await.unwrap();
    world.provider.rotate_to(Signer::new("key-1", "ES256"));
    world.log_in().await.unwrap();
}

#[tokio::test]
async fn made_up_key_ids_do_not_make_the_engine_knock() {
    let world = World::new().await;
    for kid in ["a", "b", "c", "d"] {
        world
            .provider
            .change(|behaviour| behaviour.header["kid"] = json!(kid));
        assert!(matches!(world.log_in().await, Err(ProviderError::Rejected(_))));
    }
    assert_eq!(
        world.provider.seen("/keys").len(),
        2,
        "the first time, and once for a key that is missing"
    );
}

#[tokio::test]
async fn known_keys_outlive_an_outage() {
    let world = World::new().await;
    world.log_in().await.unwrap();
    world.provider.change(|behaviour| {
        behaviour.instead.insert("/keys", Canned::new(503, ""));
    });
    world.log_in().await.unwrap();
    world
        .provider
        .change(|behaviour| behaviour.header["kid"] = json!("unknown"));
    assert!(world.log_in().await.is_err());
    world
        .provider
        .change(|behaviour| behaviour.header["kid"] = json!("key-1"));
    world.log_in().await.unwrap();
}

#[tokio::test]
async fn a_token_without_a_key_id_is_tried_with_every_key_that_fits() {
    let world = World::new().await;
    world.provider.change(|behaviour| {
        let others = [Signer::new("x", "ES256").jwk(), Signer::new("y", "EdDSA").jwk()];
        behaviour.keys.splice(0..0, others);
        behaviour.header = json!({"alg": "ES256"});
    });
    assert!(world.log_in().await.is_ok());
}

#[tokio::test]
async fn keys_of_no_use_are_passed_over() {
    let world = World::new().await;
    world.provider.change(|behaviour| {
        let mut for_encryption = behaviour.keys[0].clone();
        for_encryption["use"] = json!("enc");
        for_encryption["x"] = json!("AAAA");
        let odd = [
            for_encryption,
            json!({"kty": "AKP", "alg": "ML-DSA-44", "kid": "key-1", "pub": "AAAA"}),
            json!({"kty": "oct", "k": "AAAA", "kid": "key-1"}),
            json!({"kty": "RSA", "n": "AQAB", "e": "AQAB", "kid": "key-1"}),
            json!({"kty": "EC", "crv": "P-256", "x": "!", "y": 7, "kid": "key-1"}),
            json!("not a key"),
        ];
        behaviour.keys.splice(0..0, odd);
    });
    assert!(world.log_in().await.is_ok());
}

#[tokio::test]
async fn a_key_for_encryption_signs_nothing() {
    for mark in [
        json!({"use": "enc"}),
        json!({"use": null, "key_ops": ["encrypt"]}),
    ] {
        let world = World::new().await;
        world
            .provider
            .change(|behaviour| crate::world::merge(&mut behaviour.keys[0], mark));
        assert!(matches!(world.log_in().await, Err(ProviderError::Rejected(_))));
    }
}

#[tokio::test]
async fn what_is_no_key_set_is_told() {
    for (canned, unavailable) in [
        (Canned::new(200, "[]"), false),
        (Canned::new(200, "{}"), false),
        (Canned::new(404, "{}"), true),
        (Canned::new(500, "{}"), true),
    ] {
        let world = World::new().await;
        world.provider.change(|behaviour| {
            behaviour.instead.insert("/keys", canned);
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
async fn beginning_needs_no_keys() {
    let world = World::new().await;
    world.party.begin(&login()).await.unwrap();
    assert!(world.provider.seen("/keys").is_empty());
}
