//! What makes a run this run: what may not change when it is continued.

use crate::config::Plan;
use crate::config::plan::{ModelPlan, SplitBy};
use crate::data::{Catalog, FORMAT_VERSION};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// Returns a run's identity, part by part, so that a refusal can name the part that differs. `limits`, `filter`,
/// `shard`, `output`, prices, endpoints and keys are not in it, nor is the number of tasks.
pub fn identity(plan: &Plan, catalog: &Catalog, templates_hash: &str) -> Value {
    let mut instruct = serde_json::to_value(&plan.instruct).expect("a plan is plain data");
    if let Some(map) = instruct.as_object_mut() {
        map.shift_remove("tasks");
    }
    let roles: BTreeSet<&str> = plan.roles.names().collect();
    let models: Map<String, Value> = plan
        .models
        .iter()
        .filter(|(name, _)| roles.contains(name.as_str()))
        .map(|(name, model)| (name.clone(), sampling(model)))
        .collect();
    let mut identity = json!({
        "algorithm": FORMAT_VERSION,
        "seed": plan.seed,
        "catalog": catalog.hash,
        "instruct": instruct,
        "search": plan.search,
        "environment": plan.environment,
        "models": models,
        "roles": plan.roles,
        "templates": templates_hash,
    });
    // With whole APIs kept together each task's tools are drawn within a split.
    if plan.shard.split_by == SplitBy::Api {
        identity["splits"] = json!(plan.shard.splits);
    }
    identity
}

fn sampling(model: &ModelPlan) -> Value {
    json!({
        "provider": model.provider,
        "model": model.model,
        "sampling": model.sampling,
        "extra_body": model.extra_body,
        "tool_mode": model.tool_mode,
        "structured": model.structured,
    })
}
