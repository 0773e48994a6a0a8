//! Stores on real servers.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use tokio::time::{Instant, sleep};
use vestibule_broker::store::StoreError;
use vestibule_store_redis::{RedisSettings, RedisStore};

/// How long Redis may take to be back: far longer than it does on a busy machine.
const LONGEST: Duration = Duration::from_secs(30);

/// Settings for the store at `url`, of which nothing else is known.
pub(crate) fn settings(url: &str, prefix: &str) -> RedisSettings {
    RedisSettings {
        address: url.parse().unwrap(),
        authority: None,
        sentinel_user: None,
        sentinel_password: None,
        prefix: prefix.to_owned(),
    }
}

/// What the program does before it speaks TLS.
pub(crate) fn install_tls() {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
}

/// The store at `url`.
pub(crate) async fn open(url: &str) -> RedisStore {
    RedisStore::open(settings(url, "v:")).await.unwrap()
}

/// Asks until the store answers.
pub(crate) async fn until_it_answers<T>(mut ask: impl AsyncFnMut() -> Result<T, StoreError>) -> T {
    let begun = Instant::now();
    loop {
        match ask().await {
            Ok(answer) => return answer,
            Err(error) => assert!(begun.elapsed() < LONGEST, "still: {error}"),
        }
        sleep(Duration::from_millis(20)).await;
    }
}

/// Asks until the store says that it is away.
pub(crate) async fn until_it_is_away<T>(mut ask: impl AsyncFnMut() -> Result<T, StoreError>) {
    let begun = Instant::now();
    while ask().await.is_ok() {
        assert!(begun.elapsed() < LONGEST, "it still answers");
    }
}

/// How long it takes to be told that the store is away.
pub(crate) async fn refusal<T>(ask: impl Future<Output = Result<T, StoreError>>) -> Duration {
    let begun = Instant::now();
    let refused = ask.await.err().expect("the store is away");
    assert!(matches!(refused, StoreError::Unavailable(_)), "{refused:?}");
    begun.elapsed()
}

/// Prefixes under which there is nothing yet.
#[derive(Default)]
pub(crate) struct Prefixes(AtomicU32);

impl Prefixes {
    pub(crate) fn next(&self) -> String {
        format!("v{}:", self.0.fetch_add(1, Ordering::Relaxed))
    }

    pub(crate) fn last(&self) -> String {
        format!("v{}:", self.0.load(Ordering::Relaxed).saturating_sub(1))
    }
}
