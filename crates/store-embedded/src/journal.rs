//! The order of commits, and the one thread that writes them.
//!
//! Commits wait in a queue, in the order in which their verbs held the image's lock. The writer takes all that are waiting and
//! writes them as one transaction with one flush, so the more arrive together, the less each one costs.

use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::{io, iter};

use tokio::sync::watch;

use crate::error::WriteError;
use crate::file::StoreFile;
use crate::trace::{Change, Seq};

/// Leads to the file's writer.
#[derive(Debug)]
pub(crate) struct Journal {
    queue: Mutex<Option<Sender<Commit>>>,
    progress: watch::Receiver<Progress>,
    writer: Option<JoinHandle<()>>,
}

/// What one verb changed.
#[derive(Debug)]
struct Commit {
    seq: Seq,
    changes: serde_json::Result<Vec<Change>>,
}

/// How far the writer has come.
#[derive(Debug, Clone)]
struct Progress {
    /// The newest commit on disk.
    flushed: Seq,
    /// How many times the disk was waited for.
    flushes: u64,
    /// Why nothing more will be written.
    end: Option<WriteError>,
}

impl Journal {
    /// Starts the writer.
    pub(crate) fn start(file: StoreFile) -> io::Result<Self> {
        let (queue, waiting) = mpsc::channel();
        let (report, progress) = watch::channel(Progress {
            flushed: 0,
            flushes: 0,
            end: None,
        });
        let writer = thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn(move || write_all(file, &waiting, &report))?;
        Ok(Self {
            queue: Mutex::new(Some(queue)),
            progress,
            writer: Some(writer),
        })
    }

    /// Whether commits are still written.
    pub(crate) fn check(&self) -> Result<(), WriteError> {
        let end = self.progress.borrow().end.clone();
        match end {
            Some(error) => Err(error),
            None if self.progress.has_changed().is_err() => Err(WriteError::BrokenOff),
            None => Ok(()),
        }
    }

    /// Puts a commit behind those that wait. One that could not be put into JSON is the last: the image is ahead of the file.
    pub(crate) fn append(
        &self,
        seq: Seq,
        changes: serde_json::Result<Vec<Change>>,
    ) -> Result<(), WriteError> {
        let queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        let queue = queue.as_ref().ok_or(WriteError::Closed)?;
        queue
            .send(Commit { seq, changes })
            .map_err(|_| WriteError::BrokenOff)
    }

    /// Waits until everything up to `seq` is on disk.
    pub(crate) async fn flushed(&self, seq: Seq) -> Result<(), WriteError> {
        let mut progress = self.progress.clone();
        let progress = progress
            .wait_for(|progress| progress.flushed >= seq || progress.end.is_some())
            .await;
        let progress = progress.map_err(|_| WriteError::BrokenOff)?;
        match &progress.end {
            Some(error) if progress.flushed < seq => Err(error.clone()),
            Some(_) | None => Ok(()),
        }
    }

    /// Takes no more commits, and waits until those that wait are on disk and the file is let go.
    pub(crate) async fn close(&self) -> Result<(), WriteError> {
        self.hang_up();
        match self.ended().await {
            WriteError::Closed => Ok(()),
            error => Err(error),
        }
    }

    /// Waits until nothing more is written, and says why.
    pub(crate) async fn ended(&self) -> WriteError {
        let mut progress = self.progress.clone();
        let progress = progress.wait_for(|progress| progress.end.is_some()).await;
        progress
            .ok()
            .and_then(|progress| progress.end.clone())
            .unwrap_or(WriteError::BrokenOff)
    }

    /// How many times the disk was waited for.
    pub(crate) fn flushes(&self) -> u64 {
        self.progress.borrow().flushes
    }

    fn hang_up(&self) {
        drop(self.queue.lock().unwrap_or_else(PoisonError::into_inner).take());
    }
}

impl Drop for Journal {
    /// Waits for the writer, so that the file is free when the store is gone.
    fn drop(&mut self) {
        self.hang_up();
        if let Some(writer) = self.writer.take()
            && writer.join().is_err()
        {
            tracing::error!("the store's writer broke off");
        }
    }
}

/// Writes until everyone has hung up or the file fails.
fn write_all(mut file: StoreFile, waiting: &Receiver<Commit>, report: &watch::Sender<Progress>) {
    let end = loop {
        let Ok(first) = waiting.recv() else {
            break file
                .close()
                .map_or_else(WriteError::from, |()| WriteError::Closed);
        };
        let mut newest = first.seq;
        let batch = iter::once(first).chain(waiting.try_iter()).map(|commit| {
            newest = commit.seq;
            commit.changes
        });
        let written = batch.collect::<Result<Vec<_>, _>>().map_err(WriteError::from);
        if let Err(error) = written.and_then(|batch| Ok(file.write(batch.into_iter().flatten())?)) {
            break error;
        }
        report.send_modify(|progress| {
            progress.flushed = newest;
            progress.flushes += 1;
        });
    };
    report.send_modify(|progress| progress.end = Some(end));
}
