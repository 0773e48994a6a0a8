//! How many sessions there are.

use futures_util::{StreamExt as _, stream};
use vestibule_broker::record::Session;
use vestibule_broker::store::Sessions;
use vestibule_redis_testkit::{Cluster, Redis};
use vestibule_store_testkit::sample::{NOW, after, session, session_id, usual_session};

use crate::world::{open, until_it_answers};

#[tokio::test]
async fn those_that_ended_or_expired_are_not_counted() {
    let cluster = Cluster::start();
    let store = open(&cluster.url()).await;
    assert_eq!(store.count_sessions(NOW).await.unwrap(), 0);
    for number in 0..9 {
        let session = session(&format!("s{number}"), "alice", "c");
        store.open_session(session, NOW).await.unwrap();
    }
    let short = Session {
        idle_until: after(50),
        ..session("short", "alice", "c")
    };
    store.open_session(short, NOW).await.unwrap();
    store
        .end_session(&session_id("s3"), after(600), NOW)
        .await
        .unwrap();
    assert_eq!(store.count_sessions(NOW).await.unwrap(), 9);
    assert_eq!(store.count_sessions(after(50)).await.unwrap(), 8);
    assert_eq!(store.count_sessions(after(100)).await.unwrap(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_among_other_keys_the_number_is_about_right() {
    let server = Redis::with(&["--enable-debug-command yes"]);
    let store = &open(&server.url()).await;
    stream::iter(0..3000)
        .for_each_concurrent(16, |number| async move {
            let open = async || store.open_session(usual_session(number, NOW), NOW).await;
            until_it_answers(open).await;
        })
        .await;
    server.ask(&["DEBUG", "POPULATE", "6000", "another"]);
    let counted = store.count_sessions(NOW).await.unwrap();
    // Five times as far off as it usually is.
    assert!((2400..3600).contains(&counted), "{counted}");
}
