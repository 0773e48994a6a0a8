use std::collections::HashMap;
use std::hash::Hash;
use std::mem;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A map that never holds more than its capacity and forgets what was not used lately.
///
/// Entries live in two generations. A used entry moves to the young one; when that is full it becomes the old one, and
/// what was still old is dropped. That is least-recently-used to within half the capacity, at the price of a hash map.
pub(crate) struct BoundedCache<K, V> {
    generations: Mutex<Generations<K, V>>,
    half: usize,
}

struct Generations<K, V> {
    young: HashMap<K, V>,
    old: HashMap<K, V>,
}

impl<K: Hash + Eq, V: Clone> BoundedCache<K, V> {
    /// Creates a cache of at most `capacity` entries, and at least two.
    pub(crate) fn new(capacity: usize) -> Self {
        Self {
            generations: Mutex::new(Generations {
                young: HashMap::new(),
                old: HashMap::new(),
            }),
            half: (capacity / 2).max(1),
        }
    }

    /// Returns a copy of the entry and counts it as used.
    pub(crate) fn get(&self, key: &K) -> Option<V> {
        let mut generations = self.lock();
        if let Some(value) = generations.young.get(key) {
            return Some(value.clone());
        }
        let (key, value) = generations.old.remove_entry(key)?;
        self.keep(&mut generations, key, value.clone());
        Some(value)
    }

    /// Sets the entry.
    pub(crate) fn put(&self, key: K, value: V) {
        let mut generations = self.lock();
        generations.old.remove(&key);
        self.keep(&mut generations, key, value);
    }

    /// Returns the entry, first setting it to `value` where there is none.
    pub(crate) fn get_or_put(&self, key: K, value: V) -> V {
        let mut generations = self.lock();
        if let Some(present) = generations.young.get(&key) {
            return present.clone();
        }
        let value = generations.old.remove(&key).unwrap_or(value);
        self.keep(&mut generations, key, value.clone());
        value
    }

    /// Drops the entry.
    pub(crate) fn remove(&self, key: &K) {
        let mut generations = self.lock();
        generations.young.remove(key);
        generations.old.remove(key);
    }

    fn keep(&self, generations: &mut Generations<K, V>, key: K, value: V) {
        if generations.young.len() >= self.half && !generations.young.contains_key(&key) {
            generations.old = mem::take(&mut generations.young);
        }
        generations.young.insert(key, value);
    }

    // A panic while the lock is held can lose an entry but not corrupt one: the next request simply verifies again.
    fn lock(&self) -> MutexGuard<'_, Generations<K, V>> {
        self.generations.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::BoundedCache;

    #[test]
    fn the_cache_never_grows_beyond_its_capacity() {
        let cache = BoundedCache::new(8);
        for n in 0..1000 {
            cache.put(n, n);
        }
        let held = (0..1000).filter(|n| cache.get(n).is_some()).count();
        assert!((4..=8).contains(&held), "{held} entries are held");
    }

    #[test]
    fn an_entry_in_use_outlives_those_that_are_not() {
        let cache = BoundedCache::new(8);
        cache.put(0, "kept");
        for n in 1..1000 {
            cache.put(n, "passing");
            assert_eq!(cache.get(&0), Some("kept"));
        }
    }

    #[test]
    fn a_removed_entry_is_gone_from_both_generations() {
        let cache = BoundedCache::new(4);
        cache.put(1, "a");
        cache.put(2, "b");
        cache.put(3, "c");
        for n in 1..=3 {
            cache.remove(&n);
            assert_eq!(cache.get(&n), None);
        }
    }

    #[test]
    fn the_first_to_put_an_entry_wins() {
        let cache = BoundedCache::new(4);
        assert_eq!(cache.get_or_put(1, "first"), "first");
        assert_eq!(cache.get_or_put(1, "second"), "first");
    }
}
