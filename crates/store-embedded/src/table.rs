//! Rows of one kind, with their expiry.

use std::borrow::Borrow;
use std::collections::BTreeSet;
use std::collections::hash_map::{self, HashMap};
use std::hash::Hash;
use std::ops::Bound;

use serde::Serialize;
use serde::de::DeserializeOwned;
use vestibule_protocol::Timestamp;

use crate::error::RowError;
use crate::trace::{Seq, Trace};

/// What a row is filed under.
pub(crate) trait Key: Clone + Eq + Ord + Hash + Serialize + DeserializeOwned {}

impl<T: Clone + Eq + Ord + Hash + Serialize + DeserializeOwned> Key for T {}

/// What a row holds.
pub(crate) trait Record<K>: Serialize + DeserializeOwned {
    /// From when on the row means nothing and may go; `None` if it stays until it is removed.
    fn expires_at(&self) -> Option<Timestamp>;

    /// Whether the record belongs under `key`, as far as it can tell.
    fn belongs_under(&self, _key: &K) -> bool {
        true
    }
}

/// A map that follows what verbs see and change, and knows what is due to go.
#[derive(Debug)]
pub(crate) struct Table<K, V> {
    name: &'static str,
    /// Boxed, so that a map that grows moves pointers only.
    rows: HashMap<K, Box<Row<V>>>,
    /// One entry for each row that expires, at or before its expiry: an expiry that moves away is followed only when the entry
    /// comes up.
    due: BTreeSet<(Timestamp, K)>,
    last_removal: Seq,
}

#[derive(Debug)]
struct Row<V> {
    value: V,
    due_at: Option<Timestamp>,
    changed: Seq,
}

impl<K: Key, V: Record<K>> Table<K, V> {
    /// An empty table.
    pub(crate) fn new(name: &'static str) -> Self {
        Self {
            name,
            rows: HashMap::new(),
            due: BTreeSet::new(),
            last_removal: 0,
        }
    }

    /// Takes a row from the file.
    pub(crate) fn load(&mut self, key: &[u8], value: &[u8]) -> Result<&V, RowError> {
        let key: K = serde_json::from_slice(key).map_err(RowError::Key)?;
        let value: V = serde_json::from_slice(value).map_err(RowError::Value)?;
        if !value.belongs_under(&key) {
            return Err(RowError::Misfiled);
        }
        let due_at = follow(&mut self.due, &key, None, value.expires_at());
        let row = Box::new(Row {
            value,
            due_at,
            changed: 0,
        });
        Ok(&self.rows.entry(key).insert_entry(row).into_mut().value)
    }

    /// How many rows there are, expired ones that were not swept yet among them.
    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    /// Finds a row, whether it has expired or not.
    pub(crate) fn find<Q>(&self, key: &Q, trace: &mut Trace) -> Option<&V>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        let row = self.rows.get(key);
        trace.saw(row.map_or(self.last_removal, |row| row.changed));
        row.map(|row| &row.value)
    }

    /// Finds a row that has not expired.
    pub(crate) fn find_live<Q>(&self, key: &Q, now: Timestamp, trace: &mut Trace) -> Option<&V>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        self.find(key, trace)
            .filter(|value| value.expires_at().is_none_or(|expires_at| now < expires_at))
    }

    /// Files a row, in place of the one that is there.
    pub(crate) fn put(&mut self, key: K, value: V, trace: &mut Trace) {
        let changed = trace.write(self.name, &key, Some(&value));
        let expires_at = value.expires_at();
        match self.rows.entry(key) {
            hash_map::Entry::Occupied(mut entry) => {
                let due_at = follow(&mut self.due, entry.key(), entry.get().due_at, expires_at);
                **entry.get_mut() = Row {
                    value,
                    due_at,
                    changed,
                };
            }
            hash_map::Entry::Vacant(entry) => {
                let due_at = follow(&mut self.due, entry.key(), None, expires_at);
                entry.insert(Box::new(Row {
                    value,
                    due_at,
                    changed,
                }));
            }
        }
    }

    /// Changes a row in place, if it is there, and shows it as it is now.
    pub(crate) fn update(&mut self, key: &K, trace: &mut Trace, change: impl FnOnce(&mut V)) -> Option<&V> {
        let row = self.rows.get_mut(key)?;
        change(&mut row.value);
        row.changed = trace.write(self.name, key, Some(&row.value));
        row.due_at = follow(&mut self.due, key, row.due_at, row.value.expires_at());
        Some(&row.value)
    }

    /// Removes a row and hands it over, whether it has expired or not.
    pub(crate) fn remove(&mut self, key: &K, trace: &mut Trace) -> Option<V> {
        let row = self.rows.remove(key);
        let Some(row) = row else {
            trace.saw(self.last_removal);
            return None;
        };
        follow(&mut self.due, key, row.due_at, None);
        self.last_removal = trace.write(self.name, key, None::<&V>);
        Some(row.value)
    }

    /// Looks at no more than `budget` rows that are due, removes those that have expired, and takes from the budget what it
    /// looked at.
    pub(crate) fn sweep(
        &mut self,
        now: Timestamp,
        budget: &mut usize,
        trace: &mut Trace,
        mut removed: impl FnMut(K, V),
    ) {
        while *budget > 0
            && let Some((due_at, _)) = self.due.first()
            && *due_at <= now
            && let Some((_, key)) = self.due.pop_first()
        {
            *budget -= 1;
            let Some(row) = self.rows.get_mut(&key) else {
                continue;
            };
            row.due_at = row.value.expires_at();
            match row.due_at {
                Some(expires_at) if expires_at > now => {
                    self.due.insert((expires_at, key));
                }
                Some(_) => {
                    row.due_at = None;
                    if let Some(value) = self.remove(&key, trace) {
                        removed(key, value);
                    }
                }
                None => {}
            }
        }
    }

    /// The rows, in no order and whether they have expired or not. The trace does not hear of them.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        self.rows.iter().map(|(key, row)| (key, &row.value))
    }

    /// The rows that expire, the first due first, from behind `after` on: each with its place in that order.
    ///
    /// A row whose expiry moves away comes up again at its new place; it is never passed over, unless its expiry draws nearer.
    pub(crate) fn in_order_of_expiry(
        &self,
        after: Option<&(Timestamp, K)>,
    ) -> impl Iterator<Item = &(Timestamp, K)> {
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        self.due.range((from, Bound::Unbounded))
    }

    /// The newest commit that removed a row: what a verb stands on that counts on absence.
    pub(crate) fn last_removal(&self) -> Seq {
        self.last_removal
    }
}

/// Keeps the one entry of `key` at or before `expires_at`, and says where it stands.
fn follow<K: Key>(
    due: &mut BTreeSet<(Timestamp, K)>,
    key: &K,
    due_at: Option<Timestamp>,
    expires_at: Option<Timestamp>,
) -> Option<Timestamp> {
    match (due_at, expires_at) {
        (Some(due_at), Some(expires_at)) if due_at <= expires_at => return Some(due_at),
        (Some(due_at), _) => {
            due.remove(&(due_at, key.clone()));
        }
        (None, _) => {}
    }
    if let Some(expires_at) = expires_at {
        due.insert((expires_at, key.clone()));
    }
    expires_at
}
