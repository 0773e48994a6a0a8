//! When a document is read, and when not.

use super::*;

#[tokio::test]
async fn a_document_is_read_once_while_it_is_fresh() {
    let (world, shelf) = world().await;
    for _ in 0..3 {
        assert!(comes_in(&world, APP).await);
    }
    let other = world.replica(crate::fixture::secrets("one", &[])).await;
    let found = other.broker.find_client(&client_id(APP)).await.unwrap();
    assert!(found.is_some(), "the store is shared");
    assert_eq!(shelf.fetched(), 1);
    world.advance(5 * MINUTE);
    assert!(comes_in(&world, APP).await);
    assert_eq!(shelf.fetched(), 2);
}

#[tokio::test]
async fn a_documents_headers_count_within_bounds() {
    for (says, is_fresh_for) in [
        (None, 5 * MINUTE),
        (Some(Duration::ZERO), 5 * MINUTE),
        (Some(HOUR), HOUR),
        (Some(1000 * HOUR), 24 * HOUR),
    ] {
        let shelf = Shelf::new();
        shelf.serve_for(APP, &document(APP), says);
        let world = world_with(&shelf, |_| {}).await;
        assert!(comes_in(&world, APP).await);
        world.advance(is_fresh_for.saturating_sub(Duration::from_millis(1)));
        assert!(comes_in(&world, APP).await);
        assert_eq!(shelf.fetched(), 1, "{says:?}");
        world.advance(Duration::from_millis(1));
        assert!(comes_in(&world, APP).await);
        assert_eq!(shelf.fetched(), 2, "{says:?}");
    }
}

#[tokio::test]
async fn of_many_who_ask_at_once_one_reads_the_document() {
    let shelf = Shelf::behind_a_gate();
    shelf.serve(APP, &document(APP));
    let world = Arc::new(world_with(&shelf, |_| {}).await);
    let asking = (0..8).map(|_| {
        let world = world.clone();
        tokio::spawn(async move { comes_in(&world, APP).await })
    });
    let asking: Vec<_> = asking.collect();
    while shelf.fetched() == 0 {
        tokio::task::yield_now().await;
    }
    shelf.open();
    for one in asking {
        assert!(one.await.unwrap());
    }
    assert_eq!(shelf.fetched(), 1);
}

#[tokio::test]
async fn a_document_that_is_refused_is_not_asked_for_at_once_again() {
    let shelf = Shelf::new();
    let world = world_with(&shelf, |_| {}).await;
    for _ in 0..5 {
        let refused = refusal(&world, &asking(APP)).await;
        assert_eq!(refused, DocumentRefusal::Fetch(FetchError::Status(404)));
        assert_eq!(refused.code(), OAuthErrorCode::InvalidClient);
    }
    assert_eq!(shelf.fetched(), 1);
    shelf.serve(APP, &document(APP));
    world.advance(30 * Duration::from_secs(1));
    assert!(comes_in(&world, APP).await);
}

#[tokio::test]
async fn a_document_that_does_not_hold_makes_no_client() {
    let shelf = Shelf::new();
    shelf.serve(APP, &document("https://app.example/other.json"));
    let world = world_with(&shelf, |_| {}).await;
    let refused = refusal(&world, &asking(APP)).await;
    assert!(matches!(refused, DocumentRefusal::Invalid(..)), "{refused:?}");
    assert_eq!(
        world
            .store
            .find_document(&client_id(APP), world.now())
            .await
            .unwrap(),
        None
    );
}

#[tokio::test]
async fn while_its_host_is_away_a_document_goes_on_for_a_day() {
    let (world, shelf) = world().await;
    assert!(comes_in(&world, APP).await);
    shelf.fail(APP, FetchError::Unreachable("away".to_owned()));
    world.advance(5 * MINUTE);
    assert!(comes_in(&world, APP).await);
    world.advance(24 * HOUR);
    let refused = refusal(&world, &asking(APP)).await;
    assert_eq!(refused.code(), OAuthErrorCode::TemporarilyUnavailable);
}

#[tokio::test]
async fn a_document_that_was_taken_down_takes_its_client_with_it() {
    let (world, shelf) = world().await;
    assert!(comes_in(&world, APP).await);
    for gone in [
        FetchError::Status(404),
        FetchError::Status(301),
        FetchError::TooLarge("large".to_owned()),
    ] {
        shelf.fail(APP, gone.clone());
        world.advance(5 * MINUTE);
        assert_eq!(refusal(&world, &asking(APP)).await, DocumentRefusal::Fetch(gone));
    }
}

#[tokio::test]
async fn the_token_endpoint_fetches_no_address_that_it_does_not_know() {
    let (world, shelf) = world().await;
    let refused = world
        .token(&[
            ("grant_type", "refresh_token"),
            ("refresh_token", "x"),
            ("client_id", APP),
        ])
        .await
        .unwrap_err();
    assert_eq!(
        (refused.code(), refused.status()),
        (OAuthErrorCode::InvalidClient, 401)
    );
    assert!(matches!(
        refused,
        TokenError::Client(AuthenticateError::Document { cause, .. }) if *cause == DocumentRefusal::NeverRead
    ));
    assert_eq!(shelf.fetched(), 0);
}

#[tokio::test]
async fn a_host_is_not_asked_too_often() {
    let shelf = Shelf::new();
    let world = world_with(&shelf, |settings| {
        settings.limits.rule_mut(LimitRule::ClientDocuments).quota.burst = 2;
    })
    .await;
    let asks = async |id| refusal(&world, &asking(id)).await;
    for id in ["https://app.example/1", "https://app.example/2"] {
        assert!(asks(id).await.limited().is_none());
    }
    let limited = asks("https://app.example/3").await.limited().unwrap();
    assert_eq!(limited.rule, LimitRule::ClientDocuments);
    assert!(asks("https://other.example/1").await.limited().is_none());
    assert_eq!(shelf.fetched(), 3);
}

/// Names below a domain are free, so that a limit by host alone would be none.
#[tokio::test]
async fn whoever_makes_up_addresses_is_counted_like_whoever_registers() {
    let shelf = Shelf::new();
    let world = world_with(&shelf, |settings| {
        settings.limits.rule_mut(LimitRule::Registration).quota.burst = 2;
    })
    .await;
    let mut mallory = Person::default();
    mallory.move_to(world.broker.locate("203.0.113.9".parse().unwrap()));
    for number in 0..4 {
        let id: &'static str = format!("https://h{number}.example/c").leak();
        let refused = mallory.try_authorize(&world, &asking(id)).await;
        let Err(AuthorizeError::Page(UntrustedRequest::ClientDocument(refusal))) = refused else {
            panic!("{refused:?}");
        };
        let limited = refusal.limited().map(|limited| limited.rule);
        assert_eq!(limited, (number >= 2).then_some(LimitRule::Registration));
    }
    assert_eq!(shelf.fetched(), 2);
}
