//! Reading what can be read of a journal's file, whatever is damaged in it, without writing to it.
//!
//! The file is opened as a reader beside a live writer does, which looks at nothing but the pages that lead to the values.
//! What the head of a redb file holds of itself is the same in every file, and is put right in what is read of it.

use super::damage::Damage;
use super::effect::{self, RawKey};
use super::guard::guarded;
use super::meta::{self, AGAIN, META};
use super::{CACHE_BYTES, EFFECTS, Key, TASKS, task};
use redb::{BackendError, ConcurrencyMode, Database, ReadOnlyDatabase, ReadTransaction};
use redb::{ReadableDatabase, ReadableTableMetadata, StorageBackend};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Bound;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

/// What every redb file begins with.
pub(super) const MAGIC: [u8; 9] = *b"redb\x1A\x0A\xA9\x0D\x0A";
/// Behind it: a byte of flags, two that are not used, the sizes of a page, of a region's head and of a region, the counts of
/// regions (of which a reader asks only that there are some).
const FLAGS: usize = MAGIC.len();
const SIZES: [u8; 20] = [
    0, 0x10, 0, 0, // pages of 4 KiB
    0, 0, 0, 0, // no head
    0, 0, 0x10, 0, // 2^20 pages
    0, 0, 0, 0, // no whole region
    1, 0, 0, 0, // a part of one
];
const SIZES_AT: usize = FLAGS + 3;
/// The version of redb's own format, and where it stands in each of the two last commits. Only there is no second try: a
/// version that is not known ends it.
const VERSION: u8 = 3;
const VERSIONS_AT: [usize; 2] = [64, 192];
const HEAD_BYTES: usize = VERSIONS_AT[1] + 1;
/// The flag that says which of the two last commits counts.
const PRIMARY: u8 = 1;
/// The flag of a commit in two phases.
const TWO_PHASE: u8 = 4;
/// So many places in a row that cannot be read are the end: they are sought in steps that double.
const JUMPS: u32 = 64;

/// A value that was read and is as it was written.
pub(super) enum Value<'a> {
    Text(&'a str, &'a str),
    Effect(&'a RawKey, &'a [u8]),
    Task(u64, &'a [u8]),
    /// An effect of which the head alone is as it was written.
    Lost(&'a RawKey, &'a [u8]),
}

/// What was found in a journal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// Finished tasks whose records are as they were written.
    pub tasks: u64,
    /// Effects that are as they were written.
    pub effects: u64,
    /// Those that were found damaged before, and not asked again since.
    pub lost: u64,
    /// What is not as it was written.
    pub damage: Vec<Damage>,
    /// Why values may be missing altogether, where some may.
    pub torn: Option<String>,
}

/// A journal's file, to be read as far as it can be.
pub(super) struct Wreck {
    database: ReadOnlyDatabase,
}

impl Wreck {
    /// Opens the file. That fails only where nothing can be read.
    pub fn open(path: &Path) -> Result<Self, redb::Error> {
        let mut error = None;
        for flip in [0, PRIMARY] {
            let open = guarded(|| {
                let file = Patched::open(path, flip)?;
                let mut builder = Database::builder();
                builder.set_cache_size(CACHE_BYTES).set_concurrency_mode(ConcurrencyMode::SingleWriter);
                let database = builder.open_read_only_with_backend(file)?;
                // Whoever has none of the tables is of no use.
                let tx = database.begin_read()?;
                let tables = [tx.open_table(EFFECTS).is_ok(), tx.open_table(TASKS).is_ok()];
                if tables.contains(&true) {
                    return Ok(database);
                }
                tx.open_table(EFFECTS).map(|_| database).map_err(Into::into)
            });
            match open {
                Ok(database) => return Ok(Self { database }),
                Err(failed) => error = error.or(Some(failed)),
            }
        }
        Err(error.expect("it was tried"))
    }

    /// Reads everything, and hands on what is as it was written.
    pub fn read(&self, take: &mut dyn FnMut(Value<'_>)) -> Found {
        let mut found = Found::default();
        let tx = match guarded(|| Ok(self.database.begin_read()?)) {
            Ok(tx) => tx,
            Err(error) => {
                found.torn = Some(error.to_string());
                return found;
            }
        };
        let is_known = texts(&tx, &mut found, take);
        effects(&tx, &mut found, take);
        // A reply's key says what was asked, so that no other run takes it for its own; a task's says no more than a number.
        if is_known {
            tasks(&tx, &mut found, take);
        } else {
            found.tear("tasks", "whose they are is lost, so that they are made again of the replies");
        }
        found
    }
}

impl Found {
    fn tear(&mut self, table: &str, why: impl std::fmt::Display) {
        self.torn.get_or_insert_with(|| format!("its table of {table} cannot be read whole: {why}"));
    }
}

/// Reads the texts. Returns whether it is known whose journal this is.
fn texts(tx: &ReadTransaction, found: &mut Found, take: &mut dyn FnMut(Value<'_>)) -> bool {
    let mut is_known = false;
    for name in meta::NAMES {
        // A text is damaged where its first place is; it is saved from wherever it can be.
        let mut is_found = false;
        for (definition, is_first) in [(META, true), (AGAIN, false)] {
            let read = guarded(|| {
                let table = tx.open_table(definition)?;
                meta::read(&table, name)
            });
            match read {
                Ok(Some(text)) if !is_found => {
                    is_found = true;
                    is_known |= name == meta::IDENTITY;
                    take(Value::Text(name, &text));
                }
                Err(_) if is_first || meta::is_twice(name) => {
                    found.damage.push(Damage::Text(name.to_owned()));
                }
                _ => {}
            }
        }
    }
    is_known
}

fn effects(tx: &ReadTransaction, found: &mut Found, take: &mut dyn FnMut(Value<'_>)) {
    let (mut from, mut seen, mut jumps, mut last) = (Key::first_of(0), 0, 0, None::<RawKey>);
    loop {
        let read = guarded(|| {
            let table = tx.open_table(EFFECTS)?;
            for entry in table.range::<&RawKey>(&from..)? {
                let (key, value) = entry?;
                let key = *key.value();
                ascends(last.as_ref(), &key)?;
                seen += 1;
                (last, jumps) = (Some(key), 0);
                let bytes = value.value();
                if effect::is_whole(&key, bytes) {
                    let count = if effect::is_lost(bytes) { &mut found.lost } else { &mut found.effects };
                    *count += 1;
                    take(Value::Effect(&key, bytes));
                } else {
                    found.damage.push(Damage::of_effect(&key, bytes));
                    take(Value::Lost(&key, bytes));
                }
            }
            Ok(table.len()?)
        });
        match read {
            Ok(length) if length == seen => return,
            Ok(length) => {
                return found.tear("effects", format!("it should hold {length}, and {seen} are there"));
            }
            Err(error) => found.tear("effects", error),
        }
        // On behind what cannot be read.
        let place = Key::place_of(&last.map_or(from, |last| last.max(from)));
        let Some(next) = (jumps < JUMPS).then(|| place.checked_add(1 << jumps.min(63))).flatten() else {
            return;
        };
        from = Key::first_of(next);
        jumps += 1;
    }
}

fn tasks(tx: &ReadTransaction, found: &mut Found, take: &mut dyn FnMut(Value<'_>)) {
    let (mut from, mut seen, mut jumps, mut last) = (0, 0, 0, None::<u64>);
    loop {
        let read = guarded(|| {
            let table = tx.open_table(TASKS)?;
            for entry in table.range(from..)? {
                let (ordinal, value) = entry?;
                let ordinal = ordinal.value();
                ascends(last.as_ref(), &ordinal)?;
                seen += 1;
                (last, jumps) = (Some(ordinal), 0);
                if task::is_whole(ordinal, value.value()) {
                    found.tasks += 1;
                    take(Value::Task(ordinal, value.value()));
                } else {
                    found.damage.push(Damage::Record(ordinal));
                }
            }
            Ok(table.len()?)
        });
        match read {
            Ok(length) if length == seen => return,
            Ok(length) => {
                return found.tear("tasks", format!("it should hold {length}, and {seen} are there"));
            }
            Err(error) => found.tear("tasks", error),
        }
        let ordinal = last.map_or(from, |last| last.max(from));
        let Some(next) = (jumps < JUMPS).then(|| ordinal.checked_add(1 << jumps.min(63))).flatten() else {
            return;
        };
        from = next;
        jumps += 1;
    }
}

/// Fails at a key that does not stand behind the one before it: a look-up would not find it, or its neighbours.
fn ascends<K: Ord>(last: Option<&K>, key: &K) -> Result<(), redb::Error> {
    match last {
        Some(last) if last >= key => Err(redb::Error::Corrupted(String::from("its keys are out of order"))),
        _ => Ok(()),
    }
}

/// A file that is only read, with its head put right.
#[derive(Debug)]
struct Patched {
    file: Mutex<File>,
    head: [u8; HEAD_BYTES],
}

impl Patched {
    /// Opens a file; `flip` changes which of the two last commits counts.
    fn open(path: &Path, flip: u8) -> Result<Self, redb::Error> {
        let mut file = File::open(path).map_err(redb::Error::Io)?;
        let mut head = [0; HEAD_BYTES];
        file.read_exact(&mut head).map_err(redb::Error::Io)?;
        let flags = (head[FLAGS] & (PRIMARY | TWO_PHASE)) ^ flip;
        head[..FLAGS].copy_from_slice(&MAGIC);
        head[FLAGS] = flags;
        head[SIZES_AT..SIZES_AT + SIZES.len()].copy_from_slice(&SIZES);
        for at in VERSIONS_AT {
            head[at] = VERSION;
        }
        Ok(Self { file: Mutex::new(file), head })
    }
}

impl StorageBackend for Patched {
    fn len(&self) -> io::Result<u64> {
        Ok(self.file.lock().unwrap_or_else(PoisonError::into_inner).metadata()?.len())
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.seek(SeekFrom::Start(offset))?;
        file.read_exact(out)?;
        if let Some(head) = usize::try_from(offset).ok().and_then(|offset| self.head.get(offset..)) {
            let common = head.len().min(out.len());
            out[..common].copy_from_slice(&head[..common]);
        }
        Ok(())
    }

    fn set_len(&self, _: u64) -> io::Result<()> {
        Err(io::ErrorKind::ReadOnlyFilesystem.into())
    }

    fn sync_data(&self) -> io::Result<()> {
        Ok(())
    }

    fn write(&self, _: u64, _: &[u8]) -> io::Result<()> {
        Err(io::ErrorKind::ReadOnlyFilesystem.into())
    }

    // Nobody else is let in by whoever reads a wreck; redb asks for locks all the same.
    fn try_lock_range(&self, _: Bound<u64>, _: Bound<u64>) -> Result<bool, BackendError> {
        Ok(true)
    }

    fn try_lock_shared_range(&self, _: Bound<u64>, _: Bound<u64>) -> Result<bool, BackendError> {
        Ok(true)
    }

    fn lock_range(&self, _: Bound<u64>, _: Bound<u64>) -> Result<(), BackendError> {
        Ok(())
    }

    fn lock_shared_range(&self, _: Bound<u64>, _: Bound<u64>) -> Result<(), BackendError> {
        Ok(())
    }

    fn unlock_range(&self, _: Bound<u64>, _: Bound<u64>) -> Result<(), BackendError> {
        Ok(())
    }

    fn query_lock_range(&self, _: Bound<u64>, _: Bound<u64>) -> Result<bool, BackendError> {
        Ok(false)
    }
}
