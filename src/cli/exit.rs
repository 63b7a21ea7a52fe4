//! Exit codes: each cause has one, and this is the only place that says which.

use super::CliError;
use crate::crawl::{CrawlError, PageRule};
use crate::journal::JournalError;
use crate::llm::LlmError;
use crate::pipeline::RunError;
use crate::shard::ShardError;
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
    /// Stopped by Ctrl-C.
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
            Self::Stopped => "stopped by Ctrl-C: run again to go on",
        }
    }

    /// Returns the code that an error ends the process with.
    pub fn of(error: &CliError) -> Self {
        match error {
            CliError::Config(_) => Self::Usage,
            CliError::Crawl(error) => Self::of_crawl(error),
            CliError::NoTools(_) | CliError::Inspect(_) => Self::Input,
            CliError::Init(error) => error.exit(),
            CliError::Run(error) => Self::of_run(error),
            CliError::Export(error) => error.exit(),
            CliError::Look(error) => error.exit(),
        }
    }
}

impl Exit {
    fn of_run(error: &RunError) -> Self {
        match error {
            RunError::Templates(_) => Self::Usage,
            RunError::Crawl(error) => Self::of_crawl(error),
            RunError::NoTools(_) => Self::Input,
            RunError::Journal(error) => Self::of_journal(error),
            RunError::Model(error) => match error {
                LlmError::Config { .. } | LlmError::Template(_) => Self::Usage,
                LlmError::Unreachable { .. } | LlmError::Refused(_) => Self::Model,
                LlmError::Missing { .. } => Self::Missing,
                LlmError::BudgetExhausted { .. } => Self::Ceiling,
                LlmError::Stopped => Self::Stopped,
                LlmError::Journal(error) => Self::of_journal(error),
            },
            RunError::Shard(ShardError::NotAFolder { .. })
            | RunError::OutputIsFile(_)
            | RunError::OtherCatalog(_) => Self::Output,
            RunError::Shard(_) => Self::Write,
        }
    }

    fn of_crawl(error: &CrawlError) -> Self {
        match error {
            CrawlError::Journal(error) => Self::of_journal(error),
            CrawlError::Live(errors) if errors.is_missing() => Self::Missing,
            CrawlError::Pages { missing } if missing.iter().any(|(_, f)| f.rule == PageRule::NotAsked) => {
                Self::Missing
            }
            _ => Self::Input,
        }
    }

    pub(super) fn of_journal(error: &JournalError) -> Self {
        match error {
            JournalError::OtherRun { .. }
            | JournalError::OtherFormat { .. }
            | JournalError::InUse { .. }
            | JournalError::Foreign { .. }
            | JournalError::Damaged { .. }
            | JournalError::Open { .. }
            | JournalError::Create { .. } => Self::Output,
            JournalError::Import { .. } => Self::Input,
            JournalError::Read { .. } | JournalError::Write { .. } | JournalError::Task { .. } => Self::Write,
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
