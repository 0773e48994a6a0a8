//! The cells of one replica: never more than so many, however many come.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::mem;
use std::sync::{Mutex, MutexGuard, PoisonError};

use governor::nanos::Nanos;
use governor::state::StateStore;
use governor::state::keyed::ShrinkableKeyedStateStore;

/// How many locks the cells are spread over.
const SHARDS: usize = 16;

/// Cells in two generations: when the young one is full, the old one is forgotten and the young one grows old.
///
/// A cell that is used is young again, so that a flood of new ones drives out those that are idle first. Keys are hashes, drawn
/// with a seed that nobody outside knows.
#[derive(Debug)]
pub(super) struct Generations {
    shards: [Mutex<Shard>; SHARDS],
    /// How many cells a generation of one shard has.
    generation: usize,
}

type Cells = HashMap<u64, Nanos, BuildHasherDefault<AsItIs>>;

#[derive(Debug, Default)]
struct Shard {
    young: Cells,
    old: Cells,
}

impl Generations {
    /// No cells, and never more than `most`.
    pub(super) fn new(most: usize) -> Self {
        Self {
            shards: Default::default(),
            generation: (most / SHARDS / 2).max(1),
        }
    }

    fn shard(&self, key: u64) -> MutexGuard<'_, Shard> {
        // The lowest and the highest bits are the map's.
        let place = usize::try_from(key >> 32).unwrap_or_default() % SHARDS;
        #[expect(clippy::indexing_slicing, reason = "a remainder is less than its divisor")]
        let shard = &self.shards[place];
        shard.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn all(&self) -> impl Iterator<Item = MutexGuard<'_, Shard>> {
        self.shards
            .iter()
            .map(|shard| shard.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl StateStore for Generations {
    type Key = u64;

    fn measure_and_replace<T, F, E>(&self, key: &u64, decide: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        let mut shard = self.shard(*key);
        if let Some(cell) = shard.young.get_mut(key) {
            let (outcome, next) = decide(Some(*cell))?;
            *cell = next;
            return Ok(outcome);
        }
        let (outcome, next) = decide(shard.old.get(key).copied())?;
        if shard.young.len() >= self.generation {
            shard.old = mem::take(&mut shard.young);
        }
        shard.young.insert(*key, next);
        Ok(outcome)
    }
}

impl ShrinkableKeyedStateStore<u64> for Generations {
    fn retain_recent(&self, drop_below: Nanos) {
        for mut shard in self.all() {
            let Shard { young, old } = &mut *shard;
            for cells in [young, old] {
                cells.retain(|_, cell| *cell > drop_below);
                cells.shrink_to(cells.len() * 2);
            }
        }
    }

    fn len(&self) -> usize {
        self.all().map(|shard| shard.young.len() + shard.old.len()).sum()
    }

    fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Takes a hash for what it is.
#[derive(Debug, Default)]
struct AsItIs(u64);

impl Hasher for AsItIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}
