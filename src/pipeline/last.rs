//! The final pass: the rows of tasks 0..K, a pure function of their records, in order.

use super::{Options, RunError};
use crate::config::Plan;
use crate::data::{Catalog, Funnel, Manifest, Sample, Stage, TaskRecord, content_hash};
use crate::filter::{self, Judge};
use crate::journal::Journal;
use crate::llm;
use crate::monitor::Monitor;
use crate::shard::{self, Corpus};
use serde_json::Value;

/// The rows, in the order of their tasks.
pub(super) struct Judged {
    pub kept: Vec<Sample>,
    /// The ordinals of their tasks.
    pub kept_tasks: Vec<u64>,
    pub rejected: Vec<Sample>,
}

/// Reads the records of tasks 0..K, with what they cost at today's prices.
pub(super) fn records(journal: &Journal, prefix: u64, plan: &Plan) -> Result<Vec<TaskRecord>, RunError> {
    let mut records = Vec::new();
    for ordinal in 0..prefix {
        records.push(record(journal, ordinal, plan)?.expect("a finished task is remembered"));
    }
    Ok(records)
}

/// Reads the record of a task, where it is finished.
pub(super) fn record(journal: &Journal, ordinal: u64, plan: &Plan) -> Result<Option<TaskRecord>, RunError> {
    let mut record = journal.task(ordinal)?;
    if let Some(record) = &mut record
        && let Some(tree) = &mut record.tree
    {
        tree.cost.cost_usd = llm::cost_usd(&plan.models, &record.usage);
    }
    Ok(record)
}

/// Judges records and tells what is kept.
pub(super) fn judge(records: &[TaskRecord], catalog: &Catalog, plan: &Plan, monitor: &Monitor) -> Judged {
    let counter = monitor.stage(Stage::Filter, Some(records.len() as u64));
    let samples = samples(records, catalog, plan);
    let of_kept = records.iter().zip(&samples).filter(|(_, sample)| sample.dropped.is_none());
    let kept_tasks = of_kept.map(|(record, _)| record.ordinal).collect();
    let (rejected, kept): (Vec<_>, Vec<_>) = samples.into_iter().partition(|sample| sample.dropped.is_some());
    // Rows that an earlier stage dropped pass by: its own counter has them.
    let here = |sample: &&Sample| sample.dropped.as_ref().is_some_and(|reason| reason.stage == Stage::Filter);
    counter.add(kept.len() as u64, rejected.iter().filter(here).count() as u64);
    counter.end();
    Judged { kept, kept_tasks, rejected }
}

/// Judges every record by itself, on all processors, and then the corpus as a whole, in order. Every record is one
/// sample.
pub(super) fn samples(records: &[TaskRecord], catalog: &Catalog, plan: &Plan) -> Vec<Sample> {
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    let share = records.len().div_ceil(workers).max(1);
    let judge = &Judge::new(catalog, plan);
    // Each thread judges a run of records; joined in order, so that threads change nothing.
    let samples: Vec<Sample> = std::thread::scope(|scope| {
        let judged = move |records: &[TaskRecord]| -> Vec<Sample> {
            records.iter().map(|record| judge.record(record).sample).collect()
        };
        let threads: Vec<_> =
            records.chunks(share).map(|records| scope.spawn(move || judged(records))).collect();
        threads.into_iter().flat_map(|thread| thread.join().expect("rules do not panic")).collect()
    });
    filter::corpus(samples, plan)
}

/// Writes the run's folder, its manifest last.
pub(super) fn write(
    records: &[TaskRecord],
    judged: &Judged,
    catalog: &Catalog,
    plan: &Plan,
    options: &Options,
    identity: &Value,
    monitor: &Monitor,
) -> Result<Manifest, RunError> {
    let counter = monitor.stage(Stage::Shard, Some(judged.kept.len() as u64));
    let funnel = Funnel::of(catalog, records, &judged.kept, &judged.rejected);
    let corpus = Corpus {
        kept: &judged.kept,
        rejected: &judged.rejected,
        catalog,
        tasks: records,
        plan,
        funnel: &funnel,
        identity: &content_hash(identity),
        command: &options.command,
    };
    let manifest = shard::write(&plan.output, &corpus)?;
    counter.add(judged.kept.len() as u64, 0);
    counter.end();
    Ok(manifest)
}
