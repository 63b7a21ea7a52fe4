//! Why a run ended without an outcome.

use crate::config::plan::CrawlPlan;
use crate::crawl::CrawlError;
use crate::data::Catalog;
use crate::environment::{EdgeError, EnvironmentError};
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
    Environment(#[from] EnvironmentError),
    #[error(transparent)]
    Shard(#[from] ShardError),
    #[error(transparent)]
    NoTools(#[from] NoTools),
    /// The folder holds a finished run of other tools.
    #[error("{} holds a run of another catalog: its sources, or what is read of them, have changed; name another `output`", .0.display())]
    OtherCatalog(PathBuf),
    /// Something else stands where the run's folder should be.
    #[error("{} is a file, so no run can be written there; name another `output`", .0.display())]
    OutputIsFile(PathBuf),
}

impl From<EdgeError> for RunError {
    fn from(error: EdgeError) -> Self {
        match error {
            EdgeError::Model(error) => Self::Model(error),
            EdgeError::Environment(error) => Self::Environment(error),
        }
    }
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
        let dropped = catalog.dropped.iter();
        Self::because(plan, dropped.map(|d| (d.id.as_str(), d.rule.as_str(), d.reason.as_str())))
    }

    /// The same, of what was left out: ids, rules and reasons.
    pub(super) fn because<'a>(
        plan: &CrawlPlan,
        dropped: impl Iterator<Item = (&'a str, &'a str, &'a str)>,
    ) -> Self {
        const SHOWN: usize = 5;
        let mut reasons = String::new();
        let mut more = 0;
        for (id, rule, reason) in dropped {
            if reasons.lines().count() > SHOWN {
                more += 1;
            } else {
                let _ = write!(reasons, "\n  {id}: {reason} ({rule})");
            }
        }
        if more > 0 {
            let _ = write!(reasons, "\n  and {more} more");
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
