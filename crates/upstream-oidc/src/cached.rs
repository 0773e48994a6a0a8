//! A provider's document: fetched when first needed, by one caller for all, fetched again from time to time, and kept when
//! the provider is away.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use arc_swap::ArcSwapOption;
use tokio::sync::Mutex;
use tokio::time::Instant;
use vestibule_provider::ProviderError;

/// After how long a document is read again though nothing is missing.
const REREAD_AFTER: Duration = Duration::from_secs(900);

/// How soon after one request for something that the document lacks it may be asked for again.
pub(crate) const COOLDOWN: Duration = Duration::from_secs(60);

/// How long after a first failure the next try is made; it doubles with each.
const FIRST_WAIT: Duration = Duration::from_secs(1);

/// The longest wait between two tries.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

type Fetching<T> = Pin<Box<dyn Future<Output = Result<T, ProviderError>> + Send>>;

/// A document that is kept.
pub(crate) struct Cached<T> {
    fetch: Box<dyn Fn() -> Fetching<T> + Send + Sync>,
    known: ArcSwapOption<Known<T>>,
    attempts: Mutex<Attempts>,
    rereading: AtomicBool,
}

struct Known<T> {
    value: Arc<T>,
    fetched_at: Instant,
}

#[derive(Default)]
struct Attempts {
    /// When somebody last missed something in the document.
    missed_at: Option<Instant>,
    failures: u32,
    failed: Option<(Instant, ProviderError)>,
}

impl<T: Send + Sync + 'static> Cached<T> {
    pub(crate) fn new<F>(fetch: impl Fn() -> F + Send + Sync + 'static) -> Arc<Self>
    where
        F: Future<Output = Result<T, ProviderError>> + Send + 'static,
    {
        Arc::new(Self {
            fetch: Box::new(move || Box::pin(fetch())),
            known: ArcSwapOption::empty(),
            attempts: Mutex::default(),
            rereading: AtomicBool::new(false),
        })
    }

    /// The document.
    pub(crate) async fn get(self: &Arc<Self>) -> Result<Arc<T>, ProviderError> {
        let Some(known) = self.known.load_full() else {
            return self.detached(|cached| async move { cached.first().await }).await;
        };
        if known.fetched_at.elapsed() >= REREAD_AFTER && !self.rereading.swap(true, Ordering::AcqRel) {
            let cached = Arc::clone(self);
            tokio::spawn(async move {
                cached.reread().await;
                cached.rereading.store(false, Ordering::Release);
            });
        }
        Ok(Arc::clone(&known.value))
    }

    /// The document after `seen`, which lacked something: fetched now, by somebody else meanwhile, or `seen` again where it
    /// was asked for a moment ago or the provider is away.
    pub(crate) async fn newer_than(self: &Arc<Self>, seen: Arc<T>) -> Result<Arc<T>, ProviderError> {
        self.detached(|cached| async move { Ok(cached.after(seen).await) })
            .await
    }

    /// In a task of its own: a caller who hangs up must not take the attempt, and the wait after it, with them.
    async fn detached<F, O>(self: &Arc<Self>, work: impl FnOnce(Arc<Self>) -> F) -> Result<O, ProviderError>
    where
        F: Future<Output = Result<O, ProviderError>> + Send + 'static,
        O: Send + 'static,
    {
        let interrupted = |_| ProviderError::Unavailable("the request was interrupted".to_owned());
        tokio::spawn(work(Arc::clone(self))).await.map_err(interrupted)?
    }

    async fn first(&self) -> Result<Arc<T>, ProviderError> {
        let mut attempts = self.attempts.lock().await;
        if let Some(known) = self.known.load_full() {
            return Ok(Arc::clone(&known.value));
        }
        if let Some((at, error)) = &attempts.failed
            && at.elapsed() < wait_after(attempts.failures)
        {
            return Err(again(error));
        }
        self.fetch_now(&mut attempts).await
    }

    async fn after(&self, seen: Arc<T>) -> Arc<T> {
        let mut attempts = self.attempts.lock().await;
        if let Some(known) = self.known.load_full()
            && !Arc::ptr_eq(&known.value, &seen)
        {
            return Arc::clone(&known.value);
        }
        if attempts.missed_at.is_some_and(|at| at.elapsed() < COOLDOWN) {
            return seen;
        }
        attempts.missed_at = Some(Instant::now());
        self.fetch_now(&mut attempts).await.unwrap_or(seen)
    }

    async fn reread(&self) {
        let mut attempts = self.attempts.lock().await;
        let waiting = attempts
            .failed
            .as_ref()
            .is_some_and(|(at, _)| at.elapsed() < wait_after(attempts.failures));
        if !waiting {
            // A failure is in the log, and the known document goes on.
            let _ = self.fetch_now(&mut attempts).await;
        }
    }

    async fn fetch_now(&self, attempts: &mut Attempts) -> Result<Arc<T>, ProviderError> {
        match (self.fetch)().await {
            Ok(value) => {
                let value = Arc::new(value);
                self.known.store(Some(Arc::new(Known {
                    value: Arc::clone(&value),
                    fetched_at: Instant::now(),
                })));
                attempts.failures = 0;
                attempts.failed = None;
                Ok(value)
            }
            Err(error) => {
                tracing::warn!(%error, "a document of the identity provider cannot be read");
                attempts.failures = attempts.failures.saturating_add(1);
                attempts.failed = Some((Instant::now(), again(&error)));
                Err(error)
            }
        }
    }
}

fn wait_after(failures: u32) -> Duration {
    FIRST_WAIT
        .saturating_mul(1 << failures.saturating_sub(1).min(10))
        .min(LONGEST_WAIT)
}

/// The same error once more.
fn again(error: &ProviderError) -> ProviderError {
    match error {
        ProviderError::Denied(text) => ProviderError::Denied(text.clone()),
        ProviderError::Rejected(text) => ProviderError::Rejected(text.clone()),
        ProviderError::Unavailable(text) => ProviderError::Unavailable(text.clone()),
        ProviderError::Misconfigured(text) => ProviderError::Misconfigured(text.clone()),
    }
}

#[cfg(test)]
mod tests;
