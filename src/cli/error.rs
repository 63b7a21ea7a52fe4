//! Why a subcommand failed, and the exit code of each cause: this is the only place that says which.

use super::exit::Exit;
use super::export::ExportError;
use super::init::InitError;
use super::inspect::InspectError;
use super::look::LookError;
use crate::config::Faults;
use crate::crawl::{CrawlError, PageRule};
use crate::environment::EnvironmentError;
use crate::journal::JournalError;
use crate::llm::LlmError;
use crate::pipeline::{NoTools, RunError};
use crate::shard::ShardError;

/// Why a subcommand failed. What each becomes as an exit code stands in `CliError::exit`.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    #[error(transparent)]
    Config(#[from] Faults),
    #[error(transparent)]
    Crawl(#[from] CrawlError),
    #[error(transparent)]
    NoTools(#[from] NoTools),
    #[error(transparent)]
    Init(#[from] InitError),
    #[error(transparent)]
    Run(#[from] RunError),
    #[error(transparent)]
    Inspect(#[from] InspectError),
    #[error(transparent)]
    Export(#[from] ExportError),
    #[error(transparent)]
    Look(#[from] LookError),
}

impl CliError {
    /// Returns the code that the error ends the process with.
    pub fn exit(&self) -> Exit {
        match self {
            Self::Config(_) => Exit::Usage,
            Self::Crawl(error) => of_crawl(error),
            Self::NoTools(_) | Self::Inspect(_) => Exit::Input,
            Self::Init(error) => match error {
                InitError::Exists(_) => Exit::Output,
                InitError::Write { .. } => Exit::Write,
            },
            Self::Run(error) => of_run(error),
            Self::Export(error) => match error {
                ExportError::Read(_)
                | ExportError::NoRows { .. }
                | ExportError::NotRows { .. }
                | ExportError::NoSuchSplit { .. } => Exit::Input,
                ExportError::Write { .. } => Exit::Write,
            },
            Self::Look(error) => match error {
                LookError::NotThere(_) => Exit::Input,
                LookError::Running(_) | LookError::IsThere(_) | LookError::Damaged(_) => Exit::Output,
                LookError::Journal(error) => of_journal(error),
            },
        }
    }
}

fn of_run(error: &RunError) -> Exit {
    match error {
        RunError::Templates(_) => Exit::Usage,
        RunError::Crawl(error) => of_crawl(error),
        RunError::NoTools(_) => Exit::Input,
        RunError::Journal(error) => of_journal(error),
        RunError::Model(error) => match error {
            LlmError::Config { .. } | LlmError::Template(_) => Exit::Usage,
            LlmError::Unreachable { .. } | LlmError::Failed(_) | LlmError::Refused(_) => Exit::Model,
            LlmError::Missing { .. } => Exit::Missing,
            LlmError::BudgetExhausted { .. } => Exit::Ceiling,
            LlmError::Stopped => Exit::Stopped,
            LlmError::Journal(error) => of_journal(error),
        },
        RunError::Environment(error) => match error {
            EnvironmentError::Unreachable { .. } => Exit::Model,
            EnvironmentError::Unable { .. } => Exit::Failed,
            EnvironmentError::Missing { .. } => Exit::Missing,
            EnvironmentError::Stopped => Exit::Stopped,
            EnvironmentError::Journal(error) => of_journal(error),
        },
        RunError::Shard(ShardError::NotAFolder { .. })
        | RunError::OutputIsFile(_)
        | RunError::OtherCatalog(_) => Exit::Output,
        RunError::Shard(_) => Exit::Write,
    }
}

fn of_crawl(error: &CrawlError) -> Exit {
    match error {
        CrawlError::Journal(error) => of_journal(error),
        CrawlError::Live(errors) if errors.is_missing() => Exit::Missing,
        CrawlError::Pages { missing } if missing.iter().any(|(_, f)| f.rule == PageRule::NotAsked) => {
            Exit::Missing
        }
        _ => Exit::Input,
    }
}

fn of_journal(error: &JournalError) -> Exit {
    match error {
        JournalError::OtherRun { .. }
        | JournalError::OtherFormat { .. }
        | JournalError::InUse { .. }
        | JournalError::Foreign { .. }
        | JournalError::Damaged { .. }
        | JournalError::Open { .. }
        | JournalError::Create { .. } => Exit::Output,
        JournalError::Import { .. } => Exit::Input,
        JournalError::Read { .. } | JournalError::Write { .. } | JournalError::Task { .. } => Exit::Write,
    }
}
