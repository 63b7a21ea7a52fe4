//! The factory that opens worlds.

use super::generate;
use super::store::{Base, World};
use super::values::{Domain, RecordPlan, Setting};
use crate::data::{ApiId, content_hash};
use crate::graph::{ApiModel, Models, Resource};
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

/// Opens worlds over a catalog. What an API's worlds are made by is prepared once, when it is first needed.
#[derive(Clone, Debug)]
pub struct Worlds {
    models: Models,
    /// How the records of each resource are drawn.
    plans: Arc<BTreeMap<ApiId, OnceLock<Arc<Vec<RecordPlan>>>>>,
}

impl Worlds {
    /// Takes the models that worlds are made of.
    pub fn new(models: Models) -> Self {
        let plans = models.apis().map(|api| (api.clone(), OnceLock::new())).collect();
        Self { models, plans: Arc::new(plans) }
    }

    fn plans(&self, api: &ApiId) -> Option<Arc<Vec<RecordPlan>>> {
        let model = self.models.get(api)?;
        let plan = |r: &Resource| {
            let domain = Domain::infer(&format!("{} {}", model.title, r.words));
            RecordPlan::compile(&r.schema, &r.words, domain)
        };
        let compile = || Arc::new(model.resources.iter().map(plan).collect());
        Some(Arc::clone(self.plans.get(api)?.get_or_init(compile)))
    }

    /// Opens a world that holds the APIs named. The same APIs and seed give the same world.
    pub fn open(&self, apis: &[ApiId], seed: u64) -> World {
        let mut apis = apis.to_vec();
        apis.sort();
        apis.dedup();
        let models: Vec<Arc<ApiModel>> = apis.iter().filter_map(|a| self.models.get(a).cloned()).collect();
        let hashes: Vec<&str> = apis.iter().filter_map(|a| self.models.spec_hash(a)).collect();
        let spec_hash = content_hash(&serde_json::json!(hashes));
        let plans: Vec<Arc<Vec<RecordPlan>>> = apis.iter().filter_map(|a| self.plans(a)).collect();
        let setting = Setting::new(seed);
        let initial = generate::stores(&models, &plans, &setting, seed);
        let base = Base { models, plans, setting, seed, initial: initial.clone(), spec_hash };
        World { base: Arc::new(base), stores: initial, done: imbl::Vector::new(), born: 0, version: 0 }
    }
}
