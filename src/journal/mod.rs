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

mod effect;
mod key;
mod look;
mod writer;

pub use effect::Note;
pub use key::{Key, Kind, Scope};
pub use look::{Held, Look};

use crate::data::{FORMAT_VERSION, Stage, TaskRecord, canonical_json};
use redb::{Database, ReadableDatabase, ReadableTable, ReadableTableMetadata, TableDefinition};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use writer::Writer;

const META: TableDefinition<&str, &str> = TableDefinition::new("meta");
/// Where `meta` holds what forgotten replies took: JSON of `Usages`. A journal in which nothing was forgotten has none.
const FORGOTTEN: &str = "forgotten";
/// Where `meta` holds how many attempts were repetitions, in all sessions. A journal without any has none.
const REPEATED: &str = "repeated";
/// The part of an identity that specs make.
const CATALOG: &str = "catalog";
const EFFECTS: TableDefinition<&[u8; Key::LENGTH], &[u8]> = TableDefinition::new("effects");
const TASKS: TableDefinition<u64, &[u8]> = TableDefinition::new("tasks");

/// redb's default of 1 GiB is more than a whole run may take.
const CACHE_BYTES: usize = 32 << 20;

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
}

/// Why a journal cannot be opened or used.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The folder holds another run.
    #[error(
        "{} holds another run: its `{key}` is {theirs}, this one's is {ours}; {}",
        folder.display(),
        advice(key)
    )]
    OtherRun {
        /// The run's folder.
        folder: PathBuf,
        /// The first part of the identity that differs, dotted.
        key: String,
        /// Its value in the journal.
        theirs: String,
        /// Its value in this run.
        ours: String,
    },
    /// The journal was written by another version of the format.
    #[error(
        "{} was written in journal format {theirs}, this version reads {ours}; name another `output`, or use the version that began the run",
        path.display()
    )]
    OtherFormat {
        /// The journal's file.
        path: PathBuf,
        /// Its format.
        theirs: String,
        /// The format of this version.
        ours: u32,
    },
    /// Another process has it open.
    #[error("{} is in use by another toolloom; wait for it to end, or name another `output`", path.display())]
    InUse {
        /// The journal's file.
        path: PathBuf,
    },
    /// The file is no journal, or damaged.
    #[error("cannot open the journal {}", path.display())]
    Open {
        /// The journal's file.
        path: PathBuf,
        /// The cause.
        source: Box<redb::Error>,
    },
    /// Its folder or file cannot be made.
    #[error("cannot make the journal {}", path.display())]
    Create {
        /// The journal's file.
        path: PathBuf,
        /// The cause.
        source: std::io::Error,
    },
    /// It cannot be read.
    #[error("cannot read the journal {}", path.display())]
    Read {
        /// The journal's file.
        path: PathBuf,
        /// The cause.
        source: Box<redb::Error>,
    },
    /// It cannot be written.
    #[error("cannot write the journal {}: {cause}", path.display())]
    Write {
        /// The journal's file.
        path: PathBuf,
        /// The cause, which every writer of the batch is told.
        cause: String,
    },
    /// A remembered task cannot be read back.
    #[error("task {ordinal} in the journal {} cannot be read back", path.display())]
    Task {
        /// The journal's file.
        path: PathBuf,
        /// The task.
        ordinal: u64,
        /// The cause.
        source: serde_json::Error,
    },
}

/// Says what can be done where a part of the identity differs.
fn advice(key: &str) -> &'static str {
    match key {
        CATALOG => {
            "the specs, or settings under `crawl`, have changed since: `--redo crawl` makes the run's tasks anew of what they are now, and another `output` keeps both"
        }
        _ => "name another `output`, or remove the folder to start anew",
    }
}

impl Journal {
    /// Opens the journal of a run, or begins it. One that belongs to a run of another identity is refused.
    pub fn open(path: &Path, identity: &Value) -> Result<Self, JournalError> {
        if !path.exists() {
            begin(path, identity)?;
        }
        let journal = Self::open_unclaimed(path)?;
        match journal.difference(identity)? {
            None => Ok(journal),
            Some(other) => Err(other),
        }
    }

    /// Opens the journal of a run, or begins it, before the run's identity is known: pages are remembered in it that the
    /// identity depends on. `claim` says whose it is.
    pub fn open_unclaimed(path: &Path) -> Result<Self, JournalError> {
        if !path.exists() {
            begin(path, &Value::Null)?;
        }
        let opened = |source| match source {
            redb::Error::DatabaseAlreadyOpen => JournalError::InUse { path: path.to_owned() },
            source => JournalError::Open { path: path.to_owned(), source: Box::new(source) },
        };
        let database =
            Database::builder().set_cache_size(CACHE_BYTES).open(path).map_err(|e| opened(e.into()))?;
        check_format(&database, path)?;
        Ok(Self::of(database, path))
    }

    /// Makes this the journal of a run. One that holds what another run has done is refused; one that holds pages and
    /// nothing else is anybody's.
    pub fn claim(&self, identity: &Value) -> Result<(), JournalError> {
        let Some(other) = self.difference(identity)? else { return Ok(()) };
        if self.is_begun()? {
            return Err(other);
        }
        let text = canonical_json(identity);
        let write = || -> Result<(), redb::Error> {
            let tx = self.inner.database.begin_write()?;
            tx.open_table(META)?.insert("identity", text.as_str())?;
            tx.commit()?;
            Ok(())
        };
        write()
            .map_err(|error| JournalError::Write { path: self.inner.path.clone(), cause: error.to_string() })
    }

    /// Refuses a run that is not the journal's own, where anything was done for that.
    pub fn check(&self, identity: &Value) -> Result<(), JournalError> {
        match self.difference(identity)? {
            Some(other) if self.is_begun()? => Err(other),
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

    fn identity(&self) -> Result<Value, JournalError> {
        let text = self.read(|tx| {
            let meta = tx.open_table(META)?;
            Ok(meta.get("identity")?.map(|v| v.value().to_owned()).unwrap_or_default())
        })?;
        Ok(serde_json::from_str(&text).unwrap_or_default())
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
            make_tables(&database, &Value::Null)?;
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
        };
        Self { inner: Arc::new(inner) }
    }

    /// Returns what is remembered under a key.
    pub fn get(&self, key: &Key) -> Result<Option<Vec<u8>>, JournalError> {
        let found = self.read(|tx| {
            let table = tx.open_table(EFFECTS)?;
            Ok(table.get(key.as_bytes())?.map(|value| effect::effect(value.value()).to_vec()))
        })?;
        let counter = if found.is_some() { &self.inner.hits } else { &self.inner.misses };
        counter.fetch_add(1, Ordering::Relaxed);
        Ok(found)
    }

    /// Remembers an effect of a stage; it is durable when this resolves. Once called it is written even if nobody waits.
    pub async fn put(&self, stage: Stage, key: Key, value: &[u8]) -> Result<(), JournalError> {
        let bytes = effect::encode(stage, key.kind(), None, value);
        self.inner.writer.write(writer::Entry::Effect(key, bytes)).await
    }

    /// Remembers a model's reply with a note on what it took; like `put` in all else.
    pub async fn put_reply(&self, key: Key, note: &Note, reply: &[u8]) -> Result<(), JournalError> {
        let bytes = effect::encode(note.role.stage(), key.kind(), Some(note), reply);
        self.inner.writer.write(writer::Entry::Effect(key, bytes)).await
    }

    /// Returns what it holds, counted anew: every effect is read. The size of the file is not told.
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
        let read = |source| JournalError::Task { path: self.inner.path.clone(), ordinal, source };
        serde_json::from_slice(&bytes).map(Some).map_err(read)
    }

    /// Remembers a finished task whole; it counts as finished when this resolves.
    pub async fn put_task(&self, record: &TaskRecord) -> Result<(), JournalError> {
        let bytes = serde_json::to_vec(record).expect("a record is plain data");
        self.inner.writer.write(writer::Entry::Task(record.ordinal, bytes)).await
    }

    /// Returns the ordinals of all finished tasks, in order.
    pub fn finished(&self) -> Result<Vec<u64>, JournalError> {
        self.read(|tx| {
            let table = tx.open_table(TASKS)?;
            let mut ordinals = Vec::new();
            for entry in table.iter()? {
                ordinals.push(entry?.0.value());
            }
            Ok(ordinals)
        })
    }

    /// Forgets the effects of a stage and of those after it, and every finished task, so that these stages are done anew.
    /// What they took stays known: it is spent.
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
        })
    }

    fn read<T>(
        &self,
        what: impl FnOnce(&redb::ReadTransaction) -> Result<T, redb::Error>,
    ) -> Result<T, JournalError> {
        let read = || what(&self.inner.database.begin_read()?);
        read()
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

/// Makes a journal beside its place and renames it, so that a kill leaves either none or a whole one.
fn begin(path: &Path, identity: &Value) -> Result<(), JournalError> {
    let create = |source| JournalError::Create { path: path.to_owned(), source };
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder).map_err(create)?;
    let unborn = path.with_extension(format!("{}.new", std::process::id()));
    let _ = std::fs::remove_file(&unborn);
    let write = || -> Result<(), redb::Error> {
        let database = Database::builder().set_cache_size(CACHE_BYTES).create(&unborn)?;
        make_tables(&database, identity)
    };
    write().map_err(|source| JournalError::Open { path: path.to_owned(), source: Box::new(source) })?;
    std::fs::rename(&unborn, path).map_err(create)?;
    std::fs::File::open(folder).and_then(|f| f.sync_all()).map_err(create)
}

fn make_tables(database: &Database, identity: &Value) -> Result<(), redb::Error> {
    let tx = database.begin_write()?;
    {
        let mut meta = tx.open_table(META)?;
        meta.insert("format", FORMAT_VERSION.to_string().as_str())?;
        meta.insert("identity", canonical_json(identity).as_str())?;
        tx.open_table(EFFECTS)?;
        tx.open_table(TASKS)?;
    }
    tx.commit()?;
    Ok(())
}

fn check_format(database: &Database, path: &Path) -> Result<(), JournalError> {
    let read = || -> Result<String, redb::Error> {
        let meta = database.begin_read()?.open_table(META)?;
        Ok(meta.get("format")?.map(|v| v.value().to_owned()).unwrap_or_default())
    };
    let format =
        read().map_err(|source| JournalError::Open { path: path.to_owned(), source: Box::new(source) })?;
    if format == FORMAT_VERSION.to_string() {
        return Ok(());
    }
    Err(JournalError::OtherFormat { path: path.to_owned(), theirs: format, ours: FORMAT_VERSION })
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
mod tests;
