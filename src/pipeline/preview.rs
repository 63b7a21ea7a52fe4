//! A few tasks from end to end, with every prompt and reply: what a run would do, before anything larger is spent.

use super::halt::Halt;
use super::judging::{Case, judged};
use super::tasks::{Bench, Counters, Ended, one};
use super::{Ceiling, End, Options, RunError, crawl, deadline, open, pages, pass, tasks};
use crate::config::Plan;
use crate::data::{Sample, Stage, TaskRecord, Usages};
use crate::filter::Corpus;
use crate::llm::{Exchange, LlmError, LlmStats, Observer, Reply, Role};
use crate::monitor::Monitor;
use crate::prompt::{Rendered, Templates};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::runtime::Runtime;
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep_until};

/// A prompt and what was replied to it.
#[derive(Clone, Debug)]
pub struct Asked {
    /// What the model was asked to be.
    pub role: Role,
    /// The model's name in the plan.
    pub model: String,
    /// The prompt as it was sent.
    pub sent: Rendered,
    /// The reply.
    pub reply: Reply,
    /// Whether the model runs in this process, so that nothing was sent.
    pub is_local: bool,
}

/// What came of one task of a preview.
#[derive(Debug)]
pub struct Previewed {
    /// The task.
    pub ordinal: u64,
    /// What was asked for it, in order.
    pub asked: Vec<Asked>,
    /// What is remembered of it; `None` where it was left unfinished.
    pub record: Option<TaskRecord>,
    /// The row it makes, kept or rejected; of several a kept one.
    pub sample: Option<Sample>,
}

/// What came of a preview.
#[derive(Clone, Debug)]
pub struct PreviewOutcome {
    /// How it ended: done, stopped, or at the ceiling on a session's time.
    pub end: End,
    /// Finished tasks.
    pub tasks: u64,
    /// Kept rows.
    pub kept: u64,
    /// What they asked of models, whenever that was.
    pub usage: Usages,
    /// How models were used now.
    pub llm: LlmStats,
}

type Told = Arc<Mutex<BTreeMap<u64, Vec<Asked>>>>;

/// Runs the first tasks of a plan in the run's own folder and shows each, in order. All that is paid for is remembered
/// there and reused by the run; no other file is written. A task that cannot be finished is shown as far as it came,
/// and ends it: what is asked by then is still received, and the error is returned, but for a stop (as of a run) and for
/// `limits.wall_s`, which are no errors.
pub fn preview(
    plan: &Plan,
    (tasks, offline): (u64, bool),
    monitor: &Monitor,
    stop: watch::Receiver<bool>,
    show: &mut dyn FnMut(&Previewed),
) -> Result<PreviewOutcome, RunError> {
    let deadline = deadline(plan);
    let templates = Templates::load(plan.templates.as_deref())?;
    let options = Options { offline, ..Options::default() };
    let pages = pages(plan, &options)?;
    let catalog = Arc::new(crawl(plan, &pages, monitor)?);
    let work = tasks::runtime();
    let halt = Halt::new(stop, &work);
    let is_late = throw_at(deadline, &halt, &work);
    let told = Told::default();
    let observed = (&halt, Some(observer(&told)));
    let (bench, _) = open(plan, &catalog, templates, &options, observed, (&pages, &work), monitor)?;
    bench.llm.charge(&bench.journal.held()?.spent());

    let mut ends = Ends { ended: begin(&work, &bench, monitor, tasks), early: BTreeMap::new() };
    let (usage, llm) = (Usages::default(), LlmStats::default());
    let mut outcome = PreviewOutcome { end: End::Done, tasks: 0, kept: 0, usage, llm };
    let mut corpus = Corpus::new(plan);
    for ordinal in 0..tasks {
        let case = match ends.of(ordinal) {
            Ended::Finished => {
                let record =
                    pass::record(&bench.journal, ordinal, plan)?.expect("a finished task is remembered");
                let judging = judged((&bench.judge, &bench.llm, plan), record);
                work.block_on(judging).map_err(RunError::from)
            }
            Ended::Unfinished(error) => Err(error.into()),
            Ended::Failed(error) => Err(error),
        };
        let asked = lock(&told).remove(&ordinal).unwrap_or_default();
        let Case { record, mut rows, judging } = match case {
            Ok(case) => case,
            Err(error) => {
                show(&Previewed { ordinal, asked, record: None, sample: None });
                // What other tasks have in flight is paid for: it is received and remembered, and nothing more is asked.
                halt.throw();
                ends.all();
                outcome.llm = bench.llm.stats();
                let _ = work.block_on(bench.journal.add_repeated(outcome.llm.retries));
                outcome.end = match error {
                    RunError::Model(LlmError::Stopped) if is_late.load(Ordering::SeqCst) => {
                        End::Ceiling(Ceiling::wall(plan.limits.wall_s.unwrap_or_default()))
                    }
                    RunError::Model(LlmError::Stopped) => End::Stopped,
                    error => return Err(error),
                };
                return Ok(outcome);
            }
        };
        outcome.usage.merge(&record.usage);
        outcome.usage.merge(&judging);
        // Rules look at earlier rows only, so this verdict is the run's.
        for row in &mut rows {
            corpus.judge(row);
        }
        rows.sort_by_key(|row| row.dropped.is_some());
        outcome.tasks += 1;
        outcome.kept += rows.iter().filter(|row| row.dropped.is_none()).count() as u64;
        let sample = rows.into_iter().next();
        show(&Previewed { ordinal, asked, record: Some(record), sample });
    }
    outcome.llm = bench.llm.stats();
    work.block_on(bench.journal.add_repeated(outcome.llm.retries))?;
    Ok(outcome)
}

/// Throws the switch when a session's time is over. What it returns is true from then on.
fn throw_at(deadline: Option<Instant>, halt: &Halt, work: &Runtime) -> Arc<AtomicBool> {
    let is_late = Arc::new(AtomicBool::new(false));
    if let Some(deadline) = deadline {
        let (halt, is_late) = (halt.clone(), Arc::clone(&is_late));
        work.spawn(async move {
            sleep_until(deadline).await;
            is_late.store(true, Ordering::SeqCst);
            halt.throw();
        });
    }
    is_late
}

/// How tasks ended, in whatever order they do.
struct Ends {
    ended: mpsc::UnboundedReceiver<(u64, Ended)>,
    early: BTreeMap<u64, Ended>,
}

impl Ends {
    /// Waits for the end of a task.
    fn of(&mut self, ordinal: u64) -> Ended {
        loop {
            if let Some(end) = self.early.remove(&ordinal) {
                return end;
            }
            let (other, end) = self.ended.blocking_recv().expect("each task tells how it ended");
            self.early.insert(other, end);
        }
    }

    /// Waits for the ends of all tasks.
    fn all(mut self) {
        while self.ended.blocking_recv().is_some() {}
    }
}

/// Begins the tasks, as many at once as the plan allows, in order. Each tells how it ended.
fn begin(
    work: &Runtime,
    bench: &Arc<Bench>,
    monitor: &Monitor,
    tasks: u64,
) -> mpsc::UnboundedReceiver<(u64, Ended)> {
    let counters = Counters {
        instruct: monitor.stage(Stage::Instruct, Some(tasks)),
        search: monitor.stage(Stage::Search, Some(tasks)),
    };
    let (tell, ended) = mpsc::unbounded_channel();
    let bench = Arc::clone(bench);
    let places = Arc::new(tokio::sync::Semaphore::new(bench.plan.limits.in_flight.max(1)));
    work.spawn(async move {
        for ordinal in 0..tasks {
            let place = Arc::clone(&places).acquire_owned().await.expect("it is never closed");
            let (bench, counters, tell) = (Arc::clone(&bench), counters.clone(), tell.clone());
            tokio::spawn(async move {
                let end = one(&bench, ordinal, &counters).await;
                drop(place);
                // Nobody listens where an earlier task failed.
                let _ = tell.send((ordinal, end));
            });
        }
    });
    ended
}

/// Returns what keeps every exchange, by its task.
fn observer(told: &Told) -> Observer {
    let told = Arc::clone(told);
    Arc::new(move |exchange: &Exchange<'_>| {
        let Some(task) = exchange.task else { return };
        lock(&told).entry(task).or_default().push(Asked {
            role: exchange.role,
            model: exchange.model.to_owned(),
            sent: exchange.sent.clone(),
            reply: exchange.reply.clone(),
            is_local: exchange.is_local,
        });
    })
}

fn lock(told: &Told) -> MutexGuard<'_, BTreeMap<u64, Vec<Asked>>> {
    told.lock().unwrap_or_else(PoisonError::into_inner)
}
