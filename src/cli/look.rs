//! Opens a journal only to look at it.

use crate::journal::{JournalError, Look};
use std::path::{Path, PathBuf};

/// Why a journal cannot be looked at.
#[derive(Debug, thiserror::Error)]
pub enum LookError {
    /// There is none.
    #[error("there is no journal {}: no run was begun there", .0.display())]
    NotThere(PathBuf),
    /// The run that writes it has it open.
    #[error("{} is being written by a run that is still going: look again when it has ended; its events (`run --json`) say what it has spent so far", .0.display())]
    Running(PathBuf),
    /// A journal stands where one should be made.
    #[error("{} is there already: an imported journal makes a new run's folder", .0.display())]
    IsThere(PathBuf),
    /// Something in it is not as it was written.
    #[error("the journal {} is damaged; `toolloom journal repair {}` saves what is not, and keeps the damaged file beside", .0.display(), .0.display())]
    Damaged(PathBuf),
    /// It cannot be opened or read.
    #[error(transparent)]
    Journal(JournalError),
}

/// Opens a journal only to look.
pub(super) fn look(path: &Path) -> Result<Look, LookError> {
    if !path.is_file() {
        return Err(LookError::NotThere(path.to_owned()));
    }
    Look::open(path).map_err(|error| match error {
        JournalError::InUse { path } => LookError::Running(path),
        error => LookError::Journal(error),
    })
}
