//! Looking after a journal: every value checked, what verifies saved into a new file, what nobody needs dropped.

use super::effect::{self, RawKey};
use super::file::{self, beside, builder};
use super::guard::guarded;
use super::open::open;
use super::rebuild::{read_known, rebuild};
use super::salvage::{Found, Wreck};
use super::{EFFECTS, JournalError, Key, META, TASKS, meta};
use redb::{Database, ReadableTable};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// What may be dropped of a journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prune {
    /// Replies that are of no use: should their tasks be done again, they are asked again.
    Faults,
    /// Those, and all replies and results of finished tasks: rows can still be made of these, but the tasks can be made
    /// again only by asking again.
    Finished,
}

/// What pruning did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pruned {
    /// Effects that were dropped.
    pub effects: u64,
    /// Bytes of the file before.
    pub bytes_before: u64,
    /// Bytes of the file now.
    pub bytes_after: u64,
}

/// Checks every value of a journal, and every page that leads to one. Nothing is changed.
pub fn check(path: &Path) -> Result<Found, JournalError> {
    is_free(path)?;
    let wreck = Wreck::open(path).map_err(|error| file::error_of(path, error))?;
    let mut found = read_known(path, &wreck, &mut |_| ())?;
    if found.damage.is_empty() && found.torn.is_none() {
        found.torn = pages(path)?;
    }
    Ok(found)
}

/// Saves all that verifies into a new journal, puts that in its place, and keeps the damaged one beside it. Returns what was
/// found, and where the damaged one is now.
pub fn repair(path: &Path) -> Result<(Found, PathBuf), JournalError> {
    is_free(path)?;
    let fresh = beside(path, "repaired");
    let found = rebuild(path, &fresh).inspect_err(|_| drop(std::fs::remove_file(&fresh)))?;
    let mut kept = PathBuf::from(format!("{}.damaged", path.display()));
    let mut others = 0;
    while kept.exists() {
        others += 1;
        kept = PathBuf::from(format!("{}.damaged.{others}", path.display()));
    }
    // A second name first, so that a kill leaves no folder without a journal: a run would begin anew.
    if std::fs::hard_link(path, &kept).is_err() {
        std::fs::copy(path, &kept).map_err(|source| JournalError::Create { path: kept.clone(), source })?;
    }
    file::put(&fresh, path)?;
    Ok((found, kept))
}

/// Drops what is not needed, and gives the room back.
pub fn prune(path: &Path, what: Prune) -> Result<Pruned, JournalError> {
    let size = || std::fs::metadata(path).map_or(0, |meta| meta.len());
    let bytes_before = size();
    let (mut database, _) = open(path)?;
    let write = |error: redb::Error| JournalError::Write { path: path.to_owned(), cause: error.to_string() };
    let effects = guarded(|| drop_effects(&database, what)).map_err(write)?;
    guarded(|| Ok(database.compact().map(drop)?)).map_err(write)?;
    drop(database);
    Ok(Pruned { effects, bytes_before, bytes_after: size() })
}

fn drop_effects(database: &Database, what: Prune) -> Result<u64, redb::Error> {
    let tx = database.begin_write()?;
    let mut dropped = 0;
    {
        let mut finished = BTreeSet::new();
        for entry in tx.open_table(TASKS)?.iter()? {
            finished.insert(entry?.0.value());
        }
        let mut table = tx.open_table(META)?;
        let mut forgotten = meta::forgotten(&table)?;
        let is_needed = |key: &RawKey, bytes: &[u8]| {
            let Some(head) = effect::read(key, bytes) else { return false };
            let is_fault = head.is_lost || head.note.is_some_and(|note| note.fault);
            let is_done = Key::task_of(key).is_some_and(|task| finished.contains(&task));
            !(is_fault || what == Prune::Finished && is_done)
        };
        tx.open_table(EFFECTS)?.retain(|key, bytes| {
            let is_kept = is_needed(key, bytes);
            if !is_kept {
                dropped += 1;
                if let Some(note) = effect::read(key, bytes).and_then(|head| head.note) {
                    forgotten.add(&note.model, note.role, &note.used);
                }
            }
            is_kept
        })?;
        let text = serde_json::to_string(&forgotten).expect("sums are plain data");
        table.insert(meta::FORGOTTEN, meta::encode(meta::FORGOTTEN, &text).as_slice())?;
    }
    tx.commit()?;
    Ok(dropped)
}

/// Refuses a file that is no journal, or that a run has open.
pub(super) fn is_free(path: &Path) -> Result<(), JournalError> {
    file::known(path)?;
    match guarded(|| Ok(builder().open_read_only(path).map(drop)?)) {
        Err(redb::Error::DatabaseAlreadyOpen) => Err(JournalError::InUse { path: path.to_owned() }),
        // What else is wrong with it is to be found.
        _ => Ok(()),
    }
}

/// Has redb check a copy of the file, page by page. Returns what it finds.
fn pages(path: &Path) -> Result<Option<String>, JournalError> {
    let copy = beside(path, "checked");
    std::fs::copy(path, &copy).map_err(|source| JournalError::Create { path: copy.clone(), source })?;
    let outcome = guarded(|| {
        let mut builder = builder();
        builder.set_check_integrity_on_open(true);
        Ok(builder.open(&copy).map(drop)?)
    });
    let _ = std::fs::remove_file(&copy);
    match outcome {
        Ok(()) => Ok(None),
        Err(error) if file::is_damage(&error) => Ok(Some(error.to_string())),
        Err(error) => Err(file::error_of(path, error)),
    }
}
