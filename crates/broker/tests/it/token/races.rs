use std::sync::Arc;

use tokio::task::JoinSet;
use vestibule_broker::TokenError;

use crate::fixture::World;

const CALLERS: usize = 64;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_64_redemptions_of_one_code_at_most_one_succeeds_and_its_session_ends() {
    let world = Arc::new(World::new().await);
    let code = world.issue_code(|_| {}).await;
    let mut callers = JoinSet::new();
    for _ in 0..CALLERS {
        let (world, code) = (world.clone(), code.clone());
        callers.spawn(async move { world.redeem(&code).await });
    }
    let mut succeeded = Vec::new();
    for result in callers.join_all().await {
        match result {
            Ok(tokens) => succeeded.push(tokens),
            Err(error) => assert!(matches!(error, TokenError::CodeReplayed), "{error}"),
        }
    }
    // None, when a replay ended the session before the first could open it.
    assert!(succeeded.len() <= 1);
    for tokens in &succeeded {
        assert!(world.session_of(tokens).await.is_none());
        assert!(world.is_revoked(tokens).await);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_64_refreshes_with_one_token_all_get_the_same_successor() {
    let world = Arc::new(World::new().await);
    let tokens = world.tokens().await;
    let refresh_token = tokens.refresh_token.clone().unwrap();
    let mut callers = JoinSet::new();
    for _ in 0..CALLERS {
        let (world, refresh_token) = (world.clone(), refresh_token.clone());
        callers.spawn(async move { world.refresh(&refresh_token).await });
    }
    let successors: std::collections::BTreeSet<String> = callers
        .join_all()
        .await
        .into_iter()
        .map(|result| result.expect("tokens").refresh_token.expect("a refresh token"))
        .collect();
    assert_eq!(successors.len(), 1);
    assert_eq!(world.session_of(&tokens).await.unwrap().generation, 1);
    world.refresh(successors.first().unwrap()).await.expect("tokens");
}
