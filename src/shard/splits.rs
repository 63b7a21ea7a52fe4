//! Which split a row goes to.

use crate::config::plan::{ShardPlan, SplitBy};
use crate::data::{ApiId, Catalog, Sample, Split, api_splits, split_of_tools};
use std::collections::{BTreeMap, BTreeSet};

/// Assigns rows to splits, by what the plan keeps together.
pub struct Splits<'a> {
    plan: &'a ShardPlan,
    /// The catalog's tools by function name, to their ids.
    tools: BTreeMap<&'a str, &'a str>,
    /// The catalog's tools by id, to their APIs.
    apis_of: BTreeMap<&'a str, &'a ApiId>,
    apis: BTreeMap<ApiId, Split>,
}

impl<'a> Splits<'a> {
    /// Prepares the assignment for a catalog.
    pub fn new(catalog: &'a Catalog, plan: &'a ShardPlan) -> Self {
        let apis: BTreeSet<ApiId> = catalog.tools.iter().map(|t| t.api.clone()).collect();
        Self {
            plan,
            tools: catalog.tools.iter().map(|t| (t.name.as_str(), t.id.as_str())).collect(),
            apis_of: catalog.tools.iter().map(|t| (t.id.as_str(), &t.api)).collect(),
            apis: api_splits(&apis, &plan.splits),
        }
    }

    /// Returns a row's split: by the reference's tools or, where it has none, by the tools that it calls.
    ///
    /// A row over APIs of several splits goes to the smallest of them, so that the largest never shows a tool that
    /// was held out.
    pub fn of(&self, sample: &Sample) -> Split {
        let tools = self.chain(sample);
        if tools.is_empty() {
            return split_of_tools([sample.group_id.as_str()], &self.plan.splits);
        }
        match self.plan.split_by {
            SplitBy::Tools => split_of_tools(tools, &self.plan.splits),
            SplitBy::Api => {
                let share = |split: &Split| {
                    self.plan
                        .splits
                        .iter()
                        .find(|(name, _)| *name == split.0)
                        .map_or(0.0, |(_, share)| *share)
                };
                tools
                    .iter()
                    .filter_map(|tool| self.apis.get(*self.apis_of.get(tool)?))
                    .min_by(|a, b| share(a).total_cmp(&share(b)).then_with(|| a.cmp(b)))
                    .cloned()
                    .unwrap_or_else(|| split_of_tools(tools.iter().copied(), &self.plan.splits))
            }
        }
    }

    /// Returns the ids of a row's tools.
    fn chain<'s>(&'s self, sample: &'s Sample) -> BTreeSet<&'s str> {
        let reference = sample.reference.iter().flat_map(|r| &r.calls).map(|call| call.tool.as_str());
        let tools: BTreeSet<&str> = reference.collect();
        if !tools.is_empty() {
            return tools;
        }
        let calls = sample.messages.iter().flat_map(|m| &m.tool_calls);
        calls.filter_map(|call| self.tools.get(call.name.as_str()).copied()).collect()
    }
}
