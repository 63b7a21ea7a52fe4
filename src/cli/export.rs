//! `toolloom export`: writes a run's rows in a trainer's format.

use super::args::ExportArgs;
use super::exit::Exit;
use std::io::Write;

/// Why nothing could be written.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// Not built in yet.
    #[error("export is not built in yet")]
    NotBuilt,
}

impl ExportError {
    /// Returns the exit code: `Input` for a folder that is no run, `Write` when writing fails.
    pub fn exit(&self) -> Exit {
        match self {
            Self::NotBuilt => Exit::Input,
        }
    }
}

/// Writes what the arguments ask for, to their file or to `out`.
pub fn run(_args: &ExportArgs, _out: &mut dyn Write) -> Result<(), ExportError> {
    Err(ExportError::NotBuilt)
}
