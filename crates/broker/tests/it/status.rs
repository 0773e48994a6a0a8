use std::time::Duration;

use vestibule_broker::EndCause;
use vestibule_jose::{StatusListClaims, TokenType};

use crate::fixture::World;

#[tokio::test]
async fn there_is_no_list_where_no_bit_was_allotted() {
    let world = World::new().await;
    assert!(world.broker.status_list(4711).await.unwrap().is_none());
}

#[tokio::test]
async fn a_list_is_signed_anew_only_when_a_bit_is_set_or_half_its_life_is_over() {
    let world = World::new().await;
    let tokens = world.tokens().await;
    let session = world.session_of(&tokens).await.unwrap();
    let list = async || {
        world
            .broker
            .status_list(session.status.list)
            .await
            .unwrap()
            .expect("a list")
    };

    let first = list().await;
    world.advance(Duration::from_secs(299));
    assert_eq!(list().await.etag, first.etag);
    world.advance(Duration::from_secs(1));
    let renewed = list().await;
    assert_ne!(renewed.etag, first.etag);

    world
        .broker
        .end_session(&session.id, EndCause::EndedByUser)
        .await
        .unwrap();
    let changed = list().await;
    assert_ne!(changed.etag, renewed.etag);
    assert_eq!(list().await.etag, changed.etag);
}

#[tokio::test]
async fn a_list_says_how_long_it_may_be_believed() {
    let world = World::new().await;
    let tokens = world.tokens().await;
    let list = world.session_of(&tokens).await.unwrap().status.list;
    let published = world.broker.status_list(list).await.unwrap().expect("a list");
    let jwt = std::str::from_utf8(&published.jwt).unwrap();
    let claims: StatusListClaims = world.verify(jwt, TokenType::StatusList).await;
    assert_eq!(claims.sub, format!("https://auth.example/oauth/status/{list}"));
    assert_eq!(claims.exp, world.now() + Duration::from_secs(600));
    assert_eq!(claims.ttl, Some(published.max_age.as_secs()));
}

#[tokio::test]
async fn ending_a_session_that_is_not_there_changes_nothing() {
    let world = World::new().await;
    let tokens = world.tokens().await;
    let sid = world.session_of(&tokens).await.unwrap().id;
    assert!(
        world
            .broker
            .end_session(&sid, EndCause::EndedByUser)
            .await
            .unwrap()
    );
    assert!(
        !world
            .broker
            .end_session(&sid, EndCause::EndedByUser)
            .await
            .unwrap()
    );
}
