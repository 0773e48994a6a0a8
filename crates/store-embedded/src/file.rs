//! The file: a redb database with a table for each table of the image, rows in JSON.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fs::{self, File, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use redb::{
    Builder, Database, DatabaseError, Durability, ReadableDatabase as _, ReadableTable as _, StorageError,
    TableDefinition, TableHandle as _,
};

use crate::error::{OpenError, RowError};
use crate::image::Image;
use crate::trace::Change;

/// Raised whenever rows change in a way that older versions cannot read.
const SCHEMA: u64 = 1;
const ABOUT: TableDefinition<&str, u64> = TableDefinition::new("about");
const SCHEMA_ROW: &str = "schema";

/// The file's mode.
const OWNER_ALONE: u32 = 0o600;
/// Everything is read once, at opening; the cache only serves the writer.
const CACHE_BYTES: usize = 4 << 20;
/// No record comes near this size.
const MAX_ROW_BYTES: usize = 1 << 20;
/// A file that holds no more than this is compacted in a moment.
const CHEAP_TO_COMPACT: u64 = 16 << 20;

/// The open file.
#[derive(Debug)]
pub(crate) struct StoreFile {
    database: Database,
}

type Rows<'a> = TableDefinition<'a, &'static [u8], &'static [u8]>;

impl StoreFile {
    /// Opens or makes the file and reads all of it.
    pub(crate) fn open(path: &Path) -> Result<(Self, Image), OpenError> {
        let inaccessible = |source| OpenError::Inaccessible {
            path: path.to_owned(),
            source,
        };
        let file = claim(path).map_err(inaccessible)?;
        let database = Builder::new()
            .set_cache_size(CACHE_BYTES)
            .create_file(file)
            .map_err(|error| refusal(path, error))?;
        fs::set_permissions(path, Permissions::from_mode(OWNER_ALONE)).map_err(inaccessible)?;
        Self::over(database, path)
    }

    /// Reads all of a database that was opened from `path`.
    pub(crate) fn over(database: Database, path: &Path) -> Result<(Self, Image), OpenError> {
        let file = Self { database };
        let found = file.schema().map_err(|source| damaged(path, source))?;
        match found {
            None => file.write_schema().map_err(|source| damaged(path, source))?,
            Some(SCHEMA) => {}
            Some(found) => {
                return Err(OpenError::Newer {
                    path: path.to_owned(),
                    found,
                    known: SCHEMA,
                });
            }
        }
        let image = file.read(path)?;
        Ok((file, image))
    }

    /// Writes the changes as one transaction; they are on disk when this returns.
    pub(crate) fn write(&mut self, changes: impl Iterator<Item = Change>) -> Result<(), redb::Error> {
        let mut transaction = self.database.begin_write()?;
        transaction.set_durability(Durability::Immediate)?;
        let mut tables = BTreeMap::new();
        for Change { table, key, value } in changes {
            let table = match tables.entry(table) {
                Entry::Occupied(open) => open.into_mut(),
                Entry::Vacant(vacant) => vacant.insert(transaction.open_table(Rows::new(table))?),
            };
            match value {
                Some(value) => table.insert(key.as_slice(), value.as_slice())?,
                None => table.remove(key.as_slice())?,
            };
        }
        drop(tables);
        transaction.commit()?;
        Ok(())
    }

    /// Gives unused space back where that is quickly done, and lets the file go, clean.
    pub(crate) fn close(mut self) -> Result<(), redb::Error> {
        let transaction = self.database.begin_write()?;
        let stats = transaction.stats()?;
        transaction.abort()?;
        let allocated = stats.allocated_pages() * stats.page_size() as u64;
        if stats.stored_bytes() <= CHEAP_TO_COMPACT && allocated <= CHEAP_TO_COMPACT {
            self.database.compact()?;
        }
        Ok(())
    }

    fn schema(&self) -> Result<Option<u64>, redb::Error> {
        let transaction = self.database.begin_read()?;
        match transaction.open_table(ABOUT) {
            Ok(about) => Ok(about.get(SCHEMA_ROW)?.map(|schema| schema.value())),
            Err(redb::TableError::TableDoesNotExist(_)) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    fn write_schema(&self) -> Result<(), redb::Error> {
        let transaction = self.database.begin_write()?;
        transaction.open_table(ABOUT)?.insert(SCHEMA_ROW, SCHEMA)?;
        transaction.commit()?;
        Ok(())
    }

    fn read(&self, path: &Path) -> Result<Image, OpenError> {
        let mut image = Image::default();
        let damaged = |error: redb::Error| damaged(path, error);
        let transaction = self
            .database
            .begin_read()
            .map_err(|error| damaged(error.into()))?;
        for table in transaction.list_tables().map_err(|error| damaged(error.into()))? {
            if table.name() == ABOUT.name() {
                continue;
            }
            let rows = transaction
                .open_table(Rows::new(table.name()))
                .map_err(|error| damaged(error.into()))?;
            for row in rows.iter().map_err(|error| damaged(error.into()))? {
                let (key, value) = row.map_err(|error| damaged(error.into()))?;
                read_row(&mut image, table.name(), key.value(), value.value()).map_err(|source| {
                    OpenError::Row {
                        path: path.to_owned(),
                        table: table.name().to_owned(),
                        key: String::from_utf8_lossy(key.value()).into_owned(),
                        source,
                    }
                })?;
            }
        }
        Ok(image)
    }
}

fn read_row(image: &mut Image, table: &str, key: &[u8], value: &[u8]) -> Result<(), RowError> {
    let size = key.len() + value.len();
    if size > MAX_ROW_BYTES {
        return Err(RowError::TooLarge(size));
    }
    image.load(table, key, value)
}

/// Opens the file for us alone, and makes sure that a new one is found again after a power cut.
fn claim(path: &Path) -> io::Result<File> {
    let is_new = !path.try_exists()?;
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(OWNER_ALONE)
        .open(path)?;
    if is_new {
        let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty());
        File::open(directory.unwrap_or(Path::new(".")))?.sync_all()?;
    }
    Ok(file)
}

fn refusal(path: &Path, error: DatabaseError) -> OpenError {
    let path = path.to_owned();
    match error {
        DatabaseError::DatabaseAlreadyOpen => OpenError::InUse { path },
        DatabaseError::UpgradeRequired(format) => OpenError::Outdated { path, format },
        DatabaseError::Storage(StorageError::Io(source)) if source.kind() == io::ErrorKind::InvalidData => {
            OpenError::Foreign { path }
        }
        other => damaged(&path, other.into()),
    }
}

fn damaged(path: &Path, source: redb::Error) -> OpenError {
    OpenError::Damaged {
        path: PathBuf::from(path),
        source: Box::new(source),
    }
}
