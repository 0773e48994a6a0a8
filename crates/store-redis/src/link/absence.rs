//! When a server was away last.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// How long before an absence is noticed answers may have been lost: the patience with three of them, and a little more.
const UNNOTICED: Duration = Duration::from_secs(3);

/// The last absence of a server.
#[derive(Debug, Default)]
pub(super) struct Absence(Mutex<(Option<Instant>, Option<Instant>)>);

impl Absence {
    /// The server is away from now on, unless it was already.
    pub(super) fn begin(&self) {
        let mut span = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if span.0.is_none() || span.1.is_some() {
            *span = (Some(Instant::now()), None);
        }
    }

    /// The server is back.
    pub(super) fn end(&self) {
        let mut span = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if span.0.is_some() && span.1.is_none() {
            span.1 = Some(Instant::now());
        }
    }

    /// For how long after something happened its answer may be asked for again: `usual`, but for as long after an absence for what
    /// happened just before it, since nobody could ask meanwhile.
    pub(super) fn grace(&self, usual: Duration) -> Duration {
        let span = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match span {
            (Some(from), until) if until.is_none_or(|until| until.elapsed() < usual) => {
                usual.max(from.elapsed() + UNNOTICED)
            }
            _ => usual,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const USUAL: Duration = Duration::from_secs(30);

    #[tokio::test(start_paused = true)]
    async fn what_happened_before_an_absence_can_be_asked_for_after_it() {
        let absence = Absence::default();
        assert_eq!(absence.grace(USUAL), USUAL);
        absence.begin();
        tokio::time::advance(Duration::from_secs(100)).await;
        absence.begin();
        absence.end();
        assert_eq!(absence.grace(USUAL), Duration::from_secs(103));
        tokio::time::advance(Duration::from_secs(29)).await;
        assert_eq!(absence.grace(USUAL), Duration::from_secs(132));
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!(absence.grace(USUAL), USUAL);
    }

    #[tokio::test(start_paused = true)]
    async fn a_short_absence_changes_nothing() {
        let absence = Absence::default();
        absence.begin();
        absence.end();
        assert_eq!(absence.grace(USUAL), USUAL);
    }
}
