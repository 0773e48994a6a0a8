use std::sync::Arc;

use axum::body::Body;
use http::{Request, StatusCode};
use serde_json::Value;
use tower::ServiceExt as _;
use vestibule_store_embedded::Embedded;

use crate::world::{Parts, TENANT, World};

const PATHS: [&str; 3] = ["/healthz", "/readyz", "/readyz/login"];

async fn ask(world: &World, path: &str) -> (StatusCode, Value) {
    let request = Request::get(path).body(Body::empty()).unwrap();
    let answer = world.health.clone().oneshot(request).await.unwrap();
    let status = answer.status();
    let body = axum::body::to_bytes(answer.into_body(), 10_000).await.unwrap();
    (status, serde_json::from_slice(&body).unwrap_or_default())
}

#[tokio::test]
async fn the_world_is_not_told_how_the_program_stands() {
    let world = World::new().await;
    for path in PATHS {
        assert_eq!(world.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test]
async fn the_program_is_alive_and_ready() {
    let world = World::of(TENANT).await;
    for path in PATHS {
        assert_eq!(ask(&world, path).await.0, StatusCode::OK, "{path}");
    }
    let (_, report) = ask(&world, "/readyz").await;
    assert_eq!(report["status"], "ready");
    assert_eq!(report["keys"], "ok");
}

#[tokio::test]
async fn without_its_store_the_program_is_alive_and_not_ready() {
    let folder = tempfile::tempdir().unwrap();
    let store = Arc::new(Embedded::open(&folder.path().join("store")).unwrap());
    let world = Parts {
        store: store.clone(),
        ..Parts::default()
    }
    .build()
    .await;
    store.close().await.unwrap();
    assert_eq!(ask(&world, "/healthz").await.0, StatusCode::OK);
    let (status, report) = ask(&world, "/readyz").await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(report["store"], "does not answer");
}

#[tokio::test]
async fn a_program_that_is_about_to_stop_is_alive_and_not_ready() {
    let world = World::new().await;
    world.leaving.begin();
    assert_eq!(ask(&world, "/healthz").await.0, StatusCode::OK);
    for path in ["/readyz", "/readyz/login"] {
        let (status, report) = ask(&world, path).await;
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE, "{path}");
        assert_eq!(report["status"], "stopping", "{path}");
    }
    let served = world.get("/.well-known/oauth-authorization-server").await;
    assert_eq!(served.status, StatusCode::OK, "what is asked is answered");
}
