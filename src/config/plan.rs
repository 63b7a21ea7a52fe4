//! The plan: what will run, with every default resolved and every value checked.

use crate::data::Strategy;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// What will run.
#[derive(Clone, Debug, Serialize)]
pub struct Plan {
    /// The run's name.
    pub name: String,
    /// The run's seed.
    pub seed: u64,
    /// The run's folder.
    pub output: PathBuf,
    /// What to crawl.
    pub crawl: CrawlPlan,
    /// The models by name.
    pub models: BTreeMap<String, ModelPlan>,
    /// Which model plays which role.
    pub roles: Roles,
    /// How tasks are made.
    pub instruct: InstructPlan,
    /// Where tool calls run.
    pub environment: EnvironmentPlan,
    /// How tasks are solved.
    pub search: SearchPlan,
    /// What is kept.
    pub filter: FilterPlan,
    /// How rows are written.
    pub shard: ShardPlan,
    /// A limit on everything.
    pub limits: Limits,
    /// A folder whose templates replace the embedded ones of the same name.
    pub templates: Option<PathBuf>,
}

/// What to crawl.
#[derive(Clone, Debug, Serialize)]
pub struct CrawlPlan {
    /// Files, folders and globs, resolved against the pipeline file's folder.
    pub sources: Vec<String>,
}

/// A model and how it is reached.
#[derive(Clone, Debug, Serialize)]
pub struct ModelPlan {
    /// Who answers.
    pub provider: Provider,
    /// The model's name as the server knows it; `builtin` for the built-in one.
    pub model: String,
    /// The server, up to and without `/chat/completions`.
    pub base_url: Option<String>,
    /// The environment variable that holds the key.
    pub api_key_env: Option<String>,
    /// Sampling temperature.
    pub temperature: Option<f64>,
    /// Nucleus sampling.
    pub top_p: Option<f64>,
    /// Most tokens of a reply.
    pub max_tokens: Option<u32>,
    /// US dollars for a million prompt tokens.
    pub price_in: Option<f64>,
    /// US dollars for a million completion tokens.
    pub price_out: Option<f64>,
}

/// Who answers prompts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Provider {
    /// The built-in model: offline, no language model.
    Builtin,
    /// Any server that speaks OpenAI's chat completions.
    Openai,
}

/// Which model plays which role, by its name in `models`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Roles {
    /// Words instructions.
    pub writer: String,
    /// Solves tasks.
    pub solver: String,
    /// Judges what no rule can.
    pub judge: String,
}

impl Roles {
    /// Returns the names of the models that play a role.
    pub fn names(&self) -> [&str; 3] {
        [&self.writer, &self.solver, &self.judge]
    }
}

/// How tasks are made.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InstructPlan {
    /// The direction.
    pub strategy: Strategy,
    /// How many tasks.
    pub tasks: u64,
    /// Most calls of a chain.
    pub max_calls: u32,
    /// Fewest distractors offered beside the needed tools.
    pub distractors_min: u32,
    /// Most distractors.
    pub distractors_max: u32,
    /// The largest share of tasks that one API may make.
    pub api_share_max: f64,
}

/// Where tool calls run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EnvironmentPlan {
    /// A stateful world built from the specs.
    Simulated,
}

/// How tasks are solved.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SearchPlan {
    /// The strategy.
    pub strategy: SearchStrategy,
    /// Children a node may get.
    pub width: u32,
    /// Most turns from the root.
    pub max_depth: u32,
    /// Most nodes of a tree.
    pub max_nodes: u32,
    /// Most executed calls of a task.
    pub max_calls: u32,
    /// Attempts of `chain` (the n of CoT@n).
    pub attempts: u32,
}

/// A search strategy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SearchStrategy {
    /// Depth-first search over a decision tree (ToolLLM, arXiv:2307.16789).
    Dfsdt,
    /// Independent chains, the first that answers wins (CoT@n, ReAct).
    Chain,
}

/// What is kept.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FilterPlan {
    /// Rules that are switched off, by name.
    pub disabled: Vec<String>,
    /// Whether rows that nothing verified may be in `data/`.
    pub keep_unverified: bool,
    /// Scores below this are easy.
    pub medium_from: f64,
    /// Scores from this on are hard.
    pub hard_from: f64,
}

/// How rows are written.
#[derive(Clone, Debug, Serialize)]
pub struct ShardPlan {
    /// Rows a file.
    pub rows: usize,
    /// The codec.
    pub compression: Compression,
    /// The splits with their shares, which add up to 1.
    pub splits: Vec<(String, f64)>,
    /// What is kept together.
    pub split_by: SplitBy,
    /// Whether rows begin with a system message.
    pub system_message: bool,
}

/// A Parquet codec.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it all")]
pub enum Compression {
    Zstd,
    Snappy,
    None,
}

/// What a split keeps together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SplitBy {
    /// Rows whose reference calls the same set of tools.
    Tools,
    /// Whole APIs: a test split holds unseen tools.
    Api,
}

/// A limit on everything.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Tasks and requests in flight.
    pub in_flight: usize,
    /// Milliseconds until a request times out.
    pub timeout_ms: u64,
    /// Attempts of one request.
    pub attempts: u32,
    /// Milliseconds before the second attempt; each further wait doubles.
    pub backoff_ms: u64,
    /// Bytes of a model's reply.
    pub reply_bytes: usize,
    /// Bytes of an observation.
    pub observation_bytes: usize,
    /// Bytes of a spec.
    pub spec_bytes: u64,
    /// Levels of `$ref` that are followed.
    pub ref_depth: u32,
    /// Bytes of a tool's function definition.
    pub tool_bytes: usize,
    /// Prompt and completion tokens of the run; `None` for no ceiling.
    pub tokens: Option<u64>,
    /// US dollars of the run; `None` for no ceiling.
    pub cost_usd: Option<f64>,
}
