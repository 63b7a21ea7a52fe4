//! Stage 4: judges records. Rules of one record first, then those that need the whole corpus, in ordinal order.
//!
//! Nothing is lost: every task record ends as exactly one sample, kept or rejected with stage, rule and reason.

mod case;
mod corpus;
mod registry;
mod row;
mod rules;
mod score;
mod usage;

pub use corpus::corpus;
pub use registry::{Finding, Rule, rule_names};
pub use score::{difficulty_score, quality};

use crate::checks::schema::Validators;
use crate::config::Plan;
use crate::data::{Catalog, Reason, Sample, Stage, TaskRecord, Tool, TreeEnd};
use crate::prompt::{Templates, templates_hash};
use case::Case;
use std::collections::BTreeMap;

/// A judged record.
#[derive(Clone, Debug)]
pub struct Judged {
    /// The row, kept or rejected.
    pub sample: Sample,
}

/// Judges the records of one run: holds what all of them share.
pub struct Judge<'a> {
    catalog: &'a Catalog,
    plan: &'a Plan,
    templates: String,
}

impl<'a> Judge<'a> {
    /// Prepares for a catalog and a plan.
    pub fn new(catalog: &'a Catalog, plan: &'a Plan) -> Self {
        let templates = match &plan.templates {
            None => templates_hash(),
            Some(folder) => {
                Templates::load(Some(folder)).map_or_else(|_| templates_hash(), |t| t.hash().to_owned())
            }
        };
        Self { catalog, plan, templates }
    }

    /// Judges a record by itself: the training view, the rules, scores, difficulty and provenance.
    pub fn record(&self, record: &TaskRecord) -> Judged {
        let Some((task, tree)) =
            record.task.as_ref().zip(record.tree.as_ref()).filter(|_| record.refused.is_none())
        else {
            let reason = record
                .refused
                .clone()
                .unwrap_or_else(|| Reason::new(Stage::Search, "unfinished", "the record holds no search"));
            return Judged { sample: row::unsolved(self, record, reason) };
        };
        let TreeEnd::Answered(leaf) = tree.end else {
            return Judged { sample: row::unsolved(self, record, row::why_unsolved(tree)) };
        };
        let offered: BTreeMap<&str, &Tool> = task
            .offered
            .iter()
            .filter_map(|id| self.catalog.get(id))
            .map(|tool| (tool.name.as_str(), tool))
            .collect();
        let called: Vec<&Tool> = tree
            .path(leaf)
            .iter()
            .flat_map(|id| &tree.node(*id).calls)
            .filter_map(|r| offered.get(r.call.name.as_str()).copied())
            .collect();
        let validators = Validators::of(called);
        let case = Case::new(record, task, tree, leaf, offered, &validators, self.plan);
        let mut sample = row::answered(self, &case);
        let mut findings = BTreeMap::new();
        for rule in registry::RULES {
            let finding = (rule.judge)(&case);
            if let Some(score) = finding.score {
                findings.insert(rule.name.to_owned(), score);
            }
            let enabled = !self.plan.filter.disabled.iter().any(|name| name == rule.name);
            if let (Some(reason), true, None) = (finding.drop, enabled, &sample.dropped) {
                sample.dropped = Some(Reason::new(Stage::Filter, rule.name, reason));
            }
        }
        sample.scores = findings;
        sample.quality = quality(&sample);
        Judged { sample }
    }
}

/// Judges one record: see [`Judge::record`].
pub fn judge_record(record: &TaskRecord, catalog: &Catalog, plan: &Plan) -> Judged {
    Judge::new(catalog, plan).record(record)
}

#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
