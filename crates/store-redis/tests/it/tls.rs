//! Redis behind TLS.

use vestibule_broker::store::Keys;
use vestibule_redis_testkit::Redis;
use vestibule_store_redis::{OpenError, RedisSettings, RedisStore};

use crate::world::{install_tls, settings};

#[tokio::test]
async fn a_server_is_believed_if_the_authority_vouches_for_it() {
    install_tls();
    let (server, authority) = Redis::encrypted();
    let url = format!("rediss://127.0.0.1:{}", server.port());
    let known = RedisSettings {
        authority: Some(authority),
        ..settings(&url, "v:")
    };
    let store = RedisStore::open(known).await.unwrap();
    assert_eq!(store.load_keys().await.unwrap(), None);

    let unknown = RedisStore::open(settings(&url, "v:")).await.unwrap_err();
    assert!(matches!(unknown, OpenError::Trouble(_)), "{unknown}");
}

#[tokio::test]
async fn a_file_that_holds_no_certificate_is_refused() {
    install_tls();
    let broken = RedisSettings {
        authority: Some(b"-----BEGIN CERTIFICATE-----\nno\n-----END CERTIFICATE-----\n".to_vec()),
        ..settings("rediss://127.0.0.1:1", "v:")
    };
    let refused = RedisStore::open(broken).await.unwrap_err();
    assert!(refused.to_string().contains("[store] ca_file"), "{refused}");
}
