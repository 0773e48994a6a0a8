//! Sessions, as an operator ends them.

use std::sync::Arc;

use vestibule_broker::store::{Cursor, PageRequest, PageSize};
use vestibule_broker::{Operator, SessionFilter};
use vestibule_protocol::{ResourceUri, Subject, TokenResponse};

use crate::fixture::{APP, FILES, NOTES, World, client_id};

fn page(size: usize, after: Option<Cursor>) -> PageRequest {
    PageRequest {
        after,
        size: PageSize::nearest(size),
    }
}

fn filter(user: Option<&str>, client: Option<&str>, resource: Option<&str>) -> SessionFilter {
    SessionFilter {
        user: user.map(|user| Subject::parse(user).unwrap()),
        client: client.map(client_id),
        resource: resource.map(|resource| ResourceUri::parse(resource).unwrap()),
    }
}

/// A session of `user` for `resource`.
async fn session(world: &World, user: &str, resource: &str) -> TokenResponse {
    let code = world
        .issue_code(|grant| {
            Arc::make_mut(&mut grant.identity).subject = Subject::parse(user).unwrap();
            grant.resources = vec![ResourceUri::parse(resource).unwrap()];
        })
        .await;
    world.redeem(&code).await.expect("tokens")
}

async fn end_all(world: &World, filter: &SessionFilter) -> usize {
    let by = Operator::of_account(0);
    let (mut count, mut after) = (0, None);
    for _ in 0..100 {
        let ended = world.broker.end_sessions(&by, filter, &page(1, after)).await;
        let ended = ended.unwrap().expect("a page");
        count += ended.count;
        match ended.next {
            Some(next) => after = Some(next),
            None => return count,
        }
    }
    panic!("it does not end");
}

#[tokio::test]
async fn exactly_the_sessions_that_the_filter_means_are_ended() {
    let everything = [
        ("local:ada", NOTES),
        ("local:ada", FILES),
        ("local:bob", NOTES),
        ("local:bob", FILES),
    ];
    for (filter, meant) in [
        (filter(Some("local:ada"), None, None), vec![0, 1]),
        (filter(Some("local:ada"), None, Some(FILES)), vec![1]),
        (filter(None, None, Some(NOTES)), vec![0, 2]),
        (filter(None, Some(APP), Some(NOTES)), vec![0, 2]),
        (filter(Some("local:bob"), Some("web"), None), vec![]),
        (filter(Some("local:eve"), None, None), vec![]),
        (SessionFilter::default(), vec![0, 1, 2, 3]),
    ] {
        let world = World::new().await;
        let mut tokens = Vec::new();
        for (user, resource) in everything {
            tokens.push(session(&world, user, resource).await);
        }
        assert_eq!(end_all(&world, &filter).await, meant.len(), "{filter:?}");
        for (number, tokens) in tokens.iter().enumerate() {
            let ended = meant.contains(&number);
            assert_eq!(world.is_revoked(tokens).await, ended, "{filter:?}: {number}");
            assert_eq!(
                world.session_of(tokens).await.is_none(),
                ended,
                "{filter:?}: {number}"
            );
        }
    }
}

#[tokio::test]
async fn a_session_is_shown_and_ended_by_its_sid() {
    let world = World::new().await;
    let tokens = session(&world, "local:ada", NOTES).await;
    let other = session(&world, "local:ada", NOTES).await;
    let by = Operator::of_account(0);
    let sid = world.read(&tokens.access_token).await.sid;
    let shown = world.broker.show_session(&by, &sid).await.unwrap();
    assert_eq!(shown.expect("a session").identity.subject.as_str(), "local:ada");
    assert!(world.broker.end_session_as(&by, &sid).await.unwrap());
    assert!(!world.broker.end_session_as(&by, &sid).await.unwrap());
    assert!(world.broker.show_session(&by, &sid).await.unwrap().is_none());
    assert!(world.is_revoked(&tokens).await);
    assert!(!world.is_revoked(&other).await);
}
