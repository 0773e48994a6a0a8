//! The users' notes.

use std::fmt;
use std::fs::OpenOptions;
use std::ops::RangeInclusive;
use std::path::Path;
use std::sync::Arc;

use redb::backends::InMemoryBackend;
use redb::{Database, ReadableDatabase, ReadableTable, TableDefinition, TableError, WriteTransaction};
use rmcp::schemars::{self, JsonSchema};
use serde::{Deserialize, Serialize};
use thiserror::Error;
use vestibule_protocol::{Subject, Timestamp};

/// A user's notes, numbered from one: `(user, number)` to the note as JSON.
const NOTES: TableDefinition<(&str, u64), &[u8]> = TableDefinition::new("notes");

/// The most notes that a user may keep.
const MAX_NOTES: u64 = 1000;

/// The longest title, in bytes.
const MAX_TITLE: usize = 200;

/// The longest content, in bytes.
const MAX_CONTENT: usize = 64 * 1024;

/// Notes, each belonging to the user who wrote it, in a file or in memory.
///
/// The user is part of the key: nobody can ask for another one's note, not even by guessing its number.
#[derive(Clone)]
pub struct NotesStore {
    database: Arc<Database>,
}

/// A note.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Note {
    /// Its number among its user's notes.
    pub(crate) id: u64,
    /// Its title.
    pub(crate) title: String,
    /// Its text.
    pub(crate) content: String,
    /// When it was written, in milliseconds since 1970.
    pub(crate) created_at: i64,
}

/// Why notes cannot be read or written.
#[derive(Debug, Error)]
pub enum NotesError {
    /// The file cannot be created.
    #[error("the file of the notes cannot be opened")]
    Open(#[source] std::io::Error),
    /// The file is in use by another process or damaged, or the disk is full.
    #[error("the notes cannot be read or written")]
    Storage(#[source] Box<redb::Error>),
    /// A note in the file is none.
    #[error("a note cannot be read")]
    Unreadable(#[from] serde_json::Error),
    /// The note is too long.
    #[error("a title may have {MAX_TITLE} bytes, a note {MAX_CONTENT}")]
    TooLong,
    /// The user has too many.
    #[error("a user may keep {MAX_NOTES} notes")]
    TooMany,
    /// The work was given up because the program ends.
    #[error("the server is shutting down")]
    ShuttingDown,
}

impl From<redb::Error> for NotesError {
    fn from(error: redb::Error) -> Self {
        Self::Storage(Box::new(error))
    }
}

impl NotesStore {
    /// Opens the notes in a file, which only its owner may read, and creates it if it is not there.
    ///
    /// # Errors
    /// When the file cannot be opened, or another process has it.
    pub fn open(path: &Path) -> Result<Self, NotesError> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(path).map_err(NotesError::Open)?;
        let database = Database::builder().create_file(file).map_err(redb::Error::from)?;
        Ok(Self::with(database))
    }

    /// Keeps notes in memory, for as long as the store lives.
    ///
    /// # Errors
    /// When there is no memory for them.
    pub fn in_memory() -> Result<Self, NotesError> {
        let database = Database::builder()
            .create_with_backend(InMemoryBackend::new())
            .map_err(redb::Error::from)?;
        Ok(Self::with(database))
    }

    fn with(database: Database) -> Self {
        Self {
            database: Arc::new(database),
        }
    }

    /// Adds a note to a user's own, and returns it.
    pub(crate) async fn put(
        &self,
        user: &Subject,
        title: String,
        content: String,
        now: Timestamp,
    ) -> Result<Note, NotesError> {
        if title.len() > MAX_TITLE || content.len() > MAX_CONTENT {
            return Err(NotesError::TooLong);
        }
        let user = user.clone();
        self.run(move |database| insert(database, &user, title, content, now))
            .await
    }

    /// Returns all of a user's notes, the oldest first.
    pub(crate) async fn list(&self, user: &Subject) -> Result<Vec<Note>, NotesError> {
        let user = user.clone();
        let found = self.run(move |database| Ok(read(database, &user, 0..=u64::MAX)?));
        found
            .await?
            .iter()
            .map(|note| Ok(serde_json::from_slice(note)?))
            .collect()
    }

    /// Returns one of a user's notes.
    pub(crate) async fn find(&self, user: &Subject, id: u64) -> Result<Option<Note>, NotesError> {
        let user = user.clone();
        let found = self
            .run(move |database| Ok(read(database, &user, id..=id)?))
            .await?;
        Ok(found
            .first()
            .map(|note| serde_json::from_slice(note))
            .transpose()?)
    }

    /// A file is waited for on a thread that may wait.
    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Database) -> Result<T, NotesError> + Send + 'static,
    ) -> Result<T, NotesError> {
        let database = Arc::clone(&self.database);
        tokio::task::spawn_blocking(move || work(&database))
            .await
            .unwrap_or(Err(NotesError::ShuttingDown))
    }
}

impl fmt::Debug for NotesStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NotesStore").finish_non_exhaustive()
    }
}

fn insert(
    database: &Database,
    user: &Subject,
    title: String,
    content: String,
    now: Timestamp,
) -> Result<Note, NotesError> {
    let transaction = database.begin_write().map_err(redb::Error::from)?;
    let id = next_id(&transaction, user)?;
    if id > MAX_NOTES {
        return Err(NotesError::TooMany);
    }
    let note = Note {
        id,
        title,
        content,
        created_at: now.as_millis(),
    };
    let bytes = serde_json::to_vec(&note)?;
    write(transaction, user, id, &bytes)?;
    Ok(note)
}

fn next_id(transaction: &WriteTransaction, user: &Subject) -> Result<u64, redb::Error> {
    let notes = transaction.open_table(NOTES)?;
    let last = notes
        .range((user.as_str(), 0)..=(user.as_str(), u64::MAX))?
        .next_back()
        .transpose()?;
    Ok(last.map_or(1, |(key, _)| key.value().1.saturating_add(1)))
}

fn write(transaction: WriteTransaction, user: &Subject, id: u64, note: &[u8]) -> Result<(), redb::Error> {
    transaction.open_table(NOTES)?.insert((user.as_str(), id), note)?;
    transaction.commit()?;
    Ok(())
}

fn read(database: &Database, user: &Subject, ids: RangeInclusive<u64>) -> Result<Vec<Vec<u8>>, redb::Error> {
    let transaction = database.begin_read()?;
    let notes = match transaction.open_table(NOTES) {
        Ok(notes) => notes,
        // Nobody has written one yet.
        Err(TableError::TableDoesNotExist(_)) => return Ok(Vec::new()),
        Err(error) => return Err(error.into()),
    };
    let range = (user.as_str(), *ids.start())..=(user.as_str(), *ids.end());
    let found = notes.range(range)?;
    found.map(|entry| Ok(entry?.1.value().to_vec())).collect()
}
