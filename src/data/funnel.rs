//! The funnel: what went into each stage, what came out, and what was dropped by which rule. It adds up exactly.

use super::{Catalog, Sample, Stage, TaskRecord};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What each stage took in, kept and dropped.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Funnel {
    /// The stages in the order of the flow.
    pub stages: Vec<FunnelStage>,
}

/// One stage's row of the funnel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FunnelStage {
    /// The stage.
    pub stage: Stage,
    /// What is counted (`operations`, `tasks`, `rows`).
    pub unit: String,
    /// What went in.
    pub entered: u64,
    /// What came out.
    pub kept: u64,
    /// What was dropped, by rule.
    pub dropped: BTreeMap<String, u64>,
}

impl FunnelStage {
    /// Makes a stage into which nothing went.
    pub fn new(stage: Stage, unit: &str) -> Self {
        Self { stage, unit: unit.to_owned(), entered: 0, kept: 0, dropped: BTreeMap::new() }
    }

    /// Counts one record that is kept.
    pub fn keep(&mut self) {
        self.entered += 1;
        self.kept += 1;
    }

    /// Counts one record that a rule drops.
    pub fn drop(&mut self, rule: &str) {
        self.entered += 1;
        *self.dropped.entry(rule.to_owned()).or_default() += 1;
    }

    /// Returns how many were dropped.
    pub fn dropped_total(&self) -> u64 {
        self.dropped.values().sum()
    }
}

/// Why a funnel does not add up.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum FunnelError {
    /// A stage's kept and dropped are not what went in.
    #[error("{stage}: {entered} went in, but {kept} kept and {dropped} dropped")]
    Stage {
        /// The stage's word.
        stage: &'static str,
        /// What went in.
        entered: u64,
        /// What came out.
        kept: u64,
        /// What was dropped.
        dropped: u64,
    },
    /// A stage took in another number than the one before it let out.
    #[error("{before} let {kept} out, but {after} took {entered} in")]
    Seam {
        /// The earlier stage.
        before: &'static str,
        /// What it let out.
        kept: u64,
        /// The later stage.
        after: &'static str,
        /// What it took in.
        entered: u64,
    },
}

impl Funnel {
    /// Counts a whole run: the catalog, the task records 0..K, and the rows made of those that have a tree.
    ///
    /// Refused instructions are counted from the records, so rejected rows that instruct or crawl dropped are not
    /// counted again; an unanswered search counts where its row says that it was dropped.
    pub fn of(catalog: &Catalog, records: &[TaskRecord], kept: &[Sample], rejected: &[Sample]) -> Self {
        let mut crawl = FunnelStage::new(Stage::Crawl, "operations");
        catalog.tools.iter().for_each(|_| crawl.keep());
        catalog.dropped.iter().for_each(|d| crawl.drop(&d.rule));

        let mut instruct = FunnelStage::new(Stage::Instruct, "tasks");
        for record in records {
            match &record.refused {
                Some(reason) if reason.stage <= Stage::Instruct => instruct.drop(&reason.rule),
                _ => instruct.keep(),
            }
        }
        let mut search = FunnelStage::new(Stage::Search, "tasks");
        let mut filter = FunnelStage::new(Stage::Filter, "rows");
        let mut shard = FunnelStage::new(Stage::Shard, "rows");
        for sample in kept.iter().chain(rejected) {
            let (stage, rule) =
                sample.dropped.as_ref().map_or((None, ""), |r| (Some(r.stage), r.rule.as_str()));
            match stage {
                Some(Stage::Crawl | Stage::Instruct) => {}
                Some(Stage::Search) => search.drop(rule),
                Some(Stage::Filter) => {
                    search.keep();
                    filter.drop(rule);
                }
                Some(Stage::Shard) => {
                    search.keep();
                    filter.keep();
                    shard.drop(rule);
                }
                None => {
                    search.keep();
                    filter.keep();
                    shard.keep();
                }
            }
        }
        Self { stages: vec![crawl, instruct, search, filter, shard] }
    }

    /// Returns a stage's row.
    pub fn stage(&self, stage: Stage) -> Option<&FunnelStage> {
        self.stages.iter().find(|s| s.stage == stage)
    }

    /// Checks that every stage adds up, and that each takes in what the one before it let out (from instruct on:
    /// operations are not tasks).
    pub fn check(&self) -> Result<(), FunnelError> {
        for s in &self.stages {
            let dropped = s.dropped_total();
            if s.entered != s.kept + dropped {
                let (stage, entered, kept) = (s.stage.as_str(), s.entered, s.kept);
                return Err(FunnelError::Stage { stage, entered, kept, dropped });
            }
        }
        for pair in self.stages.windows(2) {
            let [a, b] = pair else { continue };
            if a.stage != Stage::Crawl && a.kept != b.entered {
                let (before, after) = (a.stage.as_str(), b.stage.as_str());
                return Err(FunnelError::Seam { before, kept: a.kept, after, entered: b.entered });
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_funnel_that_loses_a_record_does_not_add_up() {
        let mut search = FunnelStage::new(Stage::Search, "tasks");
        search.keep();
        search.keep();
        search.drop("no_answer");
        let mut filter = FunnelStage::new(Stage::Filter, "rows");
        filter.keep();
        let mut funnel = Funnel { stages: vec![search, filter] };
        assert!(matches!(funnel.check(), Err(FunnelError::Seam { kept: 2, entered: 1, .. })));
        funnel.stages[1].drop("duplicate");
        assert_eq!(funnel.check(), Ok(()));
        funnel.stages[1].entered += 1;
        assert!(matches!(funnel.check(), Err(FunnelError::Stage { entered: 3, .. })));
    }
}
