//! Why a model did not answer. What a server *said* is never here: that is a `Reply`, and data.

use crate::data::Reason;
use crate::journal::JournalError;
use crate::prompt::TemplateError;

/// Why there is no reply.
#[derive(Debug, thiserror::Error)]
pub enum LlmError {
    /// The server could not be reached, or did not serve, in all attempts. The task is left unfinished.
    #[error("model `{model}` at {url} does not serve: {reason} (attempts: {attempts})")]
    Unreachable {
        /// The model's name in the plan.
        model: String,
        /// Where it was sought.
        url: String,
        /// How often.
        attempts: u32,
        /// What went wrong the last time.
        reason: String,
    },
    /// The server fails at this request at every attempt, and serves others. This rejects the task.
    #[error("{}", .0.reason)]
    Failed(Reason),
    /// The server will not serve this run at all: a wrong key, no such model. Stops the run.
    #[error("{0}")]
    Refused(String),
    /// The model cannot be asked as configured. Stops the run, before any call.
    #[error("model `{model}`: {reason}")]
    Config {
        /// The model's name in the plan.
        model: String,
        /// What is wrong.
        reason: String,
    },
    /// The next call might exceed a ceiling of the plan.
    #[error(
        "the ceiling `{limit}` is reached: {spent} of {ceiling} are spent, and the next call may take {next}"
    )]
    BudgetExhausted {
        /// The ceiling's key.
        limit: String,
        /// What was spent.
        spent: String,
        /// What may be.
        ceiling: String,
        /// What was set aside for the call that did not fit.
        next: String,
    },
    /// Nothing may be sent, and the reply is not remembered. The task is left unfinished.
    #[error("{place}: the {role} `{model}` {why}: {excerpt}; without --offline it is asked now")]
    Missing {
        /// Whose call it is (`task 12`).
        place: String,
        /// The role's word.
        role: &'static str,
        /// The model's name in the plan.
        model: String,
        /// Why there is no reply.
        why: &'static str,
        /// How the last message of the prompt begins.
        excerpt: String,
    },
    /// The run is being stopped. The task is left unfinished.
    #[error("the run is being stopped")]
    Stopped,
    /// The journal failed. Stops the run.
    #[error("a reply cannot be remembered")]
    Journal(#[source] JournalError),
    /// A template failed. Stops the run.
    #[error("a prompt cannot be rendered")]
    Template(#[source] TemplateError),
}

impl LlmError {
    /// Tells whether what was asked for is left unfinished, to be asked again by a later run; other errors end this one.
    pub fn leaves_unfinished(&self) -> bool {
        !self.stops_run() || matches!(self, Self::BudgetExhausted { .. })
    }

    /// Tells whether the whole run stops for this, rather than cost one task.
    pub fn stops_run(&self) -> bool {
        !matches!(self, Self::Unreachable { .. } | Self::Failed(_) | Self::Missing { .. } | Self::Stopped)
    }
}
