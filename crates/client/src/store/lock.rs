use std::{
    fs::{File, OpenOptions, TryLockError},
    os::unix::fs::OpenOptionsExt,
    path::PathBuf,
    time::Duration,
};

use super::StoreError;

/// How often a lock that another process holds is tried again.
const RETRY: Duration = Duration::from_millis(20);

/// The right to write one entry. The operating system takes it back when the holder ends, however it ends.
#[derive(Debug)]
pub(crate) struct EntryLock {
    _file: File,
}

impl EntryLock {
    pub(super) async fn acquire(path: PathBuf, patience: Duration) -> Result<Self, StoreError> {
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(0o600)
            .open(&path)
            .map_err(|cause| StoreError::Write {
                path: path.clone(),
                cause,
            })?;
        tokio::time::timeout(patience, wait(&file))
            .await
            .map_err(|_| StoreError::Busy {
                path: path.clone(),
                patience,
            })?
            .map_err(|cause| StoreError::Write { path, cause })?;
        Ok(Self { _file: file })
    }
}

async fn wait(file: &File) -> std::io::Result<()> {
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(()),
            Err(TryLockError::WouldBlock) => tokio::time::sleep(RETRY).await,
            Err(TryLockError::Error(cause)) => return Err(cause),
        }
    }
}
