//! What one verb saw and changed on its way through the image.

use serde::Serialize;

/// The number of a commit. Zero stands for what was on disk when the store was opened.
pub(crate) type Seq = u64;

/// One row as a verb left it.
#[derive(Debug)]
pub(crate) struct Change {
    /// The row's table.
    pub(crate) table: &'static str,
    /// The row's key, in JSON.
    pub(crate) key: Vec<u8>,
    /// The row's value in JSON; `None` if it is gone.
    pub(crate) value: Option<Vec<u8>>,
}

/// Follows one verb: the newest commit among the rows that it saw, and the rows that it changed.
#[derive(Debug)]
pub(crate) struct Trace {
    commit: Seq,
    seen: Seq,
    changes: Option<serde_json::Result<Vec<Change>>>,
}

impl Trace {
    /// Follows a verb whose changes nobody writes down.
    pub(crate) fn unrecorded() -> Self {
        Self {
            commit: 0,
            seen: 0,
            changes: None,
        }
    }

    /// Follows a verb whose changes make up `commit`.
    pub(crate) fn of_commit(commit: Seq) -> Self {
        Self {
            commit,
            seen: 0,
            changes: Some(Ok(Vec::new())),
        }
    }

    /// Notes that the verb saw what `commit` left.
    pub(crate) fn saw(&mut self, commit: Seq) {
        self.seen = self.seen.max(commit);
    }

    /// Writes a row down, as it is now or as gone, and says which commit it belongs to.
    pub(crate) fn write<K: Serialize, V: Serialize>(
        &mut self,
        table: &'static str,
        key: &K,
        value: Option<&V>,
    ) -> Seq {
        if let Some(recorded) = &mut self.changes {
            match (recorded.as_mut(), change(table, key, value)) {
                (Ok(changes), Ok(change)) => changes.push(change),
                (Ok(_), Err(error)) => *recorded = Err(error),
                (Err(_), _) => {}
            }
            self.saw(self.commit);
        }
        self.commit
    }

    /// The newest commit that the verb's answer stands on.
    pub(crate) fn seen(&self) -> Seq {
        self.seen
    }

    /// The rows that the verb changed.
    pub(crate) fn into_changes(self) -> serde_json::Result<Vec<Change>> {
        self.changes.unwrap_or_else(|| Ok(Vec::new()))
    }
}

fn change<K: Serialize, V: Serialize>(
    table: &'static str,
    key: &K,
    value: Option<&V>,
) -> serde_json::Result<Change> {
    let key = serde_json::to_vec(key)?;
    let value = value.map(serde_json::to_vec).transpose()?;
    Ok(Change { table, key, value })
}
