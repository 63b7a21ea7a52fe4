//! `toolloom inspect`: shows a run or one of its Parquet files.

use super::args::InspectArgs;
use std::io::Write;

/// Why nothing could be shown.
#[derive(Debug, thiserror::Error)]
pub enum InspectError {
    /// Not built in yet.
    #[error("inspect is not built in yet")]
    NotBuilt,
}

/// Shows what the arguments ask for.
pub fn run(_args: &InspectArgs, _out: &mut dyn Write) -> Result<(), InspectError> {
    Err(InspectError::NotBuilt)
}
