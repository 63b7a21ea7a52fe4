//! What the YAML says, once the defaults lie under it: plain fields, paths not resolved, nothing decided.

use super::layers::Layers;
use super::plan::{
    Compression, CrawlPlan, EnvironmentPlan, FilterPlan, InstructPlan, Limits, ModelPlan, Plan, Provider,
    Roles, SearchPlan, ShardPlan, SplitBy,
};
use super::yaml::{Located, Origin, Yaml};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// What a pipeline says.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Spec {
    name: String,
    seed: u64,
    output: String,
    crawl: CrawlSpec,
    models: BTreeMap<String, ModelSpec>,
    roles: Roles,
    instruct: InstructPlan,
    environment: EnvironmentPlan,
    search: SearchPlan,
    filter: FilterPlan,
    shard: ShardSpec,
    templates: Option<String>,
    limits: Limits,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct CrawlSpec {
    sources: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ModelSpec {
    provider: Provider,
    model: Option<String>,
    base_url: Option<String>,
    api_key_env: Option<String>,
    temperature: Option<f64>,
    top_p: Option<f64>,
    max_tokens: Option<u32>,
    price_in: Option<f64>,
    price_out: Option<f64>,
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
                .zip(&self.crawl.sources)
                .map(|(item, source)| layers.resolve(item, source).to_string_lossy().into_owned())
                .collect(),
            _ => Vec::new(),
        };
        let models = self.models.into_iter().filter(|(name, _)| self.roles.names().contains(&name.as_str()));
        Plan {
            name: self.name,
            seed: self.seed,
            output: resolve("output", &output),
            crawl: CrawlPlan { sources },
            models: models.map(|(name, model)| (name, model.into_plan())).collect(),
            roles: self.roles,
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

impl ModelSpec {
    fn into_plan(self) -> ModelPlan {
        ModelPlan {
            provider: self.provider,
            model: self.model.unwrap_or_else(|| "builtin".into()),
            base_url: self.base_url.map(|url| url.trim_end_matches('/').to_owned()),
            api_key_env: self.api_key_env,
            temperature: self.temperature,
            top_p: self.top_p,
            max_tokens: self.max_tokens,
            price_in: self.price_in,
            price_out: self.price_out,
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
