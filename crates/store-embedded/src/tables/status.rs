//! Status lists: which bits were allotted and which are set.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use vestibule_broker::store::{StatusBits, StatusLists, StoreError};
use vestibule_broker::{Digest, Entropy, SystemEntropy};
use vestibule_protocol::{StatusRef, Timestamp};

use crate::embedded::Embedded;
use crate::error::RowError;
use crate::table::{Record, Table};
use crate::trace::Trace;

pub(crate) const STATUS_LISTS: &str = "status_lists";
pub(crate) const STATUS_BITS: &str = "status_bits";

/// How many bits a list has.
const SIZE: u32 = 1 << 17;
/// How many bits share a row, so that setting one writes little.
const PAGE: u32 = 1 << 10;

/// The lists and their set bits.
#[derive(Debug)]
pub(crate) struct StatusTables {
    lists: Table<u64, List>,
    bits: Table<(u64, u32), Page>,
    newest: Option<u64>,
}

/// How far a list is given out.
#[derive(Debug, Serialize, Deserialize)]
struct List {
    /// Scatters the bits.
    seed: String,
    allotted: u32,
    needed_until: Timestamp,
}

/// The bits that are set, of one stretch of a list.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
struct Page {
    set: BTreeSet<u32>,
}

impl Record<u64> for List {
    /// The newest list stays, so that the numbers of lists are never used twice: see [`StatusTables::sweep`].
    fn expires_at(&self) -> Option<Timestamp> {
        None
    }

    fn belongs_under(&self, _key: &u64) -> bool {
        self.allotted <= SIZE
    }
}

impl Record<(u64, u32)> for Page {
    fn expires_at(&self) -> Option<Timestamp> {
        None
    }

    fn belongs_under(&self, (_, page): &(u64, u32)) -> bool {
        *page < SIZE / PAGE && self.set.iter().all(|bit| bit / PAGE == *page)
    }
}

impl Default for StatusTables {
    fn default() -> Self {
        Self {
            lists: Table::new(STATUS_LISTS),
            bits: Table::new(STATUS_BITS),
            newest: None,
        }
    }
}

impl StatusTables {
    /// Takes a list from the file.
    pub(crate) fn load_list(&mut self, key: &[u8], value: &[u8]) -> Result<(), RowError> {
        self.lists.load(key, value)?;
        self.newest = self.lists.iter().map(|(id, _)| *id).max();
        Ok(())
    }

    /// Takes set bits from the file.
    pub(crate) fn load_bits(&mut self, key: &[u8], value: &[u8]) -> Result<(), RowError> {
        self.bits.load(key, value).map(drop)
    }

    /// Removes lists that nobody needs any more, within the budget.
    pub(crate) fn sweep(&mut self, now: Timestamp, budget: &mut usize, trace: &mut Trace) {
        let spent =
            |(id, list): (&u64, &List)| (Some(*id) != self.newest && list.needed_until <= now).then_some(*id);
        let spent: Vec<u64> = self.lists.iter().filter_map(spent).take(*budget).collect();
        *budget -= spent.len();
        for id in spent {
            self.lists.remove(&id, trace);
            for page in 0..SIZE / PAGE {
                self.bits.remove(&(id, page), trace);
            }
        }
    }

    fn allot(&mut self, needed_until: Timestamp, trace: &mut Trace) -> StatusRef {
        let unfilled = self.newest.filter(|id| {
            self.lists
                .find(id, trace)
                .is_some_and(|list| list.allotted < SIZE)
        });
        let id = unfilled.unwrap_or_else(|| self.begin_list(needed_until, trace));
        let mut bit = 0;
        self.lists.update(&id, trace, |list| {
            bit = scatter(&list.seed, list.allotted);
            list.allotted += 1;
            list.needed_until = list.needed_until.max(needed_until);
        });
        StatusRef { list: id, bit }
    }

    fn begin_list(&mut self, needed_until: Timestamp, trace: &mut Trace) -> u64 {
        let id = self.newest.map_or(0, |newest| newest + 1);
        let list = List {
            seed: (&SystemEntropy as &dyn Entropy).name(),
            allotted: 0,
            needed_until,
        };
        self.lists.put(id, list, trace);
        self.newest = Some(id);
        id
    }

    fn set(&mut self, status: StatusRef, trace: &mut Trace) {
        if self.lists.find(&status.list, trace).is_none() || status.bit >= SIZE {
            return;
        }
        let page = (status.list, status.bit / PAGE);
        match self.bits.find(&page, trace) {
            Some(bits) if bits.set.contains(&status.bit) => {}
            Some(_) => {
                self.bits.update(&page, trace, |bits| {
                    bits.set.insert(status.bit);
                });
            }
            None => self.bits.put(
                page,
                Page {
                    set: BTreeSet::from([status.bit]),
                },
                trace,
            ),
        }
    }

    fn read(&self, list: u64, trace: &mut Trace) -> Option<StatusBits> {
        self.lists.find(&list, trace)?;
        let mut set = Vec::new();
        for page in 0..SIZE / PAGE {
            set.extend(
                self.bits
                    .find(&(list, page), trace)
                    .into_iter()
                    .flat_map(|bits| &bits.set),
            );
        }
        // Bits are only ever set, so that their number tells one state of a list from another.
        Some(StatusBits {
            version: set.len() as u64,
            set,
            size: SIZE,
        })
    }
}

/// The bit that is given out as number `counter`: a permutation of the list's bits, so that a bit tells nobody how many were
/// given out before it or who has its neighbours.
///
/// A Feistel network of four rounds over nine and eight bits, keyed with the list's seed.
fn scatter(seed: &str, counter: u32) -> u32 {
    let mut text = String::with_capacity(seed.len() + 8);
    let mut mix = |round: u32, half: u32| {
        text.clear();
        // Writing to a string never fails.
        let _ = write!(text, "{seed} {round} {half}");
        let digest = Digest::of(&text);
        let bytes = digest.as_bytes();
        u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]])
    };
    let (mut high, mut low) = (counter >> 8, counter & 0xff);
    for round in 0..2 {
        low ^= mix(2 * round, high) & 0xff;
        high ^= mix(2 * round + 1, low) & 0x1ff;
    }
    high << 8 | low
}

#[async_trait]
impl StatusLists for Embedded {
    async fn allot_status(&self, needed_until: Timestamp) -> Result<StatusRef, StoreError> {
        self.verb(|image, trace| image.status.allot(needed_until, trace))
            .await
    }

    async fn set_status(&self, status: StatusRef) -> Result<(), StoreError> {
        self.verb(|image, trace| image.status.set(status, trace)).await
    }

    async fn read_status(&self, list: u64) -> Result<Option<StatusBits>, StoreError> {
        self.verb(|image, trace| image.status.read(list, trace)).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bit_of_a_list_is_given_out_once() {
        let bits: BTreeSet<u32> = (0..SIZE).map(|counter| scatter("a seed", counter)).collect();
        assert_eq!(bits.len(), SIZE as usize);
        assert_eq!(bits.last(), Some(&(SIZE - 1)));
    }

    #[test]
    fn neighbours_in_time_are_not_neighbours_in_the_list() {
        let close =
            (1..2000).filter(|counter| scatter("s", *counter).abs_diff(scatter("s", counter - 1)) < 64);
        assert!(close.count() < 20, "chance alone puts about two of them so close");
    }

    #[test]
    fn lists_are_scattered_each_in_its_own_way() {
        assert_ne!(
            (0..8).map(|n| scatter("one", n)).collect::<Vec<_>>(),
            (0..8).map(|n| scatter("two", n)).collect::<Vec<_>>()
        );
    }

    #[test]
    fn a_full_list_is_followed_by_a_new_one() {
        let mut status = StatusTables::default();
        let mut trace = Trace::unrecorded();
        let soon = Timestamp::from_secs(10);
        let nearly_full = List {
            seed: "a seed".to_owned(),
            allotted: SIZE - 1,
            needed_until: soon,
        };
        status.lists.put(0, nearly_full, &mut trace);
        status.newest = Some(0);
        assert_eq!(
            status.allot(soon, &mut trace),
            StatusRef {
                list: 0,
                bit: scatter("a seed", SIZE - 1)
            }
        );
        assert_eq!([(); 3].map(|()| status.allot(soon, &mut trace).list), [1, 1, 1]);
    }

    #[test]
    fn a_list_goes_when_nobody_needs_it_and_its_number_is_not_used_again() {
        let mut status = StatusTables::default();
        let mut trace = Trace::unrecorded();
        let put = |status: &mut StatusTables, id: u64, needed_until: i64, trace: &mut Trace| {
            let list = List {
                seed: String::new(),
                allotted: SIZE,
                needed_until: Timestamp::from_secs(needed_until),
            };
            status.lists.put(id, list, trace);
            status.newest = Some(id);
            status.set(StatusRef { list: id, bit: 9 }, trace);
        };
        put(&mut status, 0, 100, &mut trace);
        put(&mut status, 1, 50, &mut trace);

        status.sweep(Timestamp::from_millis(99_999), &mut 10, &mut trace);
        assert!(
            status.read(0, &mut trace).is_some(),
            "it is needed for a millisecond more"
        );
        status.sweep(Timestamp::from_secs(100), &mut 10, &mut trace);
        assert_eq!(status.read(0, &mut trace), None);
        assert_eq!(status.bits.iter().count(), 1);
        assert!(status.read(1, &mut trace).is_some(), "the newest stays");
        assert_eq!(status.allot(Timestamp::from_secs(200), &mut trace).list, 2);
    }
}
