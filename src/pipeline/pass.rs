//! The final pass: the rows of the finished tasks, a pure function of their records, in the order of their ordinals.
//!
//! Records are read and judged a window at a time, on all processors; what rules over the corpus need of earlier rows is
//! carried along in a compact form, and rows go to their files at once. So memory is bounded by the window, not by the tasks.

use super::RunError;
use super::end::Passed;
use super::judging::{Case, judged};
use super::tasks::Bench;
use crate::builtin::Builtin;
use crate::config::Plan;
use crate::data::{CRASHED, Funnel, Level, Manifest, Reason, Sample, SpendTally, Stage, TaskRecord};
use crate::filter::Corpus;
use crate::journal::Journal;
use crate::llm::{self, Llm, LlmError, LlmOptions};
use crate::monitor::{Counter, Monitor};
use crate::shard::{Batch, Facts, Writer};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use tokio::runtime::Handle;

/// So many faults of ours are named at the end of a run.
const FAULTS_TOLD: usize = 5;

/// The final pass, as far as it has come. It can go on with further tasks, of later ordinals.
pub(super) struct Pass {
    bench: Arc<Bench>,
    /// Answers from the journal alone.
    recall: Llm,
    handle: Handle,
    writing: Writing,
    /// Begun with the first tasks; with how many there are.
    counter: Option<(Counter, u64)>,
    corpus: Corpus,
    funnel: Funnel,
    spend: SpendTally,
    passed: Passed,
}

/// Whether the rows go to files.
pub(super) enum Writing {
    /// They do not.
    No,
    /// They will, once there are any.
    Asked,
    /// They do.
    Begun(Writer),
}

impl Pass {
    /// Prepares a pass over the tasks of a run.
    pub fn new(bench: &Arc<Bench>, handle: &Handle, writing: Writing) -> Result<Self, RunError> {
        let of_llm =
            LlmOptions { journal: Some(bench.journal.clone()), offline: true, ..LlmOptions::default() };
        let silent = Monitor::silent();
        let recall = Llm::new(&bench.plan, Arc::new(Builtin), bench.templates.clone(), &silent, of_llm)?;
        Ok(Self {
            bench: Arc::clone(bench),
            recall,
            handle: handle.clone(),
            writing,
            counter: None,
            corpus: Corpus::new(&bench.plan),
            funnel: Funnel::new(&bench.catalog),
            spend: SpendTally::default(),
            passed: Passed::default(),
        })
    }

    /// Returns how many rows are kept so far.
    pub fn kept(&self) -> u64 {
        self.passed.kept
    }

    /// Takes finished tasks in, in order. With a `target` of kept rows it ends at the task that meets it, and returns that one.
    pub fn feed(&mut self, ordinals: &[u64], target: Option<u64>) -> Result<Option<u64>, RunError> {
        self.begin(ordinals.len() as u64)?;
        let size = self.bench.plan.limits.window.max(1);
        for window in ordinals.chunks(size) {
            let mut batch = Batch::default();
            let mut met = None;
            for (ordinal, case) in window.iter().zip(self.window(window)?) {
                match case {
                    Some(case) => self.take(case, &mut batch),
                    None => self.passed.unjudged.push(*ordinal),
                }
                if target.is_some_and(|target| self.passed.kept >= target) {
                    met = Some(*ordinal);
                    break;
                }
            }
            if let Writing::Begun(writer) = &mut self.writing {
                writer.add(batch)?;
            }
            if met.is_some() {
                return Ok(met);
            }
        }
        Ok(None)
    }

    /// Begins what is begun with the first tasks, and says that so many more come.
    fn begin(&mut self, more: u64) -> Result<(), RunError> {
        if more == 0 {
            return Ok(());
        }
        if let Some((counter, total)) = &mut self.counter {
            *total += more;
            counter.grow(*total);
        } else {
            self.counter = Some((self.bench.monitor.stage(Stage::Filter, Some(more)), more));
        }
        if matches!(self.writing, Writing::Asked) {
            let Bench { catalog, plan, .. } = &*self.bench;
            self.writing = Writing::Begun(Writer::begin(&plan.output, catalog, plan)?);
        }
        Ok(())
    }

    /// Judges the tasks of a window each by itself, at once; `None` where a judge's word is missing. The runtime's own threads do it:
    /// threads that come and go with each window leave memory behind.
    fn window(&self, ordinals: &[u64]) -> Result<Vec<Option<Case>>, RunError> {
        let begin = |ordinal: &u64| {
            let (bench, recall, ordinal) = (Arc::clone(&self.bench), self.recall.clone(), *ordinal);
            self.handle.spawn(async move { one(&bench, &recall, ordinal).await })
        };
        let running: Vec<_> = ordinals.iter().map(begin).collect();
        self.handle.block_on(async {
            let mut cases = Vec::with_capacity(running.len());
            for case in running {
                cases.push(case.await.expect("what may panic is guarded")?);
            }
            Ok(cases)
        })
    }

    /// Has the rules over the corpus judge a task's rows, counts them, and hands them on.
    fn take(&mut self, case: Case, batch: &mut Batch) {
        let Case { record, mut rows, judging } = case;
        for row in &mut rows {
            // A fault of ours costs the row.
            let judged = catch_unwind(AssertUnwindSafe(|| self.corpus.judge(row)));
            if let Err(panicked) = judged {
                row.dropped = Some(Reason::crashed(Stage::Filter, panicked.as_ref()));
            }
            self.note(record.ordinal, row);
        }
        let kept = rows.iter().filter(|row| row.dropped.is_none()).count() as u64;
        let here = |row: &&Sample| row.dropped.as_ref().is_some_and(|reason| reason.stage == Stage::Filter);
        // Rows that an earlier stage dropped pass by: its own counter has them.
        if let Some((counter, _)) = &self.counter {
            counter.add(kept, rows.iter().filter(here).count() as u64);
        }
        self.passed.kept += kept;
        self.funnel.add(&record, &rows);
        self.spend.add(&record, &judging, kept);
        if matches!(self.writing, Writing::Begun(_)) {
            batch.rows.append(&mut rows);
            batch.records.push(record);
        }
    }

    /// Keeps what is told at the end: examples, and faults of ours.
    fn note(&mut self, ordinal: u64, row: &Sample) {
        let passed = &mut self.passed;
        match &row.dropped {
            None => {
                let of_level = |level: Level| passed.examples.iter().any(|row| row.difficulty.level == level);
                if passed.examples.len() < 3 || !of_level(row.difficulty.level) {
                    passed.examples.push(row.clone());
                }
            }
            Some(reason) if reason.rule == CRASHED && passed.faults.len() < FAULTS_TOLD => {
                let place = format!("task {ordinal}, {}", reason.stage.as_str());
                passed.faults.push((place, reason.reason.clone()));
            }
            Some(_) => {}
        }
    }

    /// Ends the pass: files, where there are any, are put in place, the manifest last. `open` are the tasks that are not
    /// finished.
    pub fn end(
        self,
        open: &[u64],
        identity: String,
        command: String,
    ) -> Result<(Option<Manifest>, Passed), RunError> {
        if let Some((counter, _)) = &self.counter {
            counter.end();
        }
        let Writing::Begun(writer) = self.writing else { return Ok((None, self.passed)) };
        let counter = self.bench.monitor.stage(Stage::Shard, Some(self.passed.kept));
        let mut open: Vec<u64> = open.iter().chain(&self.passed.unjudged).copied().collect();
        open.sort_unstable();
        let (funnel, spend) = (self.funnel, self.spend);
        let manifest = writer.end(Facts { funnel, spend, open: ranges(&open), identity, command })?;
        counter.add(self.passed.kept, 0);
        counter.end();
        Ok((Some(manifest), self.passed))
    }
}

/// Reads a task's record and judges it; `None` where a judge's word is missing.
async fn one(bench: &Bench, recall: &Llm, ordinal: u64) -> Result<Option<Case>, RunError> {
    let Bench { journal, plan, judge, .. } = bench;
    let record = record(journal, ordinal, plan)?.expect("a finished task is remembered");
    match judged((judge, recall, plan), record).await {
        Ok(case) => Ok(Some(case)),
        Err(LlmError::Missing { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Returns sorted numbers as ranges, both ends included.
fn ranges(sorted: &[u64]) -> Vec<[u64; 2]> {
    sorted.chunk_by(|a, b| a + 1 == *b).map(|run| [run[0], run[run.len() - 1]]).collect()
}

/// Reads the record of a task, where it is finished, with what it cost at today's prices.
pub(super) fn record(journal: &Journal, ordinal: u64, plan: &Plan) -> Result<Option<TaskRecord>, RunError> {
    let mut record = journal.task(ordinal)?;
    if let Some(record) = &mut record {
        let cost = llm::cost_usd(&plan.models, &record.usage);
        record.trees.iter_mut().for_each(|attempt| attempt.tree.cost.cost_usd = cost);
    }
    Ok(record)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn open_tasks_are_told_as_ranges() {
        assert_eq!(ranges(&[]), Vec::<[u64; 2]>::new());
        assert_eq!(ranges(&[0, 1, 2, 5, 7, 8]), [[0, 2], [5, 5], [7, 8]]);
    }
}
