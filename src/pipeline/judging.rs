//! Stage 4 of one task, and the pass in which judges are asked: between search and the final pass, which then finds what
//! they said in the journal.

use super::ending::Ending;
use super::halt::late;
use super::tasks::Bench;
use super::{End, RunError};
use crate::config::Plan;
use crate::data::{Sample, Stage, TaskRecord, Usages};
use crate::filter::{self, Judge, Judgement};
use crate::llm::{AskPath, Llm, LlmError};
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use tokio::task::JoinSet;
use tokio::time::Instant;

/// A finished task with its rows, each judged by itself.
pub(super) struct Case {
    pub record: TaskRecord,
    pub rows: Vec<Sample>,
    /// What its judges took.
    pub judging: Usages,
}

/// Judges a record: rules first, then the judges of what those keep, asked of `llm`; and of several rows the best. A fault of
/// ours in a rule costs the record its rows.
pub(super) async fn judged(
    (judge, llm, plan): (&Judge, &Llm, &Plan),
    record: TaskRecord,
) -> Result<Case, LlmError> {
    let mut judging = Usages::default();
    let mut rows = guarded(judge, &record, || judge.record(&record));
    for row in &mut rows {
        let mut said: BTreeMap<String, Judgement> = BTreeMap::new();
        for name in filter::judges_of(row, plan) {
            // What is asked of a row hangs on the row alone.
            let mut path = AskPath::of_row(record.ordinal, *blake3::hash(row.id.as_bytes()).as_bytes());
            let reply = llm.ask_judge(&mut path, name, &filter::trial(row, name, plan)).await;
            judging.merge(&path.meter().usage());
            match reply {
                Ok(reply) => drop(said.insert(name.to_owned(), Judgement::read(&reply.content))),
                // The server fails at this request and serves others: it holds up nothing.
                Err(LlmError::Failed(reason)) => {
                    row.dropped = Some(reason);
                    break;
                }
                Err(error) => return Err(error),
            }
        }
        if record.is_answered() {
            filter::conclude(row, &said, plan);
        }
    }
    filter::best_of_task(&mut rows, plan);
    Ok(Case { record, rows, judging })
}

/// Does what rules do; where they crash, the record's row says so.
fn guarded(judge: &Judge, record: &TaskRecord, work: impl FnOnce() -> Vec<Sample>) -> Vec<Sample> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(rows) => rows,
        Err(panicked) => vec![judge.crashed(record, panicked.as_ref())],
    }
}

/// Tells whether a pass of judging has anything to ask. The built-in model is no matter: it is asked again whenever it is
/// needed. And a chain comes with its reference.
pub(super) fn is_needed(bench: &Bench) -> bool {
    use crate::config::plan::JudgedRows;
    use crate::data::Strategy;
    let all_referenced = bench.plan.instruct.strategy == Strategy::ChainFirst;
    let judges = bench.plan.filter.judges.iter();
    judges
        .filter(|(_, judge)| judge.rows == JudgedRows::All || !all_referenced)
        .any(|(name, _)| bench.llm.is_remote(name))
}

/// Asks the judges of the rows of finished tasks, many at once. Each reply is remembered, so that the final pass finds it.
pub(super) async fn ask(
    bench: &Arc<Bench>,
    ordinals: &[u64],
    ending: &mut Ending,
    deadline: Option<Instant>,
) -> Result<End, RunError> {
    let counter = bench.monitor.stage(Stage::Filter, Some(ordinals.len() as u64));
    let most = bench.plan.limits.in_flight.max(1);
    let mut todo = ordinals.iter().copied();
    let mut deadline = deadline;
    let mut running: JoinSet<(u64, Result<bool, RunError>)> = JoinSet::new();
    loop {
        while running.len() < most && ending.goes_on() && !ending.halt.is_thrown() {
            let Some(ordinal) = todo.next() else { break };
            let bench = Arc::clone(bench);
            counter.enter();
            running.spawn(async move { (ordinal, one(&bench, ordinal).await) });
        }
        tokio::select! {
            biased;
            joined = running.join_next() => match joined {
                None => break,
                Some(joined) => {
                    let (ordinal, ended) = joined.expect("what may panic is guarded");
                    match ended {
                        Ok(true) => { counter.keep(); ending.finished(); }
                        Ok(false) => { counter.lose(); ending.finished(); }
                        Err(RunError::Model(error)) if error.leaves_unfinished() => {
                            counter.abandon();
                            ending.unfinished(ordinal, error.into());
                        }
                        Err(error) => { counter.abandon(); ending.failed(error); }
                    }
                }
            },
            () = late(deadline), if deadline.is_some() => {
                deadline = None;
                ending.time_is_up(bench.plan.limits.wall_s.unwrap_or_default());
            }
        }
    }
    counter.end();
    if ending.halt.is_thrown() && ending.end == End::Done {
        ending.end = End::Stopped;
    }
    ending.close()
}

/// Has the rows of a task judged; returns whether one is kept so far.
async fn one(bench: &Bench, ordinal: u64) -> Result<bool, RunError> {
    let record = bench.journal.task(ordinal)?.expect("a finished task is remembered");
    let case = judged((&bench.judge, &bench.llm, &bench.plan), record).await?;
    Ok(case.rows.iter().any(|row| row.dropped.is_none()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{Catalog, Funnel, Reason};

    #[test]
    fn a_fault_of_ours_in_a_rule_costs_the_task_its_rows_and_is_told_with_its_stage() {
        let plan = Arc::new(crate::config::load(None, &[], &|_| true).unwrap());
        let catalog = Arc::new(Catalog::default());
        let judge = Judge::new(&catalog, &plan, "");
        let record = TaskRecord { ordinal: 4, ..TaskRecord::default() };
        let rows = guarded(&judge, &record, || panic!("it broke in {}", "two"));
        let found = rows[0].dropped.clone().unwrap();
        assert_eq!(found, Reason::new(Stage::Filter, "crashed", "a fault in toolloom: it broke in two"));
        let mut funnel = Funnel::new(&catalog);
        funnel.add(&record, &rows);
        assert_eq!(funnel.check(), Ok(()));
    }
}
