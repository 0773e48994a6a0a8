use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use tokio::time::advance;
use vestibule_provider::ProviderError;

use super::{COOLDOWN, Cached, REREAD_AFTER, wait_after};

/// A document whose number grows with each fetch, or a provider that is away.
fn counting(away: &Arc<AtomicU32>) -> (Arc<AtomicU32>, Arc<Cached<u32>>) {
    let fetched = Arc::new(AtomicU32::new(0));
    let (count, away) = (Arc::clone(&fetched), Arc::clone(away));
    let cached = Cached::new(move || {
        let (count, away) = (Arc::clone(&count), Arc::clone(&away));
        async move {
            let number = count.fetch_add(1, Ordering::SeqCst) + 1;
            if away.load(Ordering::SeqCst) > 0 {
                return Err(ProviderError::Unavailable("away".to_owned()));
            }
            Ok(number)
        }
    });
    (fetched, cached)
}

fn up() -> Arc<AtomicU32> {
    Arc::new(AtomicU32::new(0))
}

#[tokio::test(start_paused = true)]
async fn a_document_is_fetched_once_and_kept() {
    let (fetched, cached) = counting(&up());
    assert_eq!(*cached.get().await.unwrap(), 1);
    assert_eq!(*cached.get().await.unwrap(), 1);
    assert_eq!(fetched.load(Ordering::SeqCst), 1);
}

#[tokio::test(start_paused = true)]
async fn what_is_missing_is_asked_for_once_a_minute() {
    let (fetched, cached) = counting(&up());
    let first = cached.get().await.unwrap();
    let second = cached.newer_than(Arc::clone(&first)).await.unwrap();
    assert_eq!(*second, 2);
    assert_eq!(
        *cached.newer_than(first).await.unwrap(),
        2,
        "somebody else has fetched it meanwhile"
    );
    assert_eq!(
        *cached.newer_than(Arc::clone(&second)).await.unwrap(),
        2,
        "too soon"
    );
    advance(COOLDOWN).await;
    assert_eq!(*cached.newer_than(second).await.unwrap(), 3);
    assert_eq!(fetched.load(Ordering::SeqCst), 3);
}

#[tokio::test(start_paused = true)]
async fn failures_are_remembered_for_longer_each_time() {
    let away = Arc::new(AtomicU32::new(1));
    let (fetched, cached) = counting(&away);
    for attempt in 1..=8 {
        assert!(cached.get().await.is_err());
        assert!(cached.get().await.is_err());
        assert_eq!(fetched.load(Ordering::SeqCst), attempt);
        advance(wait_after(attempt)).await;
    }
    assert_eq!(wait_after(1), Duration::from_secs(1));
    assert_eq!(wait_after(40), Duration::from_secs(60));
    away.store(0, Ordering::SeqCst);
    assert!(cached.get().await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn an_old_document_is_read_again_behind_the_callers_back() {
    let (_, cached) = counting(&up());
    assert_eq!(*cached.get().await.unwrap(), 1);
    advance(REREAD_AFTER).await;
    assert_eq!(*cached.get().await.unwrap(), 1);
    tokio::task::yield_now().await;
    assert_eq!(*cached.get().await.unwrap(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_known_document_outlives_an_outage() {
    let away = up();
    let (_, cached) = counting(&away);
    let first = cached.get().await.unwrap();
    away.store(1, Ordering::SeqCst);
    assert_eq!(*cached.newer_than(Arc::clone(&first)).await.unwrap(), 1);
    advance(REREAD_AFTER).await;
    for _ in 0..3 {
        assert_eq!(*cached.get().await.unwrap(), 1);
        tokio::task::yield_now().await;
    }
}
