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
    /// What came out as the next stage counts it: one task may come to several rows.
    pub passed: u64,
}

impl FunnelStage {
    /// Makes a stage into which nothing went.
    pub fn new(stage: Stage, unit: &str) -> Self {
        Self { stage, unit: unit.to_owned(), entered: 0, kept: 0, dropped: BTreeMap::new(), passed: 0 }
    }

    /// Counts one record that is kept.
    pub fn keep(&mut self) {
        self.entered += 1;
        self.kept += 1;
        self.passed += 1;
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
    /// Begins the count of a run with its catalog.
    pub fn new(catalog: &Catalog) -> Self {
        let mut crawl = FunnelStage::new(Stage::Crawl, "operations");
        catalog.tools.iter().for_each(|_| crawl.keep());
        catalog.dropped.iter().for_each(|d| crawl.drop(&d.rule));
        let tasks = [Stage::Instruct, Stage::Search].map(|stage| FunnelStage::new(stage, "tasks"));
        let rows = [Stage::Filter, Stage::Shard].map(|stage| FunnelStage::new(stage, "rows"));
        Self { stages: [crawl].into_iter().chain(tasks).chain(rows).collect() }
    }

    /// Counts a finished task and the rows that it came to: at instruct and search the task, from filter on its rows. A task
    /// without an answer has one row, which says where and why it ended, and is not counted as a row.
    pub fn add(&mut self, record: &TaskRecord, rows: &[Sample]) {
        let [_, instruct, search, filter, shard] = self.stages.as_mut_slice() else {
            unreachable!("a funnel has five stages")
        };
        match &record.refused {
            Some(reason) if reason.stage <= Stage::Instruct => return instruct.drop(&reason.rule),
            _ => instruct.keep(),
        }
        if !record.is_answered() {
            let rule =
                rows.first().and_then(|row| row.dropped.as_ref()).map_or("unfinished", |d| d.rule.as_str());
            return search.drop(rule);
        }
        search.keep();
        search.passed += rows.len() as u64 - 1;
        for row in rows {
            match row.dropped.as_ref() {
                None => {
                    filter.keep();
                    shard.keep();
                }
                Some(reason) if reason.stage == Stage::Shard => {
                    filter.keep();
                    shard.drop(&reason.rule);
                }
                Some(reason) => filter.drop(&reason.rule),
            }
        }
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
            if a.stage != Stage::Crawl && a.passed != b.entered {
                let (before, after) = (a.stage.as_str(), b.stage.as_str());
                return Err(FunnelError::Seam { before, kept: a.passed, after, entered: b.entered });
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
