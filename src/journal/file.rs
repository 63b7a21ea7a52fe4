//! A journal's file: made, opened, told from other files, and mended where no more than values are damaged.

use super::guard::guarded;
use super::meta::{self, META};
use super::salvage::{MAGIC, Wreck};
use super::{CACHE_BYTES, EFFECTS, JournalError, TASKS};
use crate::data::{FORMAT_VERSION, canonical_json};
use redb::{Builder, Database, ReadTransaction};
use serde_json::Value;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

/// A file of which no more bytes of the first few are wrong is a damaged journal, and no other program's file.
const MAGIC_DAMAGED_MOST: usize = 2;

/// Returns how a journal is opened.
pub(super) fn builder() -> Builder {
    let mut builder = Database::builder();
    builder.set_cache_size(CACHE_BYTES);
    builder
}

/// Returns what an error of opening or reading is to whoever asked.
pub(super) fn error_of(path: &Path, error: redb::Error) -> JournalError {
    match error {
        redb::Error::DatabaseAlreadyOpen => JournalError::InUse { path: path.to_owned() },
        error if is_damage(&error) => damaged(path, &error),
        source => JournalError::Open { path: path.to_owned(), source: Box::new(source) },
    }
}

/// Tells whether an error comes of what the file holds.
pub(super) fn is_damage(error: &redb::Error) -> bool {
    match error {
        redb::Error::Io(error) => matches!(error.kind(), ErrorKind::InvalidData | ErrorKind::UnexpectedEof),
        redb::Error::Corrupted(_)
        | redb::Error::UpgradeRequired(_)
        | redb::Error::LockPoisoned(_)
        | redb::Error::RepairAborted
        | redb::Error::TableDoesNotExist(_)
        | redb::Error::TableTypeMismatch { .. }
        | redb::Error::TypeDefinitionChanged { .. }
        | redb::Error::TableIsMultimap(_) => true,
        _ => false,
    }
}

/// Makes the error that says what can be saved.
pub(super) fn damaged(path: &Path, error: &redb::Error) -> JournalError {
    let found = Wreck::open(path).map(|wreck| wreck.read(&mut |_| ())).unwrap_or_default();
    let cause = match error {
        redb::Error::Corrupted(cause) => cause.clone(),
        error => error.to_string(),
    };
    JournalError::Damaged { path: path.to_owned(), cause, tasks: found.tasks, effects: found.effects }
}

/// Refuses a file that toolloom did not write, by how it begins.
pub(super) fn known(path: &Path) -> Result<(), JournalError> {
    let open =
        |source| JournalError::Open { path: path.to_owned(), source: Box::new(redb::Error::Io(source)) };
    let mut begin = Vec::new();
    let file = std::fs::File::open(path).map_err(open)?;
    file.take(MAGIC.len() as u64).read_to_end(&mut begin).map_err(open)?;
    let foreign = |what| Err(JournalError::Foreign { path: path.to_owned(), what });
    if begin.is_empty() {
        return foreign("an empty file");
    }
    let wrong = MAGIC.iter().zip(&begin).filter(|(ours, theirs)| ours != theirs).count();
    if begin.len() < MAGIC.len() || wrong > MAGIC_DAMAGED_MOST {
        return foreign("a file of another kind");
    }
    Ok(())
}

/// Reads a journal's format.
pub(super) fn format(tx: &ReadTransaction) -> Result<String, redb::Error> {
    guarded(|| Ok(meta::read(&tx.open_table(META)?, meta::FORMAT)?.unwrap_or_default()))
}

/// Refuses another program's database, and another version's journal.
pub(super) fn check_format(path: &Path, format: Result<String, redb::Error>) -> Result<(), JournalError> {
    let other =
        |theirs| Err(JournalError::OtherFormat { path: path.to_owned(), theirs, ours: FORMAT_VERSION });
    match format {
        Ok(format) if format == FORMAT_VERSION.to_string() => Ok(()),
        Ok(format) => other(format),
        Err(redb::Error::TableTypeMismatch { .. }) => other(String::from("2 or earlier")),
        Err(redb::Error::TableDoesNotExist(_)) => {
            Err(JournalError::Foreign { path: path.to_owned(), what: "another program's database" })
        }
        Err(error) => Err(error_of(path, error)),
    }
}

/// Begins a journal: makes it beside its place and renames it, so that a kill leaves either none or a whole one.
pub(super) fn begin(path: &Path, identity: &Value) -> Result<(), JournalError> {
    let create = |source| JournalError::Create { path: path.to_owned(), source };
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder).map_err(create)?;
    let unborn = beside(path, "new");
    drop(make(&unborn, identity)?);
    put(&unborn, path)
}

/// Makes a journal's file, over whatever is there.
pub(super) fn make(path: &Path, identity: &Value) -> Result<Database, JournalError> {
    let _ = std::fs::remove_file(path);
    let write = || -> Result<Database, redb::Error> {
        let database = builder().create(path)?;
        make_tables(&database, identity)?;
        Ok(database)
    };
    write().map_err(|source| JournalError::Open { path: path.to_owned(), source: Box::new(source) })
}

/// Makes the tables of a journal.
pub(super) fn make_tables(database: &Database, identity: &Value) -> Result<(), redb::Error> {
    let (format, identity) = (FORMAT_VERSION.to_string(), canonical_json(identity));
    let tx = database.begin_write()?;
    meta::write_twice(&tx, &[(meta::FORMAT, &format), (meta::IDENTITY, &identity)])?;
    tx.open_table(EFFECTS)?;
    tx.open_table(TASKS)?;
    tx.commit()?;
    Ok(())
}

/// Returns the place beside a file where another is made that shall take its place.
pub(super) fn beside(path: &Path, word: &str) -> PathBuf {
    path.with_extension(format!("{}.{word}", std::process::id()))
}

/// Puts a finished file in its place.
pub(super) fn put(made: &Path, path: &Path) -> Result<(), JournalError> {
    let create = |source| JournalError::Create { path: path.to_owned(), source };
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    std::fs::rename(made, path).map_err(create)?;
    std::fs::File::open(folder).and_then(|f| f.sync_all()).map_err(create)
}
