//! The plan: what will run, with every default resolved and every value checked.

use crate::data::{Label, ModelRole, Strategy};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};
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
    /// How many kept rows are wanted, where that ends the run rather than `instruct.tasks`.
    pub target: Option<TargetPlan>,
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
#[derive(Clone, Debug, Default, Serialize)]
pub struct CrawlPlan {
    /// What tools are read from.
    pub sources: Vec<Source>,
    /// Which operations may be tools.
    #[serde(flatten)]
    pub curation: Curation,
    /// How pages of the web are asked for.
    pub fetch: FetchPlan,
    /// What the schemas of parameters may say.
    pub dialect: Dialect,
    /// How much of its documentation a tool's description is.
    pub documentation: Documentation,
}

/// How much of its documentation a tool's description is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Documentation {
    /// All that the spec says, plain, up to 600 bytes.
    #[default]
    Full,
    /// 10 to 20 tokens.
    Short,
    /// 20 to 70 tokens.
    Medium,
    /// 70 to 150 tokens.
    Long,
}

/// What the schemas of parameters may say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Dialect {
    /// Closed JSON Schema 2020-12 without references.
    #[default]
    Standard,
    /// What OpenAI's strict function calling takes: every field required, null for what is not given.
    OpenaiStrict,
}

/// What tools are read from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// A running MCP server, or one that is started for the crawl.
    Mcp(McpSource),
    /// A file, folder or glob, resolved against the pipeline file's folder, or a URL.
    #[serde(untagged)]
    Path(String),
}

/// An MCP server and how it is reached.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct McpSource {
    /// What its tools are called by; `None` for what the server calls itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// How it is reached.
    #[serde(flatten)]
    pub reach: McpReach,
}

/// How an MCP server is reached.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum McpReach {
    /// A program that is started and spoken to over its standard input and output.
    Stdio {
        /// The program and its arguments, at least one.
        command: Vec<String>,
        /// Further environment variables. A value `$NAME` is read from the environment. They stand in no file that a run
        /// writes.
        #[serde(skip)]
        env: BTreeMap<String, String>,
        /// The folder it is started in; `None` for the current one.
        #[serde(skip_serializing_if = "Option::is_none")]
        cwd: Option<PathBuf>,
    },
    /// A server that is there already, over streamable HTTP.
    Http {
        /// Its address. A value `$NAME` in its query is read from the environment.
        url: String,
        /// Further headers. A value `$NAME` is read from the environment. They stand in no file that a run writes.
        #[serde(skip)]
        headers: BTreeMap<String, String>,
    },
}

impl From<String> for Source {
    fn from(path: String) -> Self {
        Self::Path(path)
    }
}

impl std::fmt::Display for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Path(path) => f.write_str(path),
            Self::Mcp(source) => source.fmt(f),
        }
    }
}

impl std::fmt::Display for McpSource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("mcp: ")?;
        match (&self.name, &self.reach) {
            (Some(name), _) => f.write_str(name),
            (None, McpReach::Stdio { command, .. }) => f.write_str(&command.join(" ")),
            (None, McpReach::Http { url, .. }) => f.write_str(url.split(['?', '#']).next().unwrap_or(url)),
        }
    }
}

/// Which of the operations that were read may be tools.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Curation {
    /// Rules that are switched off, by name.
    pub disabled: Vec<String>,
    /// The quality of documentation, 0 to 1, under which an operation is left out.
    pub quality_min: f64,
    /// The labels of operations that are left out.
    pub labels: LabelChoice,
    /// The licences of specs that are taken, by SPDX id or name.
    pub licences: Choice,
    /// The categories and collections that are taken, by name.
    pub categories: Choice,
}

/// Which labels are left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LabelChoice {
    /// These are left out.
    pub exclude: Vec<Label>,
}

/// Which names are taken.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// Only these are taken; empty for all.
    pub only: Vec<String>,
    /// These are left out, whatever `only` says.
    pub exclude: Vec<String>,
}

/// How pages of the web are asked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FetchPlan {
    /// Most requests at once.
    pub in_flight: usize,
    /// Most requests at once to one server.
    pub per_host: usize,
    /// Least milliseconds between the begins of two requests to one server.
    pub delay_ms: u64,
    /// Milliseconds until a request, with the whole page, counts as failed.
    pub timeout_ms: u64,
    /// Attempts of one request.
    pub attempts: u32,
    /// Redirects that are followed.
    pub redirects: u32,
    /// Most specs of one listing.
    pub pages: usize,
    /// Whether robots.txt is kept.
    pub robots: bool,
    /// Whether addresses of private networks and of this machine may be asked.
    pub private_addresses: bool,
    /// Whether requests go through the proxy that the environment names.
    pub proxy: bool,
    /// Whether references in files may lead to pages.
    pub file_refs: bool,
}

/// What defaults.yaml says, for plans that are made without one.
impl Default for FetchPlan {
    fn default() -> Self {
        Self {
            in_flight: 8,
            per_host: 2,
            delay_ms: 50,
            timeout_ms: 60_000,
            attempts: 3,
            redirects: 5,
            pages: 10_000,
            robots: true,
            private_addresses: false,
            proxy: false,
            file_refs: false,
        }
    }
}

/// A model and how it is reached.
#[derive(Clone, Debug, Serialize)]
pub struct ModelPlan {
    /// Who answers.
    pub provider: Provider,
    /// The model's name as the server knows it; `builtin` for the built-in one.
    pub model: String,
    /// The server, up to and without `/chat/completions` or `/messages`.
    pub base_url: Option<String>,
    /// The environment variable that holds the key.
    pub api_key_env: Option<String>,
    /// How replies are drawn.
    pub sampling: Sampling,
    /// Further fields of each request's body.
    pub extra_body: Map<String, Value>,
    /// Further headers. A value `$NAME` is read from the environment. They stand in no file that a run writes.
    #[serde(skip)]
    pub extra_headers: BTreeMap<String, String>,
    /// How the model is told of tools, and how it calls them.
    pub tool_mode: ToolMode,
    /// How a reply is held to a JSON schema.
    pub structured: Structured,
    /// What the server calls the most tokens of a reply.
    pub max_tokens_field: MaxTokensField,
    /// Most requests at once; `None` for `limits.in_flight`.
    pub in_flight: Option<usize>,
    /// Most requests a minute.
    pub requests_per_minute: Option<u64>,
    /// Most tokens a minute, prompts and replies together.
    pub tokens_per_minute: Option<u64>,
    /// US dollars for a million prompt tokens.
    pub price_in: Option<f64>,
    /// US dollars for a million completion tokens.
    pub price_out: Option<f64>,
    /// US dollars for a million prompt tokens that the server had cached; `None` for `price_in`.
    pub price_cached: Option<f64>,
}

/// Fields of a request's body that toolloom fills itself; `extra_body` cannot.
pub const OWN_FIELDS: [&str; 7] = ["model", "messages", "tools", "stream", "n", "system", "seed"];

/// Finds the environment variable that a header's value names: `Bearer $TOKEN` is what stands before it, `TOKEN`, and
/// what stands behind.
pub fn in_header(value: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = value.split_once('$')?;
    let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(rest.len());
    Some((before, &rest[..end], &rest[end..]))
}

/// How replies are drawn; what is `None` is left to the server.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Sampling {
    /// Sampling temperature.
    pub temperature: Option<f64>,
    /// Nucleus sampling.
    pub top_p: Option<f64>,
    /// Most tokens of a reply.
    pub max_tokens: Option<u32>,
    /// Texts that end a reply.
    pub stop: Option<Vec<String>>,
    /// Whether requests carry a seed of their own; `None` for yes.
    pub seed: Option<bool>,
}

impl Sampling {
    /// Returns this laid over another: what is set here wins.
    #[must_use]
    pub fn over(&self, under: &Self) -> Self {
        Self {
            temperature: self.temperature.or(under.temperature),
            top_p: self.top_p.or(under.top_p),
            max_tokens: self.max_tokens.or(under.max_tokens),
            stop: self.stop.clone().or_else(|| under.stop.clone()),
            seed: self.seed.or(under.seed),
        }
    }
}

/// Who answers prompts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Provider {
    /// The built-in model: offline, no language model.
    Builtin,
    /// Any server that speaks OpenAI's chat completions.
    Openai,
    /// Anthropic's Messages.
    Anthropic,
}

/// How a model is told of tools, and how it calls them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ToolMode {
    /// As the server's own tool calls.
    #[default]
    Native,
    /// As text: Thought, Action, Action Input, Observation (ReAct, arXiv:2210.03629).
    React,
    /// As text: `<tool_call>` tags around JSON, as the Hermes models write them.
    Hermes,
}

/// How a reply is held to a JSON schema.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Structured {
    /// The provider's own way; a server that rejects it gets the schema in the prompt.
    #[default]
    Auto,
    /// `response_format` with a `json_schema`.
    JsonSchema,
    /// vLLM's `guided_json`.
    GuidedJson,
    /// vLLM's `structured_outputs`.
    StructuredOutputs,
    /// `response_format: json_object`, with the schema in the prompt.
    JsonObject,
    /// Only the schema in the prompt.
    Prompt,
}

/// What a server calls the most tokens of a reply.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MaxTokensField {
    /// `max_completion_tokens` for OpenAI itself, else `max_tokens`.
    #[default]
    Auto,
    /// `max_tokens`.
    MaxTokens,
    /// `max_completion_tokens`.
    MaxCompletionTokens,
}

/// Which model plays which role. Writer, solver and judge are always there.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Roles(pub BTreeMap<ModelRole, RolePlan>);

/// The model that plays a role, and what is set differently for it.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct RolePlan {
    /// The model's name in `models`.
    pub model: String,
    /// Laid over the model's own.
    #[serde(flatten)]
    pub sampling: Sampling,
    /// Laid over the model's own.
    pub extra_body: Map<String, Value>,
    /// Laid over the model's own.
    #[serde(skip)]
    pub extra_headers: BTreeMap<String, String>,
}

impl Roles {
    /// Returns the names of the models that play a role.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.values().map(|role| role.model.as_str())
    }

    /// Returns the name of the model that plays a role, where one does.
    pub fn model(&self, role: ModelRole) -> Option<&str> {
        self.0.get(&role).map(|role| role.model.as_str())
    }
}

impl Plan {
    /// Returns the model that plays a role, with what is set differently for that role. `None` where no model plays it.
    pub fn model_of(&self, role: ModelRole) -> Option<ModelPlan> {
        let role = self.roles.0.get(&role)?;
        self.model_as(&role.model, role)
    }

    /// Returns the model that a judge of `filter.judges` is, with what is set differently for the role `judge`.
    pub fn model_of_judge(&self, judge: &JudgePlan) -> Option<ModelPlan> {
        let role = self.roles.0.get(&ModelRole::Judge)?;
        self.model_as(judge.model.as_deref().unwrap_or(&role.model), role)
    }

    fn model_as(&self, name: &str, role: &RolePlan) -> Option<ModelPlan> {
        let mut model = self.models.get(name)?.clone();
        model.sampling = role.sampling.over(&model.sampling);
        model.extra_body.extend(role.extra_body.clone());
        model.extra_headers.extend(role.extra_headers.clone());
        Some(model)
    }
}

/// How many kept rows are wanted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TargetPlan {
    /// Kept rows.
    pub rows: u64,
    /// Kept rows a task, under which the run gives the target up.
    pub yield_min: f64,
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
    /// The judges that are asked of rows, by name.
    #[serde(deserialize_with = "but_for_none")]
    pub judges: BTreeMap<String, JudgePlan>,
}

/// Reads a map whose entries may be taken out again: `name: null`.
fn but_for_none<'de, D: Deserializer<'de>>(from: D) -> Result<BTreeMap<String, JudgePlan>, D::Error> {
    let named = BTreeMap::<String, Option<JudgePlan>>::deserialize(from)?;
    Ok(named.into_iter().filter_map(|(name, judge)| Some((name, judge?))).collect())
}

/// A judge: a model that is asked of rows whether what a rubric says holds of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct JudgePlan {
    /// Which of the rows that rules keep it is asked of.
    #[serde(default)]
    pub rows: JudgedRows,
    /// The model's name in `models`; `None` for that of the role `judge`, whose sampling holds for either.
    pub model: Option<String>,
    /// What must hold, in words; `None` for the embedded rubric of the judge's name.
    pub rubric: Option<String>,
}

/// Which rows a judge is asked of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JudgedRows {
    /// Those of tasks without a reference.
    #[default]
    Unreferenced,
    /// All.
    All,
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
    /// Most requests at once to a model, and most tasks that are worked on rather than wait for a model.
    pub in_flight: usize,
    /// Most tasks that are begun and not finished.
    pub open_tasks: usize,
    /// Milliseconds until a request times out.
    pub timeout_ms: u64,
    /// Attempts of one request.
    pub attempts: u32,
    /// Milliseconds of the first wait between attempts; each further one doubles.
    pub backoff_ms: u64,
    /// Fruitless pauses of a model that does not serve, after which its tasks are left unfinished.
    pub pauses: u32,
    /// Finished tasks that are judged, and held in memory, at once.
    pub window: usize,
    /// Bytes of a model's reply.
    pub reply_bytes: usize,
    /// Bytes of an observation.
    pub observation_bytes: usize,
    /// Bytes of a spec.
    pub spec_bytes: u64,
    /// Pages of an MCP server's list of tools.
    pub listing_pages: usize,
    /// Tools of an MCP server.
    pub listing_tools: usize,
    /// Levels of `$ref` that are followed.
    pub ref_depth: u32,
    /// Bytes of a tool's function definition.
    pub tool_bytes: usize,
    /// Prompt and completion tokens of the run; `None` for no ceiling.
    pub tokens: Option<u64>,
    /// US dollars of the run; `None` for no ceiling.
    pub cost_usd: Option<f64>,
    /// Replies asked of servers in the run; `None` for no ceiling.
    pub calls: Option<u64>,
    /// Seconds that one session of the run may take; `None` for no ceiling.
    pub wall_s: Option<u64>,
    /// Ceilings of single roles.
    pub roles: BTreeMap<ModelRole, Ceilings>,
}

/// What one role may spend in the run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Ceilings {
    /// Prompt and completion tokens.
    pub tokens: Option<u64>,
    /// US dollars.
    pub cost_usd: Option<f64>,
    /// Replies asked of servers.
    pub calls: Option<u64>,
}
