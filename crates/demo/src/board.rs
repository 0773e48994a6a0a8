use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rmcp::schemars::{self, JsonSchema};
use serde::Serialize;
use vestibule_protocol::Subject;

/// The most lines that are kept; the oldest go first.
const MAX_LINES: usize = 1000;

/// The board that all users share: who may read it, write on it and wipe it is a matter of scopes. It lasts as long as the
/// server runs.
#[derive(Default)]
pub(crate) struct Board {
    lines: Mutex<VecDeque<Line>>,
}

/// One line on the board.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct Line {
    /// Who wrote it.
    pub(crate) by: String,
    /// What it says.
    pub(crate) data: String,
}

impl Board {
    /// Returns what stands on the board.
    pub(crate) fn read(&self) -> Vec<Line> {
        self.lock().iter().cloned().collect()
    }

    /// Adds a line, and returns how many there are.
    pub(crate) fn write(&self, by: &Subject, data: String) -> usize {
        let mut lines = self.lock();
        if lines.len() == MAX_LINES {
            lines.pop_front();
        }
        lines.push_back(Line {
            by: by.to_string(),
            data,
        });
        lines.len()
    }

    /// Wipes the board, and returns how many lines there were.
    pub(crate) fn wipe(&self) -> usize {
        std::mem::take(&mut *self.lock()).len()
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Line>> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
