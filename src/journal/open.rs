//! Opens a journal to write in it; one in which no more than values are damaged is mended first.

use super::JournalError;
use super::damage::Damage;
use super::file::{beside, builder, check_format, damaged, error_of, format, is_damage, known, put};
use super::guard::guarded;
use super::rebuild::rebuild;
use redb::{Database, ReadableDatabase};
use std::cell::Cell;
use std::path::Path;
use std::rc::Rc;

/// How far redb has come in setting right what a kill left when it finds the last commit damaged and goes back to the one before.
const WENT_BACK: std::ops::Range<f64> = 0.2..0.5;

/// Opens a journal to write in it. Its pages are checked, all of them: one in which values are damaged is mended first, and
/// what these were is returned; one that is damaged in any other way is an error.
pub(super) fn open(path: &Path) -> Result<(Database, Vec<Damage>), JournalError> {
    known(path)?;
    let (database, found) = match whole(path) {
        Ok(opened) => opened,
        Err(error) if is_damage(&error) => {
            let damage = mend(path, error)?;
            let (database, _) = whole(path).map_err(|error| error_of(path, error))?;
            (database, damage)
        }
        Err(error) => return Err(error_of(path, error)),
    };
    let format = database.begin_read().map_err(redb::Error::from).and_then(|tx| format(&tx));
    check_format(path, format)?;
    Ok((database, found))
}

/// Opens a file whose every page is as it was written.
fn whole(path: &Path) -> Result<(Database, Vec<Damage>), redb::Error> {
    let went_back = Rc::new(Cell::new(false));
    let noted = Rc::clone(&went_back);
    let database = guarded(|| {
        let mut builder = builder();
        builder.set_check_integrity_on_open(true);
        builder.set_repair_callback(move |repair| {
            noted.set(noted.get() || WENT_BACK.contains(&repair.progress()));
        });
        Ok(builder.open(path)?)
    })?;
    Ok((database, went_back.get().then_some(Damage::LastWrite).into_iter().collect()))
}

/// Puts a journal in the place of one in which values are damaged, and nothing else is. The damaged ones are left out.
fn mend(path: &Path, error: redb::Error) -> Result<Vec<Damage>, JournalError> {
    let beside = beside(path, "mended");
    let outcome = rebuild(path, &beside);
    let found = match outcome {
        Ok(found) if found.torn.is_none() && !found.damage.is_empty() => found,
        _ => {
            let _ = std::fs::remove_file(&beside);
            return Err(damaged(path, &error));
        }
    };
    put(&beside, path)?;
    Ok(found.damage)
}
