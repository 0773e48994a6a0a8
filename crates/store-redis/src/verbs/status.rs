//! Status lists. All of them lie in one slot: there are few, and most of what is asked is whether one has changed.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use vestibule_broker::store::{StatusBits, StatusLists, StoreError};
use vestibule_broker::{Entropy, SystemEntropy};
use vestibule_protocol::{StatusRef, Timestamp};

use crate::head::{SLACK, milliseconds};
use crate::pack::PackError;
use crate::script::Script;
use crate::store::{Question, RedisStore};

/// How many bits a list has.
const SIZE: u32 = 1 << 17;

/// What a byte's place in a list has in its higher byte at most.
const HIGHEST: u8 = 0x3f;
const _: () = assert!(
    SIZE / 8 == (HIGHEST as u32 + 1) << 8,
    "a place is within the list"
);

/// How many bits are asked for at once, and for how much longer than the first of them their list is kept.
const BLOCK: usize = 64;
const A_DAY: Duration = Duration::from_secs(86_400);

/// How many lists are kept at hand.
const AT_HAND: usize = 64;

/// The bits that were read last of each list, and the version that they belong to.
#[derive(Debug, Default)]
pub(crate) struct ListCache(Mutex<HashMap<u64, (u64, Vec<u32>)>>);

impl ListCache {
    fn find(&self, list: u64, version: u64) -> Option<Vec<u32>> {
        let lists = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (known, set) = lists.get(&list)?;
        (*known == version).then(|| set.clone())
    }

    fn put(&self, list: u64, version: u64, set: Vec<u32>) {
        let mut lists = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if lists.len() >= AT_HAND && !lists.contains_key(&list) {
            lists.clear();
        }
        lists.insert(list, (version, set));
    }
}

/// A number that nobody can guess, below 2^53, so that Lua could hold it.
fn random() -> u64 {
    let mut bytes = [0; 8];
    SystemEntropy.fill(&mut bytes);
    u64::from_be_bytes(bytes) >> 11
}

/// The bytes at which the search for so many free bits begins: bits at random tell nobody how many were given out before them
/// or who has their neighbours.
fn places_to_search(count: usize) -> Vec<u8> {
    let mut starts = vec![0; 2 * count];
    SystemEntropy.fill(&mut starts);
    for high in starts.iter_mut().step_by(2) {
        *high &= HIGHEST;
    }
    starts
}

/// The places of the bits that are set, the highest bit of a byte first.
fn places(bytes: &[u8]) -> Vec<u32> {
    let mut set = Vec::new();
    for (place, byte) in (0..).zip(bytes) {
        for bit in 0..8 {
            if byte & (0x80 >> bit) != 0 {
                set.push(place * 8 + bit);
            }
        }
    }
    set
}

impl RedisStore {
    /// Has some bits of one list allotted: `count`, or fewer if the list is full then.
    async fn allot(&self, count: usize, needed_until: Timestamp) -> Result<(u64, Vec<u32>), StoreError> {
        let keys = [&*self.keys.status_lists(), &self.keys.allotted_status()];
        let question = Question::script(Script::AllotStatus, &keys)
            .arg(places_to_search(count))
            .arg(milliseconds(needed_until))
            .arg(SIZE)
            .arg(SLACK);
        self.decide(question).await
    }

    /// Has a block of bits allotted, puts all but one of them by, and gives that one.
    async fn fetch_bits(&self, needed_until: Timestamp, connection: u64) -> Result<StatusRef, StoreError> {
        let needed_until = needed_until + A_DAY;
        let (list, bits) = self.allot(BLOCK, needed_until).await?;
        let mut bits = bits.into_iter().map(|bit| StatusRef { list, bit });
        let first = bits.next().ok_or(PackError::Reply)?;
        self.spare_bits.put(bits, needed_until, connection);
        Ok(first)
    }
}

#[async_trait]
impl StatusLists for RedisStore {
    async fn allot_status(&self, needed_until: Timestamp) -> Result<StatusRef, StoreError> {
        let lists = self.keys.status_lists();
        let connection = self.link.connection(lists.as_bytes()).await;
        let (taken, few) = self.spare_bits.take(needed_until, connection);
        let fetching = (taken.is_none() || few).then(|| self.spare_bits.begin_to_fetch());
        match (taken, fetching.flatten(), connection) {
            (Some(taken), None, _) | (Some(taken), _, None) => Ok(taken),
            // Nobody has to wait for a question that others will ask again.
            (Some(taken), Some(_fetching), Some(connection)) => {
                let _ = self.fetch_bits(needed_until, connection).await;
                Ok(taken)
            }
            (None, Some(_fetching), Some(connection)) => self.fetch_bits(needed_until, connection).await,
            (None, ..) => {
                let (list, bits) = self.allot(1, needed_until).await?;
                let bit = bits.first().ok_or(PackError::Reply)?;
                Ok(StatusRef { list, bit: *bit })
            }
        }
    }

    async fn set_status(&self, status: StatusRef) -> Result<(), StoreError> {
        if status.bit >= SIZE {
            return Ok(());
        }
        let keys = [&*self.keys.status_lists(), &self.keys.status_bits(status.list)];
        let question = Question::script(Script::SetStatus, &keys)
            .arg(status.list)
            .arg(status.bit)
            .arg(random().max(1))
            .arg(SLACK);
        self.read(question).await
    }

    async fn read_status(&self, list: u64) -> Result<Option<StatusBits>, StoreError> {
        let question = Question::command("HMGET", &self.keys.status_lists())
            .arg(format!("until:{list}"))
            .arg(format!("version:{list}"));
        let (until, version): (Option<i64>, Option<u64>) = self.read(question).await?;
        if until.is_none() {
            return Ok(None);
        }
        let version = version.unwrap_or(0);
        let set = match self.lists.find(list, version) {
            Some(set) => set,
            None if version == 0 => Vec::new(),
            None => {
                // What is read may be newer than the version, and is then read once more.
                let question = Question::command("GET", &self.keys.status_bits(list));
                let bytes: Option<Vec<u8>> = self.read(question).await?;
                let set = places(&bytes.unwrap_or_default());
                self.lists.put(list, version, set.clone());
                set
            }
        };
        Ok(Some(StatusBits {
            version,
            set,
            size: SIZE,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_highest_bit_of_a_byte_comes_first() {
        assert_eq!(places(&[0b1000_0001, 0, 0b0010_0000]), [0, 7, 18]);
        assert_eq!(places(&[]), Vec::<u32>::new());
    }
}
