//! How laws ask: once, or many at once.

use std::sync::Arc;

use tokio::sync::Barrier;
use vestibule_broker::store::{Store, StoreError};

/// How many tasks race.
pub(crate) const RUNNERS: usize = 64;

/// Starts [`RUNNERS`] tasks from one line, and gathers what they come home with.
pub(crate) async fn race<T, F>(store: &Arc<dyn Store>, run: impl Fn(Arc<dyn Store>, usize) -> F) -> Vec<T>
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let line = Arc::new(Barrier::new(RUNNERS));
    let runners: Vec<_> = (0..RUNNERS)
        .map(|number| {
            let (line, run) = (line.clone(), run(store.clone(), number));
            tokio::spawn(async move {
                line.wait().await;
                run.await
            })
        })
        .collect();
    let mut results = Vec::with_capacity(RUNNERS);
    for runner in runners {
        results.push(runner.await.expect("a runner comes home"));
    }
    results
}

/// What the store says; a law takes no excuse.
pub(crate) async fn answer<T>(asked: impl Future<Output = Result<T, StoreError>>) -> T {
    asked.await.expect("the store answers")
}

/// How many of `results` are as `wanted` says.
pub(crate) fn count<T>(results: &[T], wanted: impl Fn(&T) -> bool) -> usize {
    results.iter().filter(|result| wanted(result)).count()
}
