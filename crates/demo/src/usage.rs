use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use vestibule_protocol::Subject;

/// How often each user has called each tool since the server started.
#[derive(Default)]
pub(crate) struct Usage {
    calls: Mutex<BTreeMap<Subject, BTreeMap<String, u64>>>,
}

impl Usage {
    /// Counts one call.
    pub(crate) fn count(&self, user: &Subject, tool: &str) {
        let mut calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        *calls
            .entry(user.clone())
            .or_default()
            .entry(tool.to_owned())
            .or_default() += 1;
    }

    /// Returns a user's calls by tool.
    pub(crate) fn of(&self, user: &Subject) -> BTreeMap<String, u64> {
        let calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        calls.get(user).cloned().unwrap_or_default()
    }
}
