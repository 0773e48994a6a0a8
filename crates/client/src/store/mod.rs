//! Logins at rest: one file per MCP server, readable by its owner alone.

mod entry;
pub(crate) mod exposed;
mod lock;
#[cfg(test)]
mod tests;

use std::{
    ffi::OsStr,
    fmt::Write as _,
    fs::{self, DirBuilder, File, OpenOptions, Permissions},
    io::{self, Write as _},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
    time::Duration,
};

use sha2::{Digest, Sha256};
use thiserror::Error;

use crate::McpUrl;
pub(crate) use entry::{Account, Enterprise, Entry, Tokens, Unattended, Way};
pub(crate) use lock::EntryLock;

/// The folder in which logins are kept.
#[derive(Debug, Clone)]
pub struct TokenStore {
    directory: PathBuf,
}

/// Why a login could not be read or kept.
#[derive(Debug, Error)]
pub enum StoreError {
    /// Neither variable names a folder.
    #[error("there is no folder to keep logins in: set HOME, or XDG_CONFIG_HOME to an absolute path")]
    NoFolder,
    /// The file or folder cannot be read.
    #[error("{} cannot be read: {cause}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        cause: io::Error,
    },
    /// The file or folder cannot be written.
    #[error("{} cannot be written: {cause}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        cause: io::Error,
    },
    /// The file is not one of ours, or was cut off. Its text stays out of the message, for it may hold
    /// tokens.
    #[error("{} is damaged (line {line}); delete it and log in again", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Where reading failed.
        line: usize,
    },
    /// Another process does not let go.
    #[error("another process has held {} for more than {patience:?}; end it and try again", path.display())]
    Busy {
        /// The lock file.
        path: PathBuf,
        /// How long the client waited.
        patience: Duration,
    },
}

impl TokenStore {
    /// Keeps logins in `directory`, which is made with mode 0700 on the first login.
    pub fn in_directory(directory: impl Into<PathBuf>) -> Self {
        Self {
            directory: directory.into(),
        }
    }

    /// Keeps logins in `vestibule/servers` of the user's config folder: `$XDG_CONFIG_HOME`, else
    /// `$HOME/.config`.
    ///
    /// # Errors
    /// [`StoreError::NoFolder`] when neither is an absolute path; the [XDG base directory
    /// specification](https://specifications.freedesktop.org/basedir-spec/latest/) has relative ones
    /// ignored.
    pub fn of_user(xdg_config_home: Option<&OsStr>, home: Option<&OsStr>) -> Result<Self, StoreError> {
        let absolute = |path: &&Path| path.is_absolute();
        let config = xdg_config_home
            .map(Path::new)
            .filter(absolute)
            .map(Path::to_owned);
        let config = config.or_else(|| {
            home.map(Path::new)
                .filter(absolute)
                .map(|home| home.join(".config"))
        });
        config
            .map(|config| Self::in_directory(config.join("vestibule").join("servers")))
            .ok_or(StoreError::NoFolder)
    }

    pub(crate) fn find(&self, server: &McpUrl) -> Result<Option<Entry>, StoreError> {
        let path = self.path(server, "json");
        match fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes)
                .map(Some)
                .map_err(|error| StoreError::Damaged {
                    path,
                    line: error.line(),
                }),
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(cause) => Err(StoreError::Read { path, cause }),
        }
    }

    /// Takes the right to write the entry of `server`.
    pub(crate) async fn lock(&self, server: &McpUrl, patience: Duration) -> Result<EntryLock, StoreError> {
        self.make_directory().map_err(|cause| StoreError::Write {
            path: self.directory.clone(),
            cause,
        })?;
        EntryLock::acquire(self.path(server, "lock"), patience).await
    }

    /// Replaces the entry in one step: a reader sees the old one or the new one, and a crash leaves one of
    /// them.
    pub(crate) fn put(&self, entry: &Entry, _lock: &EntryLock) -> Result<(), StoreError> {
        let path = self.path(&entry.account.server, "json");
        self.replace(&path, &self.path(&entry.account.server, "new"), entry)
            .map_err(|cause| StoreError::Write { path, cause })
    }

    /// Forgets the entry. The lock file stays, for removing it would let two processes hold 'the' lock.
    pub(crate) fn forget(&self, server: &McpUrl, _lock: &EntryLock) -> Result<(), StoreError> {
        let path = self.path(server, "json");
        match fs::remove_file(&path) {
            Err(cause) if cause.kind() != io::ErrorKind::NotFound => Err(StoreError::Write { path, cause }),
            _ => Ok(()),
        }
    }

    fn make_directory(&self) -> io::Result<()> {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&self.directory)?;
        fs::set_permissions(&self.directory, Permissions::from_mode(0o700))
    }

    fn replace(&self, path: &Path, draft: &Path, entry: &Entry) -> io::Result<()> {
        match fs::remove_file(draft) {
            Err(cause) if cause.kind() != io::ErrorKind::NotFound => return Err(cause),
            _ => {}
        }
        let mut file = OpenOptions::new()
            .create_new(true)
            .write(true)
            .mode(0o600)
            .open(draft)?;
        file.write_all(&serde_json::to_vec_pretty(entry)?)?;
        file.sync_all()?;
        fs::rename(draft, path)?;
        File::open(&self.directory)?.sync_all()
    }

    /// `host-digest.extension`: the host for the person who looks, the digest of the whole address for the
    /// program.
    fn path(&self, server: &McpUrl, extension: &str) -> PathBuf {
        let url = server.url();
        let mut name: String = url
            .host_str()
            .unwrap_or_default()
            .chars()
            .map(|c| {
                if c.is_ascii_alphanumeric() || c == '.' {
                    c
                } else {
                    '_'
                }
            })
            .take(64)
            .collect();
        name.push('-');
        for byte in Sha256::digest(url.as_str().trim_end_matches('/')).iter().take(16) {
            // Writing to a String cannot fail.
            let _ = write!(name, "{byte:02x}");
        }
        self.directory.join(format!("{name}.{extension}"))
    }
}
