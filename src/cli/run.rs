//! `toolloom run`: runs a pipeline, shows how it goes, and says what came of it.

use super::CliError;
use super::args::RunArgs;
use super::exit::Exit;
use crate::monitor::Monitor;
use std::io::Write;

/// Why a run ended without its rows.
#[derive(Debug, thiserror::Error)]
pub enum RunCommandError {
    /// The pipeline is not built in yet.
    #[error("the pipeline is not built in yet")]
    NotBuilt,
}

impl RunCommandError {
    /// Returns the exit code.
    pub fn exit(&self) -> Exit {
        match self {
            Self::NotBuilt => Exit::Failed,
        }
    }
}

/// Runs a pipeline.
pub fn run(args: &RunArgs, _out: &mut dyn Write) -> Result<Exit, CliError> {
    let _plan = super::load(&args.plan)?;
    let _monitor = monitor(args);
    Err(RunCommandError::NotBuilt.into())
}

fn monitor(args: &RunArgs) -> Monitor {
    if args.json {
        Monitor::json()
    } else if args.quiet {
        Monitor::silent()
    } else {
        Monitor::people()
    }
}
