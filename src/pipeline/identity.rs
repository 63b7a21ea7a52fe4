//! What makes a run this run: what may not change when it is continued.

use crate::config::Plan;
use crate::config::plan::{ModelPlan, RolePlan, SplitBy};
use crate::data::{Catalog, FORMAT_VERSION, ModelRole, Stage};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Returns a run's identity, part by part, so that a refusal can name the part that differs. `limits`, `filter`,
/// `shard`, `output`, prices, endpoints and keys are not in it, nor are judges and the number of tasks.
pub fn identity(plan: &Plan, catalog: &Catalog, templates_hash: &str) -> Value {
    let mut instruct = serde_json::to_value(&plan.instruct).expect("a plan is plain data");
    if let Some(map) = instruct.as_object_mut() {
        map.shift_remove("tasks");
    }
    // Judges look at what is there: another one asks anew, and makes no other run.
    let makes = |role: &&ModelRole| role.stage() < Stage::Filter;
    let roles: BTreeMap<&ModelRole, &RolePlan> =
        plan.roles.0.iter().filter(|(role, _)| makes(role)).collect();
    let makers: BTreeSet<&str> = roles.values().map(|role| role.model.as_str()).collect();
    let models: Map<String, Value> = plan
        .models
        .iter()
        .filter(|(name, _)| makers.contains(name.as_str()))
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
        "roles": roles,
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
