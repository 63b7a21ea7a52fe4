//! Why a run ended without an outcome.

use crate::crawl::CrawlError;
use crate::journal::JournalError;
use crate::llm::LlmError;
use crate::prompt::TemplateError;
use crate::shard::ShardError;
use std::path::{Path, PathBuf};

/// Why a run ended without an outcome. Whatever was finished is remembered.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "each is a stage's own error")]
pub enum RunError {
    #[error(transparent)]
    Templates(#[from] TemplateError),
    #[error(transparent)]
    Crawl(#[from] CrawlError),
    #[error(transparent)]
    Journal(#[from] JournalError),
    #[error(transparent)]
    Model(#[from] LlmError),
    #[error(transparent)]
    Shard(#[from] ShardError),
    /// The specs were read, but none of their operations became a tool.
    #[error("no operation of the specs in {} became a tool; `toolloom check` says why of each", .0.join(", "))]
    NoTools(Vec<String>),
    /// Something else stands where the run's folder should be.
    #[error("{} is a file, so no run can be written there; name another `output`", .0.display())]
    OutputIsFile(PathBuf),
}

/// Refuses a file where the folder, or one above it, should be.
pub(super) fn check_folder(output: &Path) -> Result<(), RunError> {
    match output.ancestors().find(|path| path.exists()) {
        Some(path) if path.is_file() => Err(RunError::OutputIsFile(path.to_owned())),
        _ => Ok(()),
    }
}
