//! Why a run ended without an outcome.

use crate::config::plan::CrawlPlan;
use crate::crawl::CrawlError;
use crate::data::Catalog;
use crate::journal::JournalError;
use crate::llm::LlmError;
use crate::prompt::TemplateError;
use crate::shard::ShardError;
use std::fmt::Write;
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
    #[error(transparent)]
    NoTools(#[from] NoTools),
    /// Something else stands where the run's folder should be.
    #[error("{} is a file, so no run can be written there; name another `output`", .0.display())]
    OutputIsFile(PathBuf),
}

/// The specs give no tool: there is nothing to run.
#[derive(Debug, thiserror::Error)]
#[error("no spec under {sources} gives a tool{reasons}")]
pub struct NoTools {
    sources: String,
    reasons: String,
}

impl NoTools {
    /// Says why, with the first few things that were left out.
    pub fn of(plan: &CrawlPlan, catalog: &Catalog) -> Self {
        const SHOWN: usize = 5;
        let mut reasons = String::new();
        for dropped in catalog.dropped.iter().take(SHOWN) {
            let _ = write!(reasons, "\n  {}: {} ({})", dropped.id, dropped.reason, dropped.rule);
        }
        if catalog.dropped.len() > SHOWN {
            let _ = write!(reasons, "\n  and {} more", catalog.dropped.len() - SHOWN);
        }
        let sources: Vec<String> = plan.sources.iter().map(ToString::to_string).collect();
        Self { sources: sources.join(", "), reasons }
    }
}

/// Refuses a file where the folder, or one above it, should be.
pub(super) fn check_folder(output: &Path) -> Result<(), RunError> {
    match output.ancestors().find(|path| path.exists()) {
        Some(path) if path.is_file() => Err(RunError::OutputIsFile(path.to_owned())),
        _ => Ok(()),
    }
}
