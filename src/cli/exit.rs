//! Exit codes: the ways in which a process ends, and what each says.

use std::fmt::Write;
use std::process::ExitCode;

/// How a process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// All is done.
    Done,
    /// Something that has no code of its own.
    Failed,
    /// The arguments or the configuration are wrong.
    Usage,
    /// The input is missing or of no use.
    Input,
    /// A model refused or could not be reached.
    Model,
    /// The output folder cannot be used.
    Output,
    /// Writing failed midway.
    Write,
    /// A ceiling was reached.
    Ceiling,
    /// The target of kept rows was given up.
    Yield,
    /// Nothing may be sent, and a reply is not remembered.
    Missing,
    /// Stopped by a signal.
    Stopped,
}

impl Exit {
    /// Every way to end, in the order of the codes.
    pub const ALL: [Self; 11] = [
        Self::Done,
        Self::Failed,
        Self::Usage,
        Self::Input,
        Self::Model,
        Self::Output,
        Self::Write,
        Self::Ceiling,
        Self::Yield,
        Self::Missing,
        Self::Stopped,
    ];

    /// Returns the code.
    pub fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::Usage => 2,
            Self::Input => 3,
            Self::Model => 4,
            Self::Output => 5,
            Self::Write => 6,
            Self::Ceiling => 7,
            Self::Yield => 8,
            Self::Missing => 9,
            Self::Stopped => 130,
        }
    }

    /// Returns what the code means, for `--help` and the README.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Failed => "failed for a reason that has no code of its own",
            Self::Usage => "wrong arguments or configuration: nothing was run",
            Self::Input => {
                "missing or useless input: no spec gave a tool, a source is not there, or a path holds no run"
            }
            Self::Model => "a model refused the key or could not be reached: unfinished, run again to go on",
            Self::Output => {
                "the output folder cannot be used: a file in its place, another run's, in use, a damaged journal"
            }
            Self::Write => "writing failed midway: run again to go on",
            Self::Ceiling => {
                "a ceiling on tokens, cost, calls or time was reached: rows of the finished tasks are written"
            }
            Self::Yield => {
                "the target was given up, too few rows are kept: rows of the tasks made are written"
            }
            Self::Missing => "--offline: a reply or page is not in the journal, nothing was sent or written",
            Self::Stopped => "stopped by a signal (Ctrl-C, SIGTERM, SIGHUP): run again to go on",
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

/// Words the table for `--help`.
pub(super) fn table() -> String {
    let mut text = "Exit codes:\n".to_owned();
    for exit in Exit::ALL {
        let _ = writeln!(text, "  {:<4} {}", exit.code(), exit.meaning());
    }
    text.truncate(text.trim_end().len());
    text
}
