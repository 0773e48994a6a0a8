use std::sync::Arc;

use http::StatusCode;
use vestibule_store_embedded::Embedded;

use crate::world::{Parts, TENANT, World};

#[tokio::test]
async fn the_program_is_alive_and_ready() {
    let world = World::of(TENANT).await;
    for path in ["/healthz", "/readyz"] {
        assert_eq!(world.get(path).await.status, StatusCode::OK);
    }
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
    assert_eq!(world.get("/healthz").await.status, StatusCode::OK);
    assert_eq!(world.get("/readyz").await.status, StatusCode::SERVICE_UNAVAILABLE);
}
