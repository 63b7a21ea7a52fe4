//! What the judging of all records of a run shares.

use crate::config::Plan;
use crate::data::{Catalog, Task, Tool, ToolId};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Judges the records of one run: holds what all of them share. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Judge {
    pub(super) catalog: Arc<Catalog>,
    /// The places of the catalog's tools.
    index: Arc<BTreeMap<ToolId, usize>>,
    pub(super) plan: Arc<Plan>,
    pub(super) templates: Arc<str>,
}

impl Judge {
    /// Prepares for a catalog and a plan; `templates` is the hash of the templates that the run was made with.
    pub fn new(catalog: &Arc<Catalog>, plan: &Arc<Plan>, templates: &str) -> Self {
        let index = Arc::new(catalog.index());
        Self { catalog: Arc::clone(catalog), index, plan: Arc::clone(plan), templates: templates.into() }
    }

    /// Returns the tools that a task offers, in that order.
    pub(super) fn tools(&self, task: &Task) -> impl Iterator<Item = &Tool> {
        task.offered.iter().filter_map(|id| self.index.get(id).map(|place| &self.catalog.tools[*place]))
    }

    /// Returns the tools that a task offers, by function name.
    pub(super) fn offered(&self, task: &Task) -> BTreeMap<&str, &Tool> {
        self.tools(task).map(|tool| (tool.name.as_str(), tool)).collect()
    }
}
