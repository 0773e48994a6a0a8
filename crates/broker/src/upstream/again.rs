//! Endings that the store did not take are tried again for a while: whoever told of them may not tell again.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;
use vestibule_protocol::Timestamp;

use super::end::Ending;
use crate::end_session::Ender;
use crate::store::StoreError;

/// How long after the first failure the next try is made; it doubles with each.
const FIRST_WAIT: Duration = Duration::from_secs(1);
/// How often it is tried again: for a good eight minutes.
const TRIES: u32 = 9;
/// How many endings wait at most.
const MOST: usize = 1024;

/// How many more endings may wait.
#[derive(Debug, Clone)]
pub(crate) struct Room(Arc<Semaphore>);

impl Default for Room {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(MOST)))
    }
}

impl Ender {
    /// Ends what has to end. If the store fails the caller is told at once, and it is tried again without the caller.
    pub(super) async fn end_or_try_again(&self, ending: Ending, now: Timestamp) -> Result<(), StoreError> {
        let result = self.end(&ending, now).await;
        if let Err(error) = &result {
            self.try_again(ending, error);
        }
        result
    }

    fn try_again(&self, ending: Ending, error: &StoreError) {
        let Ok(place) = Arc::clone(&self.room.0).try_acquire_owned() else {
            tracing::error!(%error, "a logout could not be carried out, and too many others wait");
            return;
        };
        tracing::error!(%error, "a logout could not be carried out; it is tried again");
        let ender = self.clone();
        tokio::spawn(async move {
            let _place = place;
            for attempt in 0..TRIES {
                tokio::time::sleep(FIRST_WAIT * 2_u32.pow(attempt)).await;
                match ender.end(&ending, ender.clock.now()).await {
                    Ok(()) => {
                        tracing::info!("a logout that had failed was carried out");
                        return;
                    }
                    Err(error) => tracing::warn!(%error, attempt, "a logout failed again"),
                }
            }
            tracing::error!(
                "a logout was given up; what stands on it lasts until its provider is asked again"
            );
        });
    }
}
