//! An instruction, the tools offered for it, and what is known of its solution.

use super::{ApiId, TaskId, ToolId};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// An instruction and what belongs to it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Task {
    /// The task's place in the run; its generator is seeded by (run seed, ordinal).
    pub ordinal: u64,
    /// The hash of the task's content.
    pub id: TaskId,
    /// What the user says.
    pub instruction: String,
    /// What the system message says: date, user, session facts.
    pub context: TaskContext,
    /// The tools offered to the solver, needed ones and distractors, in the order offered.
    pub offered: Vec<ToolId>,
    /// The tools that the reference needs.
    pub needed: Vec<ToolId>,
    /// The APIs of the needed tools, sorted.
    pub apis: Vec<ApiId>,
    /// How it was made.
    pub strategy: Strategy,
    /// What kind of want it is.
    pub scenario: Scenario,
    /// Who asks (`student`, `purchasing manager`…).
    pub persona: String,
    /// BCP 47 language of the instruction.
    pub lang: String,
    /// What its environment says of itself: of the simulated one all that is needed to build its world again, of a live one nothing.
    pub world: Option<WorldRef>,
    /// What is known of the solution, where the task was made from an executed chain.
    pub reference: Option<Reference>,
    /// How many of the offered distractors were chosen for their similarity, and the mean similarity (0–1) of all distractors to the needed tools.
    pub distractor_similarity: f64,
}

/// What the system message says.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TaskContext {
    /// The world's now: RFC 3339 with offset.
    pub now: String,
    /// IANA time zone of the user.
    pub time_zone: String,
    /// The user's full name.
    pub user: String,
    /// What the session knows, one short sentence each, with the values standing verbatim in them.
    pub facts: Vec<String>,
}

/// How a task was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Strategy {
    /// Sample tools, ask for instructions and the tools each needs (ToolLLM, arXiv:2307.16789).
    QueryFirst,
    /// Execute a valid chain of calls, then have the instruction written for it.
    ChainFirst,
}

impl Strategy {
    /// Returns the word that YAML and rows hold.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::QueryFirst => "query_first",
            Self::ChainFirst => "chain_first",
        }
    }
}

/// What kind of want a task is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scenario {
    /// Facts to report.
    Lookup,
    /// Something to count, compare or compute.
    Compute,
    /// Something to make.
    Create,
    /// Something to change.
    Update,
    /// Something to remove.
    Delete,
    /// Something to have done that is neither of these (send, move, follow).
    Act,
    /// Several wants in one.
    Mixed,
}

impl Scenario {
    /// Returns the word that rows hold.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Lookup => "lookup",
            Self::Compute => "compute",
            Self::Create => "create",
            Self::Update => "update",
            Self::Delete => "delete",
            Self::Act => "act",
            Self::Mixed => "mixed",
        }
    }
}

/// The world a task plays in: everything needed to build it again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WorldRef {
    /// The world's seed.
    pub seed: u64,
    /// blake3 over the hashes of the specs it was built from, in hexadecimal.
    pub spec_hash: String,
    /// The world's today: RFC 3339 date.
    pub today: String,
}

/// What is known of a task's solution.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Reference {
    /// The calls, in an order in which they can be made.
    pub calls: Vec<ReferenceCall>,
    /// The facts that the answer must state.
    pub facts: Vec<Fact>,
    /// What the calls changed in the world.
    pub state: StateDiff,
    /// Longest path over the calls' dependencies, in calls.
    pub depth: u32,
    /// Most calls that could go out in one turn.
    pub width: u32,
}

/// One call of the reference.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReferenceCall {
    /// The tool.
    pub tool: ToolId,
    /// The arguments, an object.
    pub arguments: Value,
    /// What it returned.
    pub observation: Value,
    /// The calls (by position) whose results it needs.
    pub needs: Vec<usize>,
    /// Where each argument came from, by JSON pointer into `arguments`.
    pub sources: Vec<(String, ArgumentSource)>,
}

/// Where an argument's value came from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ArgumentSource {
    /// It stands in the instruction as it is.
    Verbatim,
    /// It stands in the instruction in another form (`date`, `unit`, `case`, `enum`, `number`, `boolean`, `phone`).
    Normalised(String),
    /// An earlier call's result: the call's position on the path, and where in the result.
    Result(usize, String),
    /// A fact of the session, in the system message.
    Session,
    /// The schema's default, or its only allowed value.
    Default,
    /// Computed from known values, with the function (`sum`, `week_start`…).
    Derived(String),
    /// Prose composed by the model, as for a message's text.
    Composed,
    /// No source was found.
    Unknown,
}

/// A fact that an answer must state.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fact {
    /// What it is (`price`, `lastUpdate`).
    pub name: String,
    /// The exact value.
    pub value: Value,
    /// How renderings of it are compared.
    pub kind: FactKind,
    /// Its unit, where it has one.
    pub unit: Option<String>,
}

/// How an answer's rendering of a fact is compared with the exact value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FactKind {
    /// Verbatim.
    Id,
    /// Any accepted rendering of the number.
    Number,
    /// Any accepted rendering of the date or the instant, at its precision.
    Instant,
    /// Case and whitespace folded.
    Text,
    /// Yes or no, worded freely.
    Boolean,
}

/// What a task changed in its world: a list sorted by resource and id.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct StateDiff {
    /// The changes. Server-made ids are renamed (`new-1`), server timestamps left out.
    pub changes: Vec<StateChange>,
}

/// One record's change.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StateChange {
    /// A record was made, with these fields.
    Created {
        /// The resource (`api:pet`).
        resource: String,
        /// Its renamed id.
        id: String,
        /// Its fields, but for server-made ones.
        fields: Value,
    },
    /// A record's fields were set.
    Updated {
        /// The resource.
        resource: String,
        /// Its id.
        id: String,
        /// The fields that differ now, with their new values (null when removed).
        fields: Value,
    },
    /// A record was removed.
    Deleted {
        /// The resource.
        resource: String,
        /// Its id.
        id: String,
    },
    /// Something was done that leaves no record (a message sent), in the order done.
    Done {
        /// The operation.
        tool: ToolId,
        /// Its arguments.
        arguments: Value,
    },
}
