//! One fetch in flight for each document, and a short memory of those that failed.

use std::sync::Arc;
use std::time::Duration;

use quick_cache::sync::Cache;
use tokio::sync::{Mutex, Semaphore};
use vestibule_protocol::{ClientId, Timestamp};

use super::DocumentRefusal;
use super::fetch::AT_ONCE;

/// How many documents are remembered.
const MOST: usize = 4096;
/// How soon a document is asked for again after its host was away.
const AFTER_OUTAGE: Duration = Duration::from_secs(10);
/// How soon after it was refused.
const AFTER_REFUSAL: Duration = Duration::from_secs(30);

/// The documents that are being fetched, or were refused a moment ago, in this replica.
pub(crate) struct Flights {
    flights: Cache<ClientId, Arc<Mutex<Flight>>>,
    places: Semaphore,
}

/// One document's.
#[derive(Debug, Default)]
pub(crate) struct Flight(Option<(Timestamp, DocumentRefusal)>);

impl Default for Flights {
    fn default() -> Self {
        Self {
            flights: Cache::new(MOST),
            places: Semaphore::new(AT_ONCE),
        }
    }
}

impl Flights {
    pub(super) fn of(&self, id: &ClientId) -> Arc<Mutex<Flight>> {
        let Ok(flight) = self
            .flights
            .get_or_insert_with(id, || Ok::<_, std::convert::Infallible>(Arc::default()));
        flight
    }

    pub(super) fn places(&self) -> &Semaphore {
        &self.places
    }

    /// Forgets a refusal, because somebody who may has the document read at once.
    pub(crate) fn forget(&self, id: &ClientId) {
        self.flights.remove(id);
    }
}

impl Flight {
    /// Why the document was refused, if that was a moment ago.
    pub(super) fn refusal(&self, now: Timestamp) -> Option<DocumentRefusal> {
        let (at, refusal) = self.0.as_ref()?;
        let wait = if refusal.is_passing() {
            AFTER_OUTAGE
        } else {
            AFTER_REFUSAL
        };
        (now.since(*at) < wait).then(|| refusal.clone())
    }

    /// Remembers what a fetch came to; what was refused without one is not remembered.
    pub(super) fn remember(&mut self, refusal: DocumentRefusal, now: Timestamp) -> DocumentRefusal {
        if refusal.was_fetched() {
            self.0 = Some((now, refusal.clone()));
        }
        refusal
    }
}
