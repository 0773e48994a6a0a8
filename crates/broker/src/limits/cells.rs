//! Cells of one replica, by governor's cell rate algorithm.

use std::hash::{BuildHasher as _, Hash, RandomState};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use governor::RateLimiter;
use governor::clock;
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;

use super::address::ClassIndex;
use super::generations::Generations;
use crate::Clock;
use crate::store::{Quota, Verdict};

/// How many cells a rule has at most in one replica.
const MOST: usize = 1 << 16;

/// The cells of one quota.
#[derive(Debug)]
pub(super) struct Cells {
    quota: Quota,
    limiter: RateLimiter<u64, Generations, Ticks, NoOpMiddleware<Nanos>>,
    hasher: RandomState,
}

impl Cells {
    pub(super) fn new(quota: Quota, clock: &Arc<dyn Clock>) -> Self {
        let every = quota.per.max(Duration::from_nanos(1));
        let burst = NonZeroU32::new(quota.burst).unwrap_or(NonZeroU32::MIN);
        let period = governor::Quota::with_period(every);
        #[expect(clippy::expect_used, reason = "the period was just made longer than nothing")]
        let rate = period.expect("a period").allow_burst(burst);
        Self {
            quota,
            limiter: RateLimiter::new(rate, Generations::new(MOST), Ticks(Arc::clone(clock))),
            hasher: RandomState::new(),
        }
    }

    /// Counts one event, unless the cell is full.
    pub(super) fn take(&self, key: &impl Hash) -> Verdict {
        match self.limiter.check_key(&self.hasher.hash_one(key)) {
            Ok(()) => Verdict::Go,
            Err(until) => Verdict::Wait(until.wait_time_from(clock::Clock::now(self.limiter.clock()))),
        }
    }

    pub(super) fn quota(&self) -> Quota {
        self.quota
    }

    pub(super) fn tidy(&self) {
        self.limiter.retain_recent();
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.limiter.len()
    }
}

/// Cells for each class of addresses.
#[derive(Debug)]
pub(super) struct ClassCells(Vec<Cells>);

impl ClassCells {
    /// Cells for classes of which each address stands for so many users.
    pub(super) fn new(quota: Quota, users: &[u32], clock: &Arc<dyn Clock>) -> Self {
        Self(
            users
                .iter()
                .map(|users| Cells::new(times(quota, *users), clock))
                .collect(),
        )
    }

    pub(super) fn of(&self, class: ClassIndex) -> Option<&Cells> {
        class.among(&self.0)
    }

    pub(super) fn tidy(&self) {
        for cells in &self.0 {
            cells.tidy();
        }
    }
}

/// What so many users may do together.
fn times(quota: Quota, users: u32) -> Quota {
    Quota {
        burst: quota.burst.saturating_mul(users),
        per: (quota.per / users.max(1)).max(Duration::from_nanos(1)),
    }
}

/// The broker's clock, as governor reads it.
struct Ticks(Arc<dyn Clock>);

impl clock::Clock for Ticks {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        let millis = u64::try_from(self.0.now().as_millis()).unwrap_or(0);
        Nanos::new(millis.saturating_mul(1_000_000))
    }
}

impl std::fmt::Debug for Ticks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Ticks")
    }
}

#[cfg(test)]
mod tests;
