//! What was asked and answered, and every finished task: durable before anything acts on it.
//!
//! One redb file a run. A single writer thread commits whatever has gathered while it wrote the last batch, so that the cost
//! of a durable commit is shared by all who wait for one.
//!
//! Changes of the format:
//! - 1: tables `meta` (format, identity), `effects` (blake3 key → a byte for the stage, bytes), `tasks` (ordinal → JSON of
//!   a record).
//! - 2: a record's use of models is told by role, and counts cached tokens; an effect begins with its stage, its kind and,
//!   where it is a reply, a note on the task, model, role and tokens; effects stand in the order of their tasks.
//! - 3: every value has a checksum over itself and its key; texts are packed with a dictionary; a task begins with its mark;
//!   what `meta` cannot do without stands in `meta again`, too.

mod damage;
mod effect;
mod error;
mod file;
mod guard;
mod key;
mod look;
mod meta;
mod open;
mod pack;
mod portable;
mod rebuild;
mod repair;
mod salvage;
mod seal;
mod task;
mod writer;

pub use damage::Damage;
pub use effect::Note;
pub use error::JournalError;
pub use key::{Key, Kind, Scope};
pub use look::{Held, Look};
pub use portable::{export, import};
pub use repair::{Prune, check, prune, repair};
pub use salvage::Found;
pub use task::TaskMark;

use crate::data::{Stage, TaskRecord, canonical_json};
use error::CATALOG;
use guard::guarded;
use meta::META;
use redb::{Database, ReadableDatabase, ReadableTable, ReadableTableMetadata, TableDefinition};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use writer::Writer;

const EFFECTS: TableDefinition<&[u8; Key::LENGTH], &[u8]> = TableDefinition::new("effects");
const TASKS: TableDefinition<u64, &[u8]> = TableDefinition::new("tasks");

/// redb's default of 1 GiB is more than a whole run may take.
const CACHE_BYTES: usize = 32 << 20;

/// A file of fewer bytes is not worth it.
const COMPACTED_LEAST: u64 = 2 << 20;

/// The handle on a run's journal; cheap to clone.
#[derive(Clone)]
pub struct Journal {
    inner: Arc<Inner>,
}

struct Inner {
    // Before `database`, so that the writer's thread ends first.
    writer: Writer,
    database: Arc<Database>,
    path: PathBuf,
    hits: AtomicU64,
    misses: AtomicU64,
    damaged: AtomicU64,
    /// What was found damaged and not told yet.
    found: Mutex<Vec<Damage>>,
}

impl Drop for Inner {
    /// Gives room back: redb lets a file grow by halves, and each commit leaves pages behind.
    fn drop(&mut self) {
        self.writer.end();
        let is_large = std::fs::metadata(&self.path).is_ok_and(|meta| meta.len() > COMPACTED_LEAST);
        if is_large
            && self.writer.counts().0 > 0
            && let Some(database) = Arc::get_mut(&mut self.database)
        {
            // Where it cannot be, the file stays as large as it is.
            let _ = guarded(|| Ok(database.compact()?));
        }
    }
}

/// What a journal holds and how it was used since it was opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct JournalStats {
    /// Remembered effects.
    pub effects: u64,
    /// Finished tasks.
    pub tasks: u64,
    /// Lookups that were answered.
    pub hits: u64,
    /// Lookups that were not.
    pub misses: u64,
    /// Durable commits made.
    pub commits: u64,
    /// Values written by them.
    pub writes: u64,
    /// Values that were found damaged.
    pub damaged: u64,
}

impl Journal {
    /// Opens the journal of a run, or begins it. One that belongs to a run of another identity is refused.
    #[cfg_attr(not(feature = "internals"), expect(dead_code, reason = "the project's own tests use it"))]
    pub fn open(path: &Path, identity: &Value) -> Result<Self, JournalError> {
        if !path.exists() {
            file::begin(path, identity)?;
        }
        let journal = Self::open_unclaimed(path)?;
        match journal.difference(identity)? {
            Some(other) if !journal.is_unknown()? => Err(other),
            Some(_) => journal.claim(identity).map(|()| journal),
            None => Ok(journal),
        }
    }

    /// Opens the journal of a run, or begins it, before the run's identity is known: pages are remembered in it that the
    /// identity depends on. `claim` says whose it is.
    pub fn open_unclaimed(path: &Path) -> Result<Self, JournalError> {
        if !path.exists() {
            file::begin(path, &Value::Null)?;
        }
        let (database, found) = open::open(path)?;
        let journal = Self::of(database, path);
        journal.found(found);
        Ok(journal)
    }

    /// Makes this the journal of a run. One that holds what another run has done is refused; one that holds pages and
    /// nothing else is anybody's.
    pub fn claim(&self, identity: &Value) -> Result<(), JournalError> {
        let Some(other) = self.difference(identity)? else { return Ok(()) };
        if self.is_begun()? && !self.is_unknown()? {
            return Err(other);
        }
        let text = canonical_json(identity);
        let write = || -> Result<(), redb::Error> {
            let tx = self.inner.database.begin_write()?;
            meta::write_twice(&tx, &[(meta::IDENTITY, &text)])?;
            tx.commit()?;
            Ok(())
        };
        write()
            .map_err(|error| JournalError::Write { path: self.inner.path.clone(), cause: error.to_string() })
    }

    /// Refuses a run that is not the journal's own, where anything was done for that.
    pub fn check(&self, identity: &Value) -> Result<(), JournalError> {
        match self.difference(identity)? {
            Some(other) if self.is_begun()? && !self.is_unknown()? => Err(other),
            _ => Ok(()),
        }
    }

    /// Refuses a run that differs from the journal's own in more than its catalog.
    pub fn check_but_catalog(&self, identity: &Value) -> Result<(), JournalError> {
        let mut identity = identity.clone();
        if let Some(catalog) = self.identity()?.get(CATALOG) {
            identity[CATALOG] = catalog.clone();
        }
        self.check(&identity)
    }

    /// Tells whether anything was done in it that depends on the catalog: a task, or an exchange for one.
    pub fn is_begun(&self) -> Result<bool, JournalError> {
        self.read(is_begun)
    }

    /// Tells whether it holds replies that were saved without a word on whose they are, and no task: any run may go on with
    /// them, since each is found by what was asked.
    fn is_unknown(&self) -> Result<bool, JournalError> {
        Ok(self.identity()?.is_null() && self.stats()?.tasks == 0)
    }

    fn identity(&self) -> Result<Value, JournalError> {
        let text = self.read(|tx| meta::read(&tx.open_table(META)?, meta::IDENTITY))?;
        Ok(text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default())
    }

    /// Returns how an identity differs from the journal's own, as the error that says so.
    fn difference(&self, identity: &Value) -> Result<Option<JournalError>, JournalError> {
        let theirs = self.identity()?;
        // Through text, as `theirs` went: a float that prints alike is alike.
        let ours: Value = serde_json::from_str(&canonical_json(identity)).unwrap_or_default();
        if theirs == ours {
            return Ok(None);
        }
        let (key, theirs, ours) = first_difference(&theirs, &ours, String::new())
            .unwrap_or_else(|| (String::from("identity"), shorten(&theirs), shorten(&ours)));
        let path = &self.inner.path;
        let folder = path.parent().unwrap_or(path).to_owned();
        Ok(Some(JournalError::OtherRun { folder, key, theirs, ours }))
    }

    /// Begins a journal that ends with the handle: for trials, which leave nothing behind.
    pub fn in_memory() -> Result<Self, JournalError> {
        let path = Path::new("(in memory)");
        let begin = || -> Result<Database, redb::Error> {
            let database = Database::builder()
                .set_cache_size(CACHE_BYTES)
                .create_with_backend(redb::backends::InMemoryBackend::new())?;
            file::make_tables(&database, &Value::Null)?;
            Ok(database)
        };
        let database = begin()
            .map_err(|source| JournalError::Open { path: path.to_owned(), source: Box::new(source) })?;
        Ok(Self::of(database, path))
    }

    fn of(database: Database, path: &Path) -> Self {
        let database = Arc::new(database);
        let writer = Writer::spawn(Arc::clone(&database), path.to_owned());
        let inner = Inner {
            writer,
            database,
            path: path.to_owned(),
            hits: AtomicU64::new(0),
            misses: AtomicU64::new(0),
            damaged: AtomicU64::new(0),
            found: Mutex::default(),
        };
        Self { inner: Arc::new(inner) }
    }

    /// Returns what is remembered under a key. What is not as it was written is counted, told (see `complaint`), and not
    /// remembered.
    pub fn get(&self, key: &Key) -> Result<Option<Vec<u8>>, JournalError> {
        let raw = key.as_bytes();
        let mut damage = None;
        let found = self.read(|tx| {
            let table = tx.open_table(EFFECTS)?;
            let Some(value) = table.get(raw)? else { return Ok(None) };
            let found = effect::effect(raw, value.value());
            if found.is_none() && !effect::is_lost(value.value()) {
                damage = Some(Damage::of_effect(raw, value.value()));
            }
            Ok(found)
        })?;
        self.found(damage);
        let counter = if found.is_some() { &self.inner.hits } else { &self.inner.misses };
        counter.fetch_add(1, Ordering::Relaxed);
        Ok(found)
    }

    /// Tells whether what stood under a key was found damaged, and was not asked again since.
    pub fn is_lost(&self, key: &Key) -> Result<bool, JournalError> {
        self.read(|tx| {
            let table = tx.open_table(EFFECTS)?;
            let value = table.get(key.as_bytes())?;
            Ok(value.is_some_and(|value| effect::effect(key.as_bytes(), value.value()).is_none()))
        })
    }

    /// Says what was found damaged since this was last asked; `None` where nothing was.
    pub fn complaint(&self) -> Option<String> {
        damage::told(&std::mem::take(&mut *self.inner.found.lock().unwrap_or_else(PoisonError::into_inner)))
    }

    fn found(&self, damage: impl IntoIterator<Item = Damage>) {
        let mut found = self.inner.found.lock().unwrap_or_else(PoisonError::into_inner);
        let before = found.len();
        found.extend(damage);
        self.inner.damaged.fetch_add((found.len() - before) as u64, Ordering::Relaxed);
    }

    /// Remembers an effect of a stage; it is durable when this resolves. Once called it is written even if nobody waits.
    pub async fn put(&self, stage: Stage, key: Key, value: &[u8]) -> Result<(), JournalError> {
        let bytes = effect::encode(&key, stage, None, value);
        self.inner.writer.write(writer::Entry::Effect(key, bytes)).await
    }

    /// Remembers a model's reply with a note on what it took; like `put` in all else.
    pub async fn put_reply(&self, key: Key, note: &Note, reply: &[u8]) -> Result<(), JournalError> {
        let bytes = effect::encode(&key, note.role.stage(), Some(note), reply);
        self.inner.writer.write(writer::Entry::Effect(key, bytes)).await
    }

    /// Returns what it holds, counted anew: the head of every effect is read. The size of the file is not told.
    pub fn held(&self) -> Result<Held, JournalError> {
        self.read(Held::read)
    }

    /// Returns a finished task.
    pub fn task(&self, ordinal: u64) -> Result<Option<TaskRecord>, JournalError> {
        let bytes = self.read(|tx| {
            let table = tx.open_table(TASKS)?;
            Ok(table.get(ordinal)?.map(|value| value.value().to_vec()))
        })?;
        let Some(bytes) = bytes else { return Ok(None) };
        let read = |cause| JournalError::Task { path: self.inner.path.clone(), ordinal, cause };
        task::decode(ordinal, &bytes).map(Some).map_err(read)
    }

    /// Remembers a finished task whole; it counts as finished when this resolves.
    pub async fn put_task(&self, record: &TaskRecord) -> Result<(), JournalError> {
        let bytes = task::encode(record);
        self.inner.writer.write(writer::Entry::Task(record.ordinal, bytes)).await
    }

    /// Returns the ordinals of all finished tasks, in order, with their marks; no record is read.
    pub fn finished(&self) -> Result<Vec<(u64, TaskMark)>, JournalError> {
        self.read(|tx| {
            let table = tx.open_table(TASKS)?;
            let mut finished = Vec::new();
            for entry in table.iter()? {
                let (ordinal, value) = entry?;
                finished.extend(task::mark(value.value()).map(|mark| (ordinal.value(), mark)));
            }
            Ok(finished)
        })
    }

    /// Forgets the effects of a stage and of those after it, so that these stages are done anew, and every finished task
    /// where the stage is one that makes them. What they took stays known: it is spent.
    pub async fn forget(&self, from: Stage) -> Result<(), JournalError> {
        self.inner.writer.write(writer::Entry::Forget(from)).await
    }

    /// Forgets every finished task and no effect, so that tasks are made again of what is remembered.
    pub async fn forget_tasks(&self) -> Result<(), JournalError> {
        self.inner.writer.write(writer::Entry::ForgetTasks).await
    }

    /// Adds to the attempts that were repetitions.
    pub async fn add_repeated(&self, attempts: u64) -> Result<(), JournalError> {
        if attempts == 0 {
            return Ok(());
        }
        self.inner.writer.write(writer::Entry::Repeated(attempts)).await
    }

    /// Returns what it holds and how it was used.
    pub fn stats(&self) -> Result<JournalStats, JournalError> {
        let (effects, tasks) =
            self.read(|tx| Ok((tx.open_table(EFFECTS)?.len()?, tx.open_table(TASKS)?.len()?)))?;
        let (commits, writes) = self.inner.writer.counts();
        Ok(JournalStats {
            effects,
            tasks,
            hits: self.inner.hits.load(Ordering::Relaxed),
            misses: self.inner.misses.load(Ordering::Relaxed),
            commits,
            writes,
            damaged: self.inner.damaged.load(Ordering::Relaxed),
        })
    }

    fn read<T>(
        &self,
        what: impl FnOnce(&redb::ReadTransaction) -> Result<T, redb::Error>,
    ) -> Result<T, JournalError> {
        guarded(|| what(&self.inner.database.begin_read()?))
            .map_err(|source| JournalError::Read { path: self.inner.path.clone(), source: Box::new(source) })
    }
}

fn is_begun(tx: &redb::ReadTransaction) -> Result<bool, redb::Error> {
    if !tx.open_table(TASKS)?.is_empty()? {
        return Ok(true);
    }
    // the keys of what belongs to tasks stand behind those of what belongs to the run
    let first = Key::first_of_tasks();
    Ok(tx.open_table(EFFECTS)?.range::<&[u8; Key::LENGTH]>(&first..)?.next().is_some())
}

/// Returns the first differing leaf in key order, dotted, with both values.
fn first_difference(theirs: &Value, ours: &Value, at: String) -> Option<(String, String, String)> {
    if theirs == ours {
        return None;
    }
    let (Value::Object(a), Value::Object(b)) = (theirs, ours) else {
        return Some((at, shorten(theirs), shorten(ours)));
    };
    let keys: std::collections::BTreeSet<&String> = a.keys().chain(b.keys()).collect();
    keys.into_iter().find_map(|key| {
        let deeper = if at.is_empty() { key.clone() } else { format!("{at}.{key}") };
        let nothing = Value::Null;
        first_difference(a.get(key).unwrap_or(&nothing), b.get(key).unwrap_or(&nothing), deeper)
    })
}

fn shorten(value: &Value) -> String {
    let text = value.to_string();
    if text.chars().count() <= 80 { text } else { text.chars().take(77).chain("...".chars()).collect() }
}

#[cfg(test)]
mod damage_tests;
#[cfg(test)]
mod tests;
