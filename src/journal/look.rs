//! Looking at a journal without being its run: nothing is made, nothing is written, whosever it is.

use super::effect::{self, Note};
use super::{CACHE_BYTES, EFFECTS, FORGOTTEN, JournalError, Key, Kind, META, REPEATED, TASKS};
use crate::data::{FORMAT_VERSION, TaskRecord, Usages};
use redb::{Database, ReadOnlyDatabase, ReadableDatabase, ReadableTable, ReadableTableMetadata};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// What a journal holds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Held {
    /// Bytes of its file; 0 while a run has it open.
    pub bytes: u64,
    /// Finished tasks.
    pub tasks: u64,
    /// Remembered replies of models.
    pub replies: u64,
    /// Those of them that are of no use.
    pub faults: u64,
    /// Attempts that were repetitions, in all sessions that came to an end of their own.
    pub repeated: u64,
    /// Results of live tools.
    pub tool_results: u64,
    /// Fetched pages.
    pub pages: u64,
    /// Bytes of all effects.
    pub effect_bytes: u64,
    /// What the remembered replies took, all of them.
    pub usage: Usages,
    /// What those took that belong to a finished task.
    pub finished: Usages,
    /// What those took that belong to another.
    pub unfinished: Usages,
    /// What replies took that are remembered no more, because their stage was done anew.
    pub forgotten: Usages,
}

impl Held {
    /// Returns what was ever spent: what is remembered and what is forgotten.
    pub fn spent(&self) -> Usages {
        let mut spent = self.usage.clone();
        spent.merge(&self.forgotten);
        spent
    }

    pub(super) fn add(&mut self, bytes: &[u8], is_finished: impl Fn(u64) -> bool) {
        let said = effect::said(bytes);
        self.effect_bytes += bytes.len() as u64;
        match said.kind {
            Some(Kind::ToolResult) => self.tool_results += 1,
            Some(Kind::Page) => self.pages += 1,
            Some(Kind::Reply) | None => self.replies += 1,
        }
        let Some(Note { task, model, role, used, fault }) = said.note else { return };
        self.faults += u64::from(fault);
        self.usage.add(&model, role, &used);
        let share = if task.is_some_and(is_finished) { &mut self.finished } else { &mut self.unfinished };
        share.add(&model, role, &used);
    }

    /// Counts what tables hold.
    pub(super) fn read(tx: &redb::ReadTransaction) -> Result<Self, redb::Error> {
        let meta = tx.open_table(META)?;
        let (forgotten, repeated) = (forgotten(&meta)?, repeated(&meta)?);
        let mut held = Self { repeated, forgotten, ..Self::default() };
        let mut finished = BTreeSet::new();
        let tasks = tx.open_table(TASKS)?;
        held.tasks = tasks.len()?;
        for entry in tasks.iter()? {
            finished.insert(entry?.0.value());
        }
        for entry in tx.open_table(EFFECTS)?.iter()? {
            held.add(entry?.1.value(), |task| finished.contains(&task));
        }
        Ok(held)
    }
}

/// Reads what forgotten replies took.
pub(super) fn forgotten(
    meta: &impl ReadableTable<&'static str, &'static str>,
) -> Result<Usages, redb::Error> {
    let text = meta.get(FORGOTTEN)?;
    Ok(text.and_then(|text| serde_json::from_str(text.value()).ok()).unwrap_or_default())
}

/// Reads how many attempts were repetitions.
pub(super) fn repeated(meta: &impl ReadableTable<&'static str, &'static str>) -> Result<u64, redb::Error> {
    Ok(meta.get(REPEATED)?.and_then(|text| text.value().parse().ok()).unwrap_or_default())
}

/// A journal that is only looked at.
pub struct Look {
    database: Opened,
    path: PathBuf,
}

enum Opened {
    ReadOnly(ReadOnlyDatabase),
    /// One that a killed run left must be set right before anyone can read it.
    Repaired(Database),
}

impl Look {
    /// Opens the journal at a path. There must be one, and no run may have it open.
    pub fn open(path: &Path) -> Result<Self, JournalError> {
        let opened = |source| match source {
            redb::Error::DatabaseAlreadyOpen => JournalError::InUse { path: path.to_owned() },
            source => JournalError::Open { path: path.to_owned(), source: Box::new(source) },
        };
        let builder = || {
            let mut builder = Database::builder();
            builder.set_cache_size(CACHE_BYTES);
            builder
        };
        let database = match builder().open_read_only(path) {
            Ok(database) => Opened::ReadOnly(database),
            Err(redb::DatabaseError::RepairAborted) => {
                Opened::Repaired(builder().open(path).map_err(|e| opened(e.into()))?)
            }
            Err(error) => return Err(opened(error.into())),
        };
        let look = Self { database, path: path.to_owned() };
        let format = look.read(|tx| {
            let meta = tx.open_table(META)?;
            Ok(meta.get("format")?.map(|format| format.value().to_owned()).unwrap_or_default())
        })?;
        if format == FORMAT_VERSION.to_string() {
            return Ok(look);
        }
        Err(JournalError::OtherFormat { path: path.to_owned(), theirs: format, ours: FORMAT_VERSION })
    }

    /// Returns what it holds.
    pub fn held(&self) -> Result<Held, JournalError> {
        let held = self.read(Held::read)?;
        // What cannot be measured is no reason to tell nothing.
        Ok(Held { bytes: std::fs::metadata(&self.path).map_or(0, |meta| meta.len()), ..held })
    }

    /// Returns what is remembered under a key.
    pub fn get(&self, key: &Key) -> Result<Option<Vec<u8>>, JournalError> {
        self.read(|tx| {
            let table = tx.open_table(EFFECTS)?;
            Ok(table.get(key.as_bytes())?.map(|value| effect::effect(value.value()).to_vec()))
        })
    }

    /// Tells whether anything was done that depends on the catalog, as `Journal::is_begun` does.
    pub fn is_begun(&self) -> Result<bool, JournalError> {
        self.read(super::is_begun)
    }

    /// Returns the records of finished tasks, in order; those that cannot be read back are left out.
    pub fn tasks(&self) -> Result<Vec<TaskRecord>, JournalError> {
        self.read(|tx| {
            let mut records = Vec::new();
            for entry in tx.open_table(TASKS)?.iter()? {
                records.extend(serde_json::from_slice(entry?.1.value()).ok());
            }
            Ok(records)
        })
    }

    fn read<T>(
        &self,
        what: impl FnOnce(&redb::ReadTransaction) -> Result<T, redb::Error>,
    ) -> Result<T, JournalError> {
        let begun = match &self.database {
            Opened::ReadOnly(database) => database.begin_read(),
            Opened::Repaired(database) => database.begin_read(),
        };
        let read = || what(&begun?);
        read().map_err(|source| JournalError::Read { path: self.path.clone(), source: Box::new(source) })
    }
}
