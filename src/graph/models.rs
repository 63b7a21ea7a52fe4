//! The models of a catalog's APIs, each inferred when it is first asked for.

use super::{ApiModel, model};
use crate::data::{ApiId, Catalog, Tool};
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

/// The models of all APIs of a catalog; cheap to clone, and shared by its clones.
#[derive(Clone, Debug)]
pub struct Models {
    catalog: Arc<Catalog>,
    apis: Arc<BTreeMap<ApiId, Entry>>,
}

#[derive(Debug, Default)]
struct Entry {
    /// The API's tools, by their places in the catalog.
    tools: Vec<usize>,
    model: OnceLock<Arc<ApiModel>>,
}

impl Models {
    /// Takes a catalog; nothing is inferred yet.
    pub fn new(catalog: Arc<Catalog>) -> Self {
        let mut apis: BTreeMap<ApiId, Entry> = BTreeMap::new();
        for (at, tool) in catalog.tools.iter().enumerate() {
            apis.entry(tool.api.clone()).or_default().tools.push(at);
        }
        Self { catalog, apis: Arc::new(apis) }
    }

    /// Returns an API's model. It is the same whichever API is asked for first.
    pub fn get(&self, api: &ApiId) -> Option<&Arc<ApiModel>> {
        let entry = self.apis.get(api)?;
        let infer = || {
            let tools: Vec<&Tool> = entry.tools.iter().map(|at| &self.catalog.tools[*at]).collect();
            Arc::new(model(api, &tools))
        };
        Some(entry.model.get_or_init(infer))
    }

    /// Returns the hash of the spec that an API was read from.
    pub fn spec_hash(&self, api: &ApiId) -> Option<&str> {
        let first = *self.apis.get(api)?.tools.first()?;
        Some(&self.catalog.tools[first].source.hash)
    }

    /// Returns the APIs, sorted.
    pub fn apis(&self) -> impl Iterator<Item = &ApiId> {
        self.apis.keys()
    }
}
