//! The store itself: the image behind its lock, and the journal behind the image.

use std::fmt;
use std::future;
use std::path::Path;
use std::sync::Mutex;

use vestibule_broker::store::StoreError;
use vestibule_protocol::Timestamp;

use crate::error::{OpenError, WriteError};
use crate::file::StoreFile;
use crate::image::Image;
use crate::journal::Journal;
use crate::trace::{Seq, Trace};

/// The store of one node. It implements every store trait of the broker.
///
/// With a file, a verb answers when everything it changed *and everything it saw* is on disk: nothing that is acknowledged,
/// directly or through another verb's answer, is lost in a crash. When the file fails, every verb answers
/// [`StoreError::Unavailable`] from then on, and [`Embedded::failed`] tells the program.
pub struct Embedded {
    state: Mutex<State>,
    journal: Option<Journal>,
}

struct State {
    image: Image,
    newest: Seq,
}

impl Embedded {
    /// A store that is gone with the process.
    pub fn in_memory() -> Self {
        Self::new(Image::default(), None)
    }

    /// Opens the store in the file `path`, or makes it (mode 0600). Reads the whole file, so call it before serving.
    ///
    /// # Errors
    /// [`OpenError`] says what is in the way: another process, permissions, a newer version's file, a row that cannot be read.
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        let (file, image) = StoreFile::open(path)?;
        let journal = Journal::start(file).map_err(OpenError::NoWriter)?;
        Ok(Self::new(image, Some(journal)))
    }

    fn new(image: Image, journal: Option<Journal>) -> Self {
        Self {
            state: Mutex::new(State { image, newest: 0 }),
            journal,
        }
    }

    /// Removes every record that has expired at `now`, in slices that leave room for other verbs. The program calls this every
    /// few seconds.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the file has failed.
    pub async fn sweep(&self, now: Timestamp) -> Result<(), StoreError> {
        while self.verb(|image, trace| image.sweep(now, trace)).await? {}
        Ok(())
    }

    /// Writes what is waiting, gives unused space back where that is quickly done, and lets the file go. Verbs that come later
    /// answer [`StoreError::Unavailable`]. A store in memory has nothing to close.
    ///
    /// # Errors
    /// [`WriteError`] when the file has failed.
    pub async fn close(&self) -> Result<(), WriteError> {
        match &self.journal {
            Some(journal) => journal.close().await,
            None => Ok(()),
        }
    }

    /// Waits until the file fails, and says why: the program should end, and open the store anew. Never, for a store in memory
    /// or one that was closed in order.
    pub async fn failed(&self) -> WriteError {
        if let Some(journal) = &self.journal {
            match journal.ended().await {
                WriteError::Closed => {}
                error => return error,
            }
        }
        future::pending().await
    }

    /// How many sessions live, those that have expired since the last sweep among them; none if the store has broken off.
    pub fn sessions(&self) -> Option<usize> {
        let state = self.state.lock().ok()?;
        Some(state.image.sessions.count())
    }

    /// How many times the store waited for the disk since it was opened. Verbs that arrive together share one flush.
    pub fn flushes(&self) -> u64 {
        self.journal.as_ref().map_or(0, Journal::flushes)
    }

    /// Runs one verb on the image, and answers once what it stands on is on disk.
    pub(crate) async fn verb<T>(
        &self,
        verb: impl FnOnce(&mut Image, &mut Trace) -> T,
    ) -> Result<T, StoreError> {
        let Some(journal) = &self.journal else {
            let mut state = self.state.lock().map_err(|_| WriteError::BrokenOff)?;
            return Ok(verb(&mut state.image, &mut Trace::unrecorded()));
        };
        let (answer, seen) = self.record(journal, verb)?;
        journal.flushed(seen).await?;
        Ok(answer)
    }

    /// Runs one verb and puts its changes behind those of the verbs that held the lock before it.
    fn record<T>(
        &self,
        journal: &Journal,
        verb: impl FnOnce(&mut Image, &mut Trace) -> T,
    ) -> Result<(T, Seq), WriteError> {
        let mut state = self.state.lock().map_err(|_| WriteError::BrokenOff)?;
        journal.check()?;
        let commit = state.newest + 1;
        let mut trace = Trace::of_commit(commit);
        let answer = verb(&mut state.image, &mut trace);
        let seen = trace.seen();
        let changes = trace.into_changes();
        if !matches!(&changes, Ok(changes) if changes.is_empty()) {
            journal.append(commit, changes)?;
            state.newest = commit;
        }
        Ok((answer, seen))
    }
}

impl fmt::Debug for Embedded {
    /// Shows nothing of what is kept.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Embedded").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
