//! A password stands in no message.

use vestibule_broker::store::Keys;
use vestibule_redis_testkit::Redis;
use vestibule_store_redis::RedisStore;

use crate::world::{open, settings};

#[tokio::test]
async fn a_wrong_password_is_refused_without_being_quoted() {
    let server = Redis::guarded("the-right-one", &[]);
    let port = server.port();
    for credentials in [":hunter2-wrong@", "nobody:hunter2-wrong@", ""] {
        let settings = settings(&format!("redis://{credentials}127.0.0.1:{port}"), "v:");
        let printed = format!("{settings:?}");
        let refused = RedisStore::open(settings).await.unwrap_err();
        let told = format!("{refused} {refused:?} {printed}");
        assert!(told.contains(&format!("127.0.0.1:{port}")), "{told}");
        assert!(!told.contains("hunter2"), "{told}");
    }
    let store = open(&server.url()).await;
    store.load_keys().await.unwrap();
    assert!(!format!("{store:?}").contains("the-right-one"));
}

#[tokio::test]
async fn a_user_of_redis_sees_only_what_has_the_prefix() {
    let server = Redis::durable();
    let rights = "~v:* +@read +@write +@scripting +@connection +info +role +time +ping";
    let mut command = vec!["ACL", "SETUSER", "broker", "on", ">its-password"];
    command.extend(rights.split(' '));
    assert_eq!(server.ask(&command), "OK");
    let url = format!("redis://broker:its-password@127.0.0.1:{}", server.port());
    let store = open(&url).await;
    store.load_keys().await.unwrap();
    vestibule_broker::store::StatusLists::allot_status(&store, vestibule_store_testkit::sample::after(900))
        .await
        .unwrap();
    let found = store.examine(vestibule_store_testkit::sample::NOW).await.unwrap();
    assert_eq!(found.servers.len(), 1);
    let elsewhere = RedisStore::open(settings(&url, "w:")).await.unwrap();
    elsewhere.load_keys().await.unwrap_err();
}
