//! Looking at a journal without being its run: nothing is made, nothing is written, whosever it is.

use super::effect::{self, Note, RawKey};
use super::file::{self, builder};
use super::guard::guarded;
use super::{EFFECTS, JournalError, Key, Kind, META, TASKS, meta, task};
use crate::data::{TaskRecord, Usages};
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
    /// Effects that are not as they were written, or were found so before and not asked again since.
    pub damaged: u64,
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

    /// Counts an effect, by its head alone.
    fn add(&mut self, key: &RawKey, bytes: &[u8], is_finished: impl Fn(u64) -> bool) {
        self.effect_bytes += bytes.len() as u64;
        let Some(head) = effect::read(key, bytes) else {
            self.damaged += 1;
            return;
        };
        match head.kind {
            _ if head.is_lost => self.damaged += 1,
            Kind::ToolResult => self.tool_results += 1,
            Kind::Page => self.pages += 1,
            Kind::Reply => self.replies += 1,
        }
        let Some(Note { task, model, role, used, fault }) = head.note else { return };
        self.faults += u64::from(fault && !head.is_lost);
        self.usage.add(&model, role, &used);
        let share = if task.is_some_and(is_finished) { &mut self.finished } else { &mut self.unfinished };
        share.add(&model, role, &used);
    }

    /// Counts what tables hold.
    pub(super) fn read(tx: &redb::ReadTransaction) -> Result<Self, redb::Error> {
        let texts = tx.open_table(META)?;
        let (forgotten, repeated) = (meta::forgotten(&texts)?, meta::repeated(&texts)?);
        let mut held = Self { repeated, forgotten, ..Self::default() };
        let mut finished = BTreeSet::new();
        let tasks = tx.open_table(TASKS)?;
        held.tasks = tasks.len()?;
        for entry in tasks.iter()? {
            finished.insert(entry?.0.value());
        }
        for entry in tx.open_table(EFFECTS)?.iter()? {
            let (key, value) = entry?;
            held.add(key.value(), value.value(), |task| finished.contains(&task));
        }
        Ok(held)
    }
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
        file::known(path)?;
        let opened = guarded(|| match builder().open_read_only(path) {
            Ok(database) => Ok(Opened::ReadOnly(database)),
            Err(redb::DatabaseError::RepairAborted) => Ok(Opened::Repaired(builder().open(path)?)),
            Err(error) => Err(error.into()),
        });
        let look =
            Self { database: opened.map_err(|error| file::error_of(path, error))?, path: path.to_owned() };
        let format = look.begin().and_then(|tx| file::format(&tx));
        file::check_format(path, format).map(|()| look)
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
            Ok(table.get(key.as_bytes())?.and_then(|value| effect::effect(key.as_bytes(), value.value())))
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
                let (ordinal, value) = entry?;
                records.extend(task::decode(ordinal.value(), value.value()).ok());
            }
            Ok(records)
        })
    }

    fn begin(&self) -> Result<redb::ReadTransaction, redb::Error> {
        Ok(match &self.database {
            Opened::ReadOnly(database) => database.begin_read(),
            Opened::Repaired(database) => database.begin_read(),
        }?)
    }

    fn read<T>(
        &self,
        what: impl FnOnce(&redb::ReadTransaction) -> Result<T, redb::Error>,
    ) -> Result<T, JournalError> {
        guarded(|| what(&self.begin()?)).map_err(|error| file::error_of(&self.path, error))
    }
}
