//! Puts what verifies of one journal into another.

use super::effect::{self, RawKey};
use super::file;
use super::meta::{self, META};
use super::salvage::{Found, Value, Wreck};
use super::{EFFECTS, JournalError, TASKS};
use crate::data::FORMAT_VERSION;
use redb::Database;
use serde_json::Value as Json;
use std::path::Path;

/// Bytes after which what was read is written.
const BATCH_BYTES: usize = 8 << 20;

/// Writes all that verifies of one file into another.
pub(super) fn rebuild(from: &Path, to: &Path) -> Result<Found, JournalError> {
    let wreck = Wreck::open(from).map_err(|error| file::damaged(from, &error))?;
    let database = file::make(to, &Json::Null)?;
    let mut batch = Batch::new(&database);
    let found = read_known(from, &wreck, &mut |value| batch.take(value))?;
    batch.end(to)?;
    Ok(found)
}

/// Reads a file, and refuses one of another format.
pub(super) fn read_known(
    path: &Path,
    wreck: &Wreck,
    take: &mut dyn FnMut(Value<'_>),
) -> Result<Found, JournalError> {
    let mut format = None;
    let found = wreck.read(&mut |value| {
        if let Value::Text(meta::FORMAT, text) = value {
            format = Some(text.to_owned());
        }
        take(value);
    });
    // Where it cannot be read, the values tell: each verifies in this format alone.
    match format {
        Some(theirs) if theirs != FORMAT_VERSION.to_string() => {
            Err(JournalError::OtherFormat { path: path.to_owned(), theirs, ours: FORMAT_VERSION })
        }
        _ => Ok(found),
    }
}

/// What is to be written next into a new journal.
pub(super) struct Batch<'a> {
    database: &'a Database,
    values: Vec<Owned>,
    bytes: usize,
    failed: Option<redb::Error>,
}

enum Owned {
    Text(String, String),
    Effect(RawKey, Vec<u8>),
    Task(u64, Vec<u8>),
}

impl<'a> Batch<'a> {
    pub fn new(database: &'a Database) -> Self {
        Self { database, values: Vec::new(), bytes: 0, failed: None }
    }

    /// Writes what is left. The first error of all is told now.
    pub fn end(mut self, path: &Path) -> Result<(), JournalError> {
        self.write();
        match self.failed {
            Some(error) => Err(JournalError::Write { path: path.to_owned(), cause: error.to_string() }),
            None => Ok(()),
        }
    }

    /// Takes a value, to be written with others.
    pub fn take(&mut self, value: Value<'_>) {
        let owned = match value {
            Value::Text(name, text) => Owned::Text(name.to_owned(), text.to_owned()),
            Value::Effect(key, bytes) => Owned::Effect(*key, bytes.to_vec()),
            Value::Task(ordinal, bytes) => Owned::Task(ordinal, bytes.to_vec()),
            Value::Lost(key, bytes) => match effect::lost(key, bytes) {
                Some(bytes) => Owned::Effect(*key, bytes),
                None => return,
            },
        };
        self.bytes += match &owned {
            Owned::Text(_, text) => text.len(),
            Owned::Effect(_, bytes) | Owned::Task(_, bytes) => bytes.len(),
        };
        self.values.push(owned);
        if self.bytes > BATCH_BYTES {
            self.write();
        }
    }

    fn write(&mut self) {
        let (database, values) = (self.database, std::mem::take(&mut self.values));
        self.bytes = 0;
        let write = || -> Result<(), redb::Error> {
            let tx = database.begin_write()?;
            for value in &values {
                match value {
                    Owned::Text(name, text) if meta::is_twice(name) => {
                        meta::write_twice(&tx, &[(name, text)])?;
                    }
                    Owned::Text(name, text) => {
                        tx.open_table(META)?.insert(name.as_str(), meta::encode(name, text).as_slice())?;
                    }
                    Owned::Effect(key, bytes) => drop(tx.open_table(EFFECTS)?.insert(key, bytes.as_slice())?),
                    Owned::Task(ordinal, bytes) => {
                        drop(tx.open_table(TASKS)?.insert(ordinal, bytes.as_slice())?);
                    }
                }
            }
            Ok(tx.commit()?)
        };
        if self.failed.is_none()
            && let Err(error) = write()
        {
            self.failed = Some(error);
        }
    }
}
