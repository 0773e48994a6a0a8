//! What is wrong with a configuration: everything, at once.

use std::cell::RefCell;
use std::fmt;
use std::path::{Path, PathBuf};

/// One mistake, where it stands, and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// The line, counted from one; none for a key that is missing.
    pub line: Option<usize>,
    /// The key, with the tables that it stands in.
    pub key: String,
    /// What is wrong and what to write.
    pub message: String,
}

/// Every mistake of one configuration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Problems {
    /// The file, or what stands for one.
    pub file: PathBuf,
    /// The mistakes, in the order of the file.
    pub all: Vec<Problem>,
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.all.iter().enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            write!(f, "{}", self.file.display())?;
            if let Some(line) = problem.line {
                write!(f, ":{line}")?;
            }
            if problem.key.is_empty() {
                write!(f, ": {}", problem.message)?;
            } else {
                write!(f, ": {}: {}", problem.key, problem.message)?;
            }
        }
        Ok(())
    }
}

/// Collects mistakes while a configuration is read.
#[derive(Debug, Default)]
pub(super) struct Notes(RefCell<Vec<Problem>>);

impl Notes {
    pub(super) fn add(&self, line: Option<usize>, key: impl Into<String>, message: impl Into<String>) {
        self.0.borrow_mut().push(Problem {
            line,
            key: key.into(),
            message: message.into(),
        });
    }

    pub(super) fn into_problems(self, file: &Path) -> Result<(), Problems> {
        let mut all = self.0.into_inner();
        all.sort_by_key(|problem| (problem.line.is_none(), problem.line));
        if all.is_empty() {
            Ok(())
        } else {
            Err(Problems {
                file: file.to_owned(),
                all,
            })
        }
    }
}
