//! The factory that opens worlds over a catalog.

use super::generate;
use super::store::{Base, World};
use super::values::{Domain, RecordPlan, Setting};
use crate::data::{ApiId, Catalog, Tool, content_hash};
use crate::graph::{self, ApiModel, Resource};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Opens worlds over a catalog; models are inferred once.
#[derive(Clone, Debug)]
pub struct Worlds {
    models: Arc<BTreeMap<ApiId, Arc<ApiModel>>>,
    /// How the records of each resource are drawn, compiled once.
    plans: Arc<BTreeMap<ApiId, Arc<Vec<RecordPlan>>>>,
    hashes: Arc<BTreeMap<ApiId, String>>,
}

impl Worlds {
    /// Infers the models of all APIs of a catalog.
    pub fn new(catalog: &Catalog) -> Self {
        let mut by_api: BTreeMap<ApiId, Vec<&Tool>> = BTreeMap::new();
        for tool in &catalog.tools {
            by_api.entry(tool.api.clone()).or_default().push(tool);
        }
        let hashes = by_api.iter().map(|(api, tools)| (api.clone(), tools[0].source.hash.clone())).collect();
        let models: BTreeMap<ApiId, Arc<ApiModel>> =
            by_api.iter().map(|(api, tools)| (api.clone(), Arc::new(graph::model(api, tools)))).collect();
        let plans = models
            .iter()
            .map(|(api, model): (&ApiId, &Arc<ApiModel>)| {
                let plan = |r: &Resource| {
                    RecordPlan::compile(
                        &r.schema,
                        &r.words,
                        Domain::infer(&format!("{} {}", model.title, r.words)),
                    )
                };
                (api.clone(), Arc::new(model.resources.iter().map(plan).collect::<Vec<_>>()))
            })
            .collect();
        Self { models: Arc::new(models), plans: Arc::new(plans), hashes: Arc::new(hashes) }
    }

    /// Returns an API's model.
    pub fn model(&self, api: &ApiId) -> Option<&Arc<ApiModel>> {
        self.models.get(api)
    }

    /// Opens a world that holds the APIs named. The same APIs and seed give the same world.
    pub fn open(&self, apis: &[ApiId], seed: u64) -> World {
        let mut apis = apis.to_vec();
        apis.sort();
        apis.dedup();
        let models: Vec<Arc<ApiModel>> = apis.iter().filter_map(|a| self.models.get(a).cloned()).collect();
        let hashes: Vec<&String> = apis.iter().filter_map(|a| self.hashes.get(a)).collect();
        let spec_hash = content_hash(&serde_json::json!(hashes));
        let plans: Vec<Arc<Vec<RecordPlan>>> =
            apis.iter().filter_map(|a| self.plans.get(a).cloned()).collect();
        let setting = Setting::new(seed);
        let initial = generate::stores(&models, &plans, &setting, seed);
        let base = Base { models, plans, setting, seed, initial: initial.clone(), spec_hash };
        World { base: Arc::new(base), stores: initial, done: imbl::Vector::new(), born: 0, version: 0 }
    }
}
