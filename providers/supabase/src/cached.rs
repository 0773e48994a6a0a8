//! Something that is fetched now and then, by one caller at a time.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::api::ApiError;

/// After a failure nobody tries again for this long.
const PAUSE: Duration = Duration::from_secs(5);

/// How long a value serves while a newer one cannot be had.
const STALE: Duration = Duration::from_secs(60 * 60);

/// The last value, and the last failure since. Whoever comes while a fetch is under way waits for its outcome.
#[derive(Debug)]
pub(crate) struct Cached<T> {
    state: Mutex<State<T>>,
}

#[derive(Debug)]
struct State<T> {
    value: Option<(Arc<T>, Instant)>,
    failure: Option<(ApiError, Instant)>,
    /// When somebody last missed something in the value.
    missed: Option<Instant>,
}

impl<T> Cached<T> {
    pub(crate) fn new() -> Self {
        Self {
            state: Mutex::new(State {
                value: None,
                failure: None,
                missed: None,
            }),
        }
    }

    /// A value no older than `most`, fetched if there is none. While fetching fails, an older one.
    ///
    /// # Errors
    /// [`ApiError`] when there is no value at all.
    pub(crate) async fn get<F>(&self, most: Duration, fetch: impl FnOnce() -> F) -> Result<Arc<T>, ApiError>
    where
        F: Future<Output = Result<T, ApiError>>,
    {
        let mut state = self.state.lock().await;
        if let Some((value, at)) = &state.value
            && at.elapsed() < most
        {
            return Ok(Arc::clone(value));
        }
        let recent = state.failure.as_ref().filter(|(_, at)| at.elapsed() < PAUSE);
        let failure = match recent {
            Some((failure, _)) => failure.clone(),
            None => match fetch().await {
                Ok(fetched) => {
                    let value = Arc::new(fetched);
                    state.value = Some((Arc::clone(&value), Instant::now()));
                    state.failure = None;
                    return Ok(value);
                }
                Err(failure) => {
                    state.failure = Some((failure.clone(), Instant::now()));
                    failure
                }
            },
        };
        match &state.value {
            Some((value, at)) if at.elapsed() < STALE => Ok(Arc::clone(value)),
            Some(_) | None => Err(failure),
        }
    }

    /// The value after `seen`, which lacked something: fetched at most once in `pause`, and `seen` again where there is none.
    pub(crate) async fn newer_than<F>(
        &self,
        seen: Arc<T>,
        pause: Duration,
        fetch: impl FnOnce() -> F,
    ) -> Arc<T>
    where
        F: Future<Output = Result<T, ApiError>>,
    {
        let mut state = self.state.lock().await;
        if let Some((value, _)) = &state.value
            && !Arc::ptr_eq(value, &seen)
        {
            return Arc::clone(value);
        }
        if state.missed.is_some_and(|at| at.elapsed() < pause) {
            return seen;
        }
        state.missed = Some(Instant::now());
        match fetch().await {
            Ok(fetched) => {
                let value = Arc::new(fetched);
                state.value = Some((Arc::clone(&value), Instant::now()));
                value
            }
            Err(_) => seen,
        }
    }
}
