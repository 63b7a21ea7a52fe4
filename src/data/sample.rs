//! The row that is exported.

use super::{Difficulty, Message, Reason, Reference, StateDiff, Verified};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// Which split a row is in.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Split(pub String);

/// One row of `data/`, or of `rejected/` when `dropped` is set. The columns are those of DESIGN.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sample {
    /// The row's id: a content hash.
    pub id: String,
    /// Ties rows made of one task.
    pub group_id: String,
    /// The split.
    pub split: Split,
    /// What the user says.
    pub instruction: String,
    /// The training view, from the system message to the answer.
    pub messages: Vec<Message>,
    /// The offered tools, as OpenAI function definitions.
    pub tools: Vec<Value>,
    /// The final answer.
    pub answer: String,
    /// What kind of want it is.
    pub scenario: String,
    /// `call`, `direct`, `ask` or `refuse`.
    pub decision: String,
    /// BCP 47 language.
    pub lang: String,
    /// The APIs whose tools were called, sorted.
    pub apis: Vec<String>,
    /// Tool calls in the trajectory.
    pub n_calls: u32,
    /// Distinct tools called.
    pub n_tools: u32,
    /// Longest dependency path, in calls.
    pub depth: u32,
    /// Most calls in one turn.
    pub width: u32,
    /// Observations that are errors.
    pub n_errors: u32,
    /// Estimated tokens of messages and tools.
    pub est_tokens: u32,
    /// Overall quality, 0–1.
    pub quality: f64,
    /// What each rule and judge said, 0–1.
    pub scores: BTreeMap<String, f64>,
    /// Structural difficulty and level.
    pub difficulty: Difficulty,
    /// By what it is known to be right.
    pub verified: Verified,
    /// The reference, where there is one.
    pub reference: Option<Reference>,
    /// What the trajectory changed in the world.
    pub state: StateDiff,
    /// Who asks (`student`, `purchasing manager`…); stands in `provenance`.
    pub persona: String,
    /// The instruction with its values masked; stands in `provenance`.
    pub skeleton: String,
    /// What its environment says of itself: `{seed, spec_hash, today}` of a simulated world, `{}` of a live one.
    pub world: Value,
    /// How the task was made.
    pub strategy: String,
    /// Replies asked of models.
    pub llm_calls: u32,
    /// Tool calls executed in the search.
    pub tool_calls: u32,
    /// Prompt tokens.
    pub tokens_in: u64,
    /// Completion tokens.
    pub tokens_out: u64,
    /// US dollars, where prices are known.
    pub cost_usd: Option<f64>,
    /// Spec hashes, template hash, models, seed, version, and the source of every argument.
    pub provenance: Value,
    /// Why it was rejected; `None` for a kept row.
    pub dropped: Option<Reason>,
}
