//! What the operator decides about documents.

use super::*;

#[tokio::test]
async fn switched_off_no_document_is_fetched() {
    let (_, shelf) = world().await;
    let world = world_with(&shelf, |settings| settings.client_documents.enabled = false).await;
    assert_eq!(refusal(&world, &asking(APP)).await, DocumentRefusal::Disabled);
    assert_eq!(shelf.fetched(), 0);
}

#[tokio::test]
async fn this_machine_is_a_host_where_the_operator_says_so_alone() {
    const LOCAL: &str = "http://localhost:4711/client.json";
    let shelf = Shelf::new();
    shelf.serve(LOCAL, &document(LOCAL));
    let world = world_with(&shelf, |settings| {
        settings.client_documents.hosts = DocumentHosts::AlsoThisMachine;
    })
    .await;
    assert!(comes_in(&world, LOCAL).await);
}

#[tokio::test]
async fn the_operator_lets_in_and_shuts_out_by_host_and_by_document() {
    const OTHER: &str = "https://deep.app.example/client.json";
    for (allow, block, lets_in) in [
        (&[][..], &[][..], [true, true]),
        (&["app.example"], &[], [true, false]),
        (&["*.app.example"], &[], [false, true]),
        (&["app.example", "*.app.example"], &[], [true, true]),
        (&["*.example"], &["deep.app.example"], [true, false]),
        (&[APP], &[], [true, false]),
        (&[], &[APP], [false, true]),
        (&["*.pp.example", "pp.example"], &[], [false, false]),
    ] {
        let shelf = Shelf::new();
        for id in [APP, OTHER] {
            shelf.serve(id, &document(id));
        }
        let patterns = |texts: &[&str]| texts.iter().map(|text| text.parse().unwrap()).collect();
        let world = world_with(&shelf, |settings| {
            settings.client_documents.allow = patterns(allow);
            settings.client_documents.block = patterns(block);
        })
        .await;
        for (id, comes) in [APP, OTHER].into_iter().zip(lets_in) {
            assert_eq!(comes_in(&world, id).await, comes, "{allow:?} {block:?} {id}");
        }
        assert_eq!(shelf.fetched(), lets_in.iter().filter(|comes| **comes).count());
    }
}

#[tokio::test]
async fn a_document_waits_for_approval_where_the_operator_wants_it() {
    let (_, shelf) = world().await;
    let world = world_with(&shelf, |settings| {
        settings.client_documents.require_approval = true;
    })
    .await;
    let refused = refusal(&world, &asking(APP)).await;
    assert_eq!(refused, DocumentRefusal::AwaitsApproval(client_id(APP)));
    assert!(
        refused
            .to_string()
            .contains(&format!("vestibule clients approve {APP}"))
    );
    // The operator can look at what waits.
    let shown = world
        .broker
        .show_client(&operator(), &client_id(APP))
        .await
        .unwrap();
    assert!(matches!(shown, Some(ClientDetails::Document(document)) if document.read.is_some()));
    let done = world
        .broker
        .approve_client(&operator(), &client_id(APP))
        .await
        .unwrap();
    assert_eq!(done, ClientChange::Done { ended_sessions: 0 });
    assert!(comes_in(&world, APP).await);
    // An approval outlives what was read.
    world.advance(400 * 24 * HOUR);
    assert!(comes_in(&world, APP).await);
}

#[tokio::test]
async fn a_document_may_be_approved_before_anybody_comes_with_it() {
    let (_, shelf) = world().await;
    let world = world_with(&shelf, |settings| {
        settings.client_documents.require_approval = true;
    })
    .await;
    world
        .broker
        .approve_client(&operator(), &client_id(APP))
        .await
        .unwrap();
    assert!(comes_in(&world, APP).await);
    let registered = world
        .broker
        .approve_client(&operator(), &client_id("app"))
        .await
        .unwrap();
    assert_eq!(registered, ClientChange::Configured);
    let unknown = world
        .broker
        .approve_client(&operator(), &client_id("nobody"))
        .await
        .unwrap();
    assert_eq!(unknown, ClientChange::NoDocument);
}

#[tokio::test]
async fn a_blocked_document_is_shut_out_with_its_sessions() {
    let (world, shelf) = world().await;
    let mut alice = Person::default();
    let walk = alice.authorize(&world, &asking(APP)).await;
    alice.log_in(&world, &walk, "alice").await;
    let code = alice.approve(&world, &walk, "mcp:read").await;
    let redeem = replaced(&crate::fixture::redemption(&code), "client_id", APP);
    let tokens = world.token(&redeem).await.unwrap();
    let done = world
        .broker
        .block_client(&operator(), &client_id(APP))
        .await
        .unwrap();
    assert_eq!(done, ClientChange::Done { ended_sessions: 1 });
    assert!(world.is_revoked(&tokens).await);
    for _ in 0..2 {
        let refused = Person::default().try_authorize(&world, &asking(APP)).await;
        assert!(matches!(
            refused,
            Err(AuthorizeError::Page(UntrustedRequest::ClientBlocked))
        ));
        // Nothing that the document says lifts the block.
        world.advance(HOUR);
    }
    assert_eq!(shelf.fetched(), 1);
    world
        .broker
        .unblock_client(&operator(), &client_id(APP))
        .await
        .unwrap();
    assert!(comes_in(&world, APP).await);
}

#[tokio::test]
async fn a_client_may_be_blocked_before_anybody_comes_with_it() {
    let (world, shelf) = world().await;
    world
        .broker
        .block_client(&operator(), &client_id(APP))
        .await
        .unwrap();
    let refused = Person::default().try_authorize(&world, &asking(APP)).await;
    assert!(matches!(
        refused,
        Err(AuthorizeError::Page(UntrustedRequest::ClientBlocked))
    ));
    assert_eq!(shelf.fetched(), 0);
}

#[tokio::test]
async fn a_forgotten_document_is_read_anew() {
    let (world, shelf) = world().await;
    assert!(comes_in(&world, APP).await);
    world
        .broker
        .delete_client(&operator(), &client_id(APP))
        .await
        .unwrap();
    assert!(comes_in(&world, APP).await);
    assert_eq!(shelf.fetched(), 2);
}
