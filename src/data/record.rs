//! A finished task, as the journal remembers it whole: task and tree, never verdicts.

use super::{AnsweredLeaf, Reason, SearchTree, Stage, Task};
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
    /// Why no task came of it, why its instruction was refused, or what ended its search from without (the stage says which).
    /// A record with this has no trees.
    pub refused: Option<Reason>,
    /// The searches that were run for it, in the order they were.
    pub trees: Vec<Attempt>,
    /// What making and solving it asked of models; prices come later.
    pub usage: Usages,
}

/// One search for a task, and who made it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Attempt {
    /// The role in which it was made: rows come of what a solver did, a probe measures.
    pub role: ModelRole,
    /// The model's name in the plan.
    pub model: String,
    /// The search.
    pub tree: SearchTree,
}

impl TaskRecord {
    /// Returns the answers of its solvers, each with the search that found it, in order.
    pub fn answers(&self) -> impl Iterator<Item = (&SearchTree, &AnsweredLeaf)> {
        self.solver_trees().flat_map(|tree| tree.answers.iter().map(move |leaf| (tree, leaf)))
    }

    /// Returns the searches of its solvers.
    pub fn solver_trees(&self) -> impl Iterator<Item = &SearchTree> {
        self.trees.iter().filter(|attempt| attempt.role == ModelRole::Solver).map(|attempt| &attempt.tree)
    }

    /// Tells whether a solver found an answer.
    pub fn is_answered(&self) -> bool {
        self.refused.is_none() && self.answers().next().is_some()
    }
}

/// What was asked of models: by the model's name in the plan, by the role it played.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Usages(pub BTreeMap<String, BTreeMap<ModelRole, ModelUse>>);

/// What was asked of one model.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelUse {
    /// Replies; retries are not among them.
    pub calls: u64,
    /// Prompt tokens, cached ones among them.
    pub tokens_in: u64,
    /// Completion tokens.
    pub tokens_out: u64,
    /// Prompt tokens that the server had cached.
    #[serde(default)]
    pub tokens_cached: u64,
}

/// What a model is asked to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ModelRole {
    /// Words instructions.
    Writer,
    /// Solves tasks.
    Solver,
    /// Judges what no rule can.
    Judge,
    /// Plays tools that cannot be run.
    Simulator,
    /// Plays the user of a longer conversation.
    User,
    /// Rewords what another wrote.
    Rewriter,
    /// Measures how hard a task is.
    Probe,
}

impl ModelRole {
    /// Every role, in their order.
    pub const ALL: [Self; 7] =
        [Self::Writer, Self::Solver, Self::Judge, Self::Simulator, Self::User, Self::Rewriter, Self::Probe];

    /// Returns the word that YAML holds.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Writer => "writer",
            Self::Solver => "solver",
            Self::Judge => "judge",
            Self::Simulator => "simulator",
            Self::User => "user",
            Self::Rewriter => "rewriter",
            Self::Probe => "probe",
        }
    }

    /// Returns the stage in which the role is asked.
    pub fn stage(self) -> Stage {
        match self {
            Self::Writer | Self::Rewriter => Stage::Instruct,
            Self::Solver | Self::Simulator | Self::User => Stage::Search,
            Self::Judge | Self::Probe => Stage::Filter,
        }
    }
}

impl ModelUse {
    /// Returns prompt and completion tokens.
    pub fn tokens(&self) -> u64 {
        self.tokens_in + self.tokens_out
    }

    /// Adds another to this.
    pub fn add(&mut self, other: &Self) {
        self.calls += other.calls;
        self.tokens_in += other.tokens_in;
        self.tokens_out += other.tokens_out;
        self.tokens_cached += other.tokens_cached;
    }
}

impl Usages {
    /// Adds to what a model was asked in a role.
    pub fn add(&mut self, model: &str, role: ModelRole, used: &ModelUse) {
        // A name is copied once a model, not once a reply.
        if let Some(roles) = self.0.get_mut(model) {
            roles.entry(role).or_default().add(used);
        } else {
            self.0.insert(model.to_owned(), BTreeMap::from([(role, *used)]));
        }
    }

    /// Adds all of another's to this.
    pub fn merge(&mut self, other: &Self) {
        for (model, role, used) in other.iter() {
            self.add(model, role, used);
        }
    }

    /// Returns each model's name with a role and what was asked of it.
    pub fn iter(&self) -> impl Iterator<Item = (&str, ModelRole, &ModelUse)> {
        self.0
            .iter()
            .flat_map(|(model, roles)| roles.iter().map(|(role, used)| (model.as_str(), *role, used)))
    }

    /// Returns the sum over models and roles.
    pub fn total(&self) -> ModelUse {
        let mut sum = ModelUse::default();
        for (_, _, used) in self.iter() {
            sum.add(used);
        }
        sum
    }

    /// Tells whether nothing was asked.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
