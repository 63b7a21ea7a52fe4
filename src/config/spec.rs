//! What the YAML says, once the defaults lie under it: plain fields, paths not resolved, nothing decided.

use super::layers::Layers;
use super::place::Origin;
use super::plan::{
    Compression, CrawlPlan, Curation, Dialect, Documentation, EnvironmentPlan, FetchPlan, FilterPlan,
    InstructPlan, Limits, MaxTokensField, McpReach, McpSource, ModelPlan, Plan, Provider, RolePlan, Roles,
    Sampling, SearchPlan, ShardPlan, Source, SplitBy, Structured, TargetPlan, ToolMode,
};
use super::prices;
use super::yaml::{Located, Yaml};
use crate::data::ModelRole;
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// Where Anthropic serves, for who names no other place.
pub(super) const ANTHROPIC_URL: &str = "https://api.anthropic.com/v1";
/// Kept rows a task, under which a target is given up unless the pipeline says otherwise.
const YIELD_MIN: f64 = 0.05;

/// What a pipeline says.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Spec {
    name: String,
    seed: u64,
    output: String,
    crawl: CrawlSpec,
    models: BTreeMap<String, ModelSpec>,
    roles: BTreeMap<ModelRole, Option<RoleSpec>>,
    target: Option<TargetSpec>,
    instruct: InstructPlan,
    environment: EnvironmentPlan,
    search: SearchPlan,
    filter: FilterPlan,
    shard: ShardSpec,
    templates: Option<String>,
    limits: Limits,
}

#[derive(Debug, Deserialize)]
struct CrawlSpec {
    sources: Vec<SourceSpec>,
    fetch: FetchPlan,
    dialect: Dialect,
    documentation: Documentation,
    #[serde(flatten)]
    curation: Curation,
}

/// A path, or what is reached otherwise.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum SourceSpec {
    Path(String),
    Other { mcp: McpSpec },
}

#[derive(Debug, Deserialize)]
struct McpSpec {
    name: Option<String>,
    command: Option<Vec<String>>,
    env: Option<BTreeMap<String, String>>,
    cwd: Option<String>,
    url: Option<String>,
    headers: Option<BTreeMap<String, String>>,
}

#[derive(Debug, Deserialize)]
struct ModelSpec {
    provider: Provider,
    model: Option<String>,
    base_url: Option<String>,
    api_key_env: Option<String>,
    temperature: Option<f64>,
    top_p: Option<f64>,
    max_tokens: Option<u32>,
    stop: Option<Vec<String>>,
    seed: Option<bool>,
    extra_body: Option<Map<String, Value>>,
    extra_headers: Option<BTreeMap<String, String>>,
    tool_mode: Option<ToolMode>,
    structured: Option<Structured>,
    max_tokens_field: Option<MaxTokensField>,
    in_flight: Option<usize>,
    requests_per_minute: Option<u64>,
    tokens_per_minute: Option<u64>,
    price_in: Option<f64>,
    price_out: Option<f64>,
    price_cached: Option<f64>,
}

/// A model's name, or that and more.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum RoleSpec {
    Name(String),
    More(MoreSpec),
}

#[derive(Debug, Deserialize)]
struct MoreSpec {
    model: String,
    temperature: Option<f64>,
    top_p: Option<f64>,
    max_tokens: Option<u32>,
    stop: Option<Vec<String>>,
    seed: Option<bool>,
    extra_body: Option<Map<String, Value>>,
    extra_headers: Option<BTreeMap<String, String>>,
}

#[derive(Debug, Deserialize)]
struct TargetSpec {
    rows: u64,
    yield_min: Option<f64>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ShardSpec {
    rows: usize,
    compression: Compression,
    /// Names to shares, in the order written.
    splits: Map<String, Value>,
    split_by: SplitBy,
    system_message: bool,
}

impl Spec {
    /// Reads a tree that the schema has passed.
    pub fn of(tree: &Located) -> Self {
        serde_json::from_value(tree.to_json()).expect("the schema has passed the tree")
    }

    /// Resolves names and paths.
    pub fn into_plan(self, layers: &Layers) -> Plan {
        let tree = &layers.tree;
        let resolve =
            |key: &str, path: &str| layers.resolve(tree.get(key).expect("the defaults hold every key"), path);
        let output = if named_by_user(tree) { format!("output/{}", self.name) } else { self.output };
        let sources = match &tree.get("crawl.sources").expect("the defaults hold every key").value {
            Yaml::List(items) => items
                .iter()
                .zip(self.crawl.sources)
                .map(|(item, source)| source.into_plan(&|path| layers.resolve(item, path)))
                .collect(),
            _ => Vec::new(),
        };
        let roles: BTreeMap<ModelRole, RolePlan> =
            self.roles.into_iter().filter_map(|(role, spec)| Some((role, spec?.into_plan()))).collect();
        let roles = Roles(roles);
        let judges = self.filter.judges.values().filter_map(|judge| judge.model.as_deref());
        let used: BTreeSet<String> = roles.names().chain(judges).map(str::to_owned).collect();
        let models = self.models.into_iter().filter(|(name, _)| used.contains(name));
        Plan {
            name: self.name,
            seed: self.seed,
            output: resolve("output", &output),
            crawl: CrawlPlan {
                sources,
                fetch: self.crawl.fetch,
                curation: self.crawl.curation,
                dialect: self.crawl.dialect,
                documentation: self.crawl.documentation,
            },
            models: models.map(|(name, model)| (name, model.into_plan())).collect(),
            roles,
            target: self.target.map(|target| TargetPlan {
                rows: target.rows,
                yield_min: target.yield_min.unwrap_or(YIELD_MIN),
            }),
            instruct: self.instruct,
            environment: self.environment,
            search: self.search,
            filter: self.filter,
            shard: self.shard.into_plan(),
            templates: self.templates.map(|path| resolve("templates", &path)),
            limits: self.limits,
        }
    }
}

/// Tells whether the run has a name of the user's and no folder of the user's.
fn named_by_user(tree: &Located) -> bool {
    let is_default = |key: &str| tree.get(key).is_some_and(|v| matches!(v.at.origin, Origin::Defaults));
    is_default("output") && !is_default("name")
}

impl SourceSpec {
    /// Makes the source; paths are resolved against where the pipeline stands.
    fn into_plan(self, resolve: &dyn Fn(&str) -> PathBuf) -> Source {
        let mcp = match self {
            Self::Path(url) if url.contains("://") => return Source::Path(url),
            Self::Path(path) => return Source::Path(resolve(&path).to_string_lossy().into_owned()),
            Self::Other { mcp } => mcp,
        };
        let reach = if let Some(url) = mcp.url {
            McpReach::Http { url, headers: mcp.headers.unwrap_or_default() }
        } else {
            let mut command = mcp.command.unwrap_or_default();
            // a name is looked for in PATH, a path is one of the pipeline's
            if let Some(program) = command.first_mut().filter(|program| program.contains('/')) {
                *program = resolve(program).to_string_lossy().into_owned();
            }
            let cwd = Some(resolve(mcp.cwd.as_deref().unwrap_or_default()));
            let cwd = cwd.filter(|folder| !folder.as_os_str().is_empty());
            McpReach::Stdio { command, env: mcp.env.unwrap_or_default(), cwd }
        };
        Source::Mcp(McpSource { name: mcp.name, reach })
    }
}

impl ModelSpec {
    fn into_plan(self) -> ModelPlan {
        let model = self.model.unwrap_or_else(|| "builtin".into());
        let base_url = match (self.base_url, self.provider) {
            (Some(url), _) => Some(url.trim_end_matches('/').to_owned()),
            (None, Provider::Anthropic) => Some(ANTHROPIC_URL.to_owned()),
            (None, _) => None,
        };
        let listed = base_url.as_deref().and_then(|url| prices::listed(url, &model));
        ModelPlan {
            provider: self.provider,
            model,
            base_url,
            api_key_env: self.api_key_env,
            sampling: Sampling {
                temperature: self.temperature,
                top_p: self.top_p,
                max_tokens: self.max_tokens,
                stop: self.stop,
                seed: self.seed,
            },
            extra_body: self.extra_body.unwrap_or_default(),
            extra_headers: self.extra_headers.unwrap_or_default(),
            tool_mode: self.tool_mode.unwrap_or_default(),
            structured: self.structured.unwrap_or_default(),
            max_tokens_field: self.max_tokens_field.unwrap_or_default(),
            in_flight: self.in_flight,
            requests_per_minute: self.requests_per_minute,
            tokens_per_minute: self.tokens_per_minute,
            price_in: self.price_in.or(listed.map(|price| price.price_in)),
            price_out: self.price_out.or(listed.map(|price| price.price_out)),
            // A price of one's own for prompts is no reason to trust the list for cached ones.
            price_cached: self.price_cached.or(match self.price_in {
                None => listed.and_then(|price| price.price_cached),
                Some(_) => None,
            }),
        }
    }
}

impl RoleSpec {
    fn into_plan(self) -> RolePlan {
        match self {
            Self::Name(model) => RolePlan { model, ..RolePlan::default() },
            Self::More(more) => RolePlan {
                model: more.model,
                sampling: Sampling {
                    temperature: more.temperature,
                    top_p: more.top_p,
                    max_tokens: more.max_tokens,
                    stop: more.stop,
                    seed: more.seed,
                },
                extra_body: more.extra_body.unwrap_or_default(),
                extra_headers: more.extra_headers.unwrap_or_default(),
            },
        }
    }
}

impl ShardSpec {
    fn into_plan(self) -> ShardPlan {
        let share = |value: Value| value.as_f64().expect("the schema has passed it");
        ShardPlan {
            rows: self.rows,
            compression: self.compression,
            splits: self.splits.into_iter().map(|(name, value)| (name, share(value))).collect(),
            split_by: self.split_by,
            system_message: self.system_message,
        }
    }
}
