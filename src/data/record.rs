//! A finished task, as the journal remembers it whole: task and tree, never verdicts.

use super::{Reason, SearchTree, StateDiff, Task};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What came of one ordinal.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TaskRecord {
    /// The ordinal.
    pub ordinal: u64,
    /// The task, where one was made (it may still have been refused by a check, see `refused`).
    pub task: Option<Task>,
    /// The system message that the solver saw, and that the rows begin with; empty where there is no task.
    pub system: String,
    /// Why no task came of it, or why its instruction was refused. A record with this has no tree.
    pub refused: Option<Reason>,
    /// The search, where one was run.
    pub tree: Option<SearchTree>,
    /// What the answered trajectory changed in its world, where the environment can tell.
    pub state: Option<StateDiff>,
    /// What a model judge said of the answer, where one was asked (tasks without a reference).
    #[serde(default)]
    pub judge: Option<JudgeSaid>,
    /// What making and solving it asked of each model, by the model's name in the plan; prices come later.
    pub usage: BTreeMap<String, ModelUse>,
}

/// What a model judge said of an answered trajectory.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct JudgeSaid {
    /// Whether the want is met and the answer rests on what was observed.
    pub solved: bool,
    /// Why.
    pub reason: String,
}

/// What was asked of one model.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelUse {
    /// Replies; retries are not among them.
    pub calls: u64,
    /// Prompt tokens.
    pub tokens_in: u64,
    /// Completion tokens.
    pub tokens_out: u64,
}
