//! Who has which.

use std::collections::{BTreeSet, HashMap};
use std::hash::Hash;
use std::ops::Bound;

/// The ids of what somebody has.
#[derive(Debug)]
pub(crate) struct Index<K, I>(HashMap<K, BTreeSet<I>>);

impl<K, I> Default for Index<K, I> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<K: Clone + Eq + Hash, I: Clone + Ord> Index<K, I> {
    pub(crate) fn add(&mut self, key: &K, id: &I) {
        self.0.entry(key.clone()).or_default().insert(id.clone());
    }

    pub(crate) fn remove(&mut self, key: &K, id: &I) {
        if let Some(ids) = self.0.get_mut(key) {
            ids.remove(id);
            if ids.is_empty() {
                self.0.remove(key);
            }
        }
    }

    /// All of them, in order.
    pub(crate) fn of(&self, key: &K) -> impl Iterator<Item = &I> {
        self.0.get(key).into_iter().flatten()
    }

    /// Those behind `after`, in order.
    pub(crate) fn of_after(&self, key: &K, after: Option<&I>) -> impl Iterator<Item = &I> {
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        self.0
            .get(key)
            .into_iter()
            .flat_map(move |ids| ids.range((from, Bound::Unbounded)))
    }
}
