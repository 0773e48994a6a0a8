//! Status bits that were allotted to this replica and are nobody's yet, so that most sessions are given theirs without a question.
//!
//! A server that has restarted or taken over may have lost what it said of a list: that it exists, and for how long it is needed. So
//! spare bits are good for as long as the connection stands over which they came, and no longer.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use vestibule_protocol::{StatusRef, Timestamp};

/// With fewer than these it is time to ask for more: about as many as are taken meanwhile.
const FEW: usize = 16;

/// The spare bits of a replica.
#[derive(Debug, Default)]
pub(crate) struct SpareBits {
    bits: Mutex<Vec<Spare>>,
    fetching: AtomicBool,
}

#[derive(Debug, Clone, Copy)]
struct Spare {
    status: StatusRef,
    needed_until: Timestamp,
    connection: u64,
}

/// That one caller is asking for more.
pub(crate) struct Fetching<'a>(&'a AtomicBool);

impl Drop for Fetching<'_> {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}

impl SpareBits {
    /// A bit of a list that is kept for long enough, if there is one, and whether there are few left.
    pub(crate) fn take(&self, needed_until: Timestamp, connection: Option<u64>) -> (Option<StatusRef>, bool) {
        let mut bits = self.lock();
        let good = |bit: &Spare| Some(bit.connection) == connection && needed_until <= bit.needed_until;
        let place = bits.iter().rposition(good);
        let taken = place.map(|place| bits.swap_remove(place).status);
        (taken, bits.len() < FEW)
    }

    /// Puts bits by. Those that the same need could not use go.
    pub(crate) fn put(
        &self,
        statuses: impl Iterator<Item = StatusRef>,
        needed_until: Timestamp,
        connection: u64,
    ) {
        let mut bits = self.lock();
        bits.retain(|bit| bit.connection == connection && needed_until <= bit.needed_until);
        bits.extend(statuses.map(|status| Spare {
            status,
            needed_until,
            connection,
        }));
    }

    /// Takes it upon the caller to ask for more, unless somebody is asking.
    pub(crate) fn begin_to_fetch(&self) -> Option<Fetching<'_>> {
        (!self.fetching.swap(true, Ordering::AcqRel)).then(|| Fetching(&self.fetching))
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Spare>> {
        self.bits.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOON: Timestamp = Timestamp::from_secs(1);
    const LATER: Timestamp = Timestamp::from_secs(2);

    fn list(list: u64) -> impl Iterator<Item = StatusRef> {
        (0..20).map(move |bit| StatusRef { list, bit })
    }

    #[test]
    fn a_bit_is_given_once_and_while_its_list_is_kept() {
        let spare = SpareBits::default();
        assert_eq!(spare.take(SOON, Some(1)), (None, true));
        spare.put(list(7), SOON, 1);
        assert_eq!(spare.take(LATER, Some(1)).0, None);
        let mut given: Vec<u32> = (0..20)
            .map(|_| spare.take(SOON, Some(1)).0.unwrap().bit)
            .collect();
        given.sort_unstable();
        assert!(given.into_iter().eq(0..20));
        assert_eq!(spare.take(SOON, Some(1)), (None, true));
    }

    #[test]
    fn no_bit_outlives_its_connection() {
        let spare = SpareBits::default();
        spare.put(list(7), LATER, 1);
        for connection in [None, Some(2)] {
            assert_eq!(spare.take(SOON, connection).0, None);
        }
        spare.put(list(8), LATER, 2);
        assert_eq!(spare.take(SOON, Some(1)).0, None);
        assert_eq!(spare.take(SOON, Some(2)).0.unwrap().list, 8);
    }

    #[test]
    fn one_at_a_time_asks_for_more() {
        let spare = SpareBits::default();
        let fetching = spare.begin_to_fetch();
        assert!(fetching.is_some() && spare.begin_to_fetch().is_none());
        drop(fetching);
        assert!(spare.begin_to_fetch().is_some());
    }
}
