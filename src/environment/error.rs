//! Why a tool did not answer, and why one of the two edges did not. What a tool *said* is never here: that is an observation, and data.

use crate::journal::JournalError;
use crate::llm::LlmError;

/// Why an environment did not do what it was asked to.
#[derive(Debug, thiserror::Error)]
pub enum EnvironmentError {
    /// It could not be reached, or said nothing in time. The task is left unfinished.
    #[error("environment `{environment}` does not serve: {what}: {reason}")]
    Unreachable {
        /// Its name.
        environment: String,
        /// What it was asked for, in a few words.
        what: String,
        /// What went wrong.
        reason: String,
    },
    /// Nothing may be sent, and what it said is not remembered. The task is left unfinished.
    #[error("{place}: {what} was never asked of environment `{environment}`; without --offline it is now")]
    Missing {
        /// Its name.
        environment: String,
        /// Whose call it is (`task/12`).
        place: String,
        /// What it was asked for, in a few words.
        what: String,
    },
    /// It was asked for what its abilities rule out. A fault of ours: stops the run.
    #[error("environment `{environment}` cannot {what}")]
    Unable {
        /// Its name.
        environment: String,
        /// What it cannot do.
        what: &'static str,
    },
    /// The run is being stopped. The task is left unfinished.
    #[error("the run is being stopped")]
    Stopped,
    /// The journal failed. Stops the run.
    #[error("a tool's result cannot be remembered")]
    Journal(#[source] JournalError),
}

impl EnvironmentError {
    /// Tells whether it leaves one task unfinished, rather than stop the whole run.
    pub fn leaves_unfinished(&self) -> bool {
        match self {
            Self::Unreachable { .. } | Self::Missing { .. } | Self::Stopped => true,
            Self::Unable { .. } | Self::Journal(_) => false,
        }
    }
}

/// What keeps a task from being finished: one of the two edges, models or tools.
#[derive(Debug, thiserror::Error)]
pub enum EdgeError {
    /// A model did not answer.
    #[error(transparent)]
    Model(#[from] LlmError),
    /// A tool did not answer.
    #[error(transparent)]
    Environment(#[from] EnvironmentError),
}

impl EdgeError {
    /// Tells whether it is that something outside does not serve, which may be so for every task.
    pub fn is_unreachable(&self) -> bool {
        matches!(
            self,
            Self::Model(LlmError::Unreachable { .. })
                | Self::Environment(EnvironmentError::Unreachable { .. })
        )
    }

    /// Tells whether it is that nothing may be sent, and what would answer is not remembered.
    pub fn is_missing(&self) -> bool {
        matches!(
            self,
            Self::Model(LlmError::Missing { .. }) | Self::Environment(EnvironmentError::Missing { .. })
        )
    }
}
