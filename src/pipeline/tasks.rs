//! Stages 2 and 3: every task that the journal does not hold is made and solved, and remembered when it is finished.

use super::{End, Outcome, RunError};
use crate::config::Plan;
use crate::data::{
    Catalog, JudgeSaid, Manifest, NodeId, Reason, Sample, SearchTree, Stage, Task, TaskRecord, TreeEnd,
};
use crate::environment::Environment;
use crate::instruct::{Instructor, Made};
use crate::journal::Journal;
use crate::llm::{AskPath, Llm, LlmError, LlmStats, Role};
use crate::monitor::{Counter, Monitor};
use crate::prompt::{Prompt, Templates, Trial, Turn, parse};
use crate::search;
use std::collections::BTreeSet;
use std::sync::Arc;
use tokio::runtime::Runtime;
use tokio::sync::watch;
use tokio::task::JoinSet;

/// So many tasks in a row that a server left unfinished say that it is gone.
const UNREACHABLE_MAX: u32 = 4;

/// All that a task needs.
pub(super) struct Bench {
    pub environment: Environment,
    pub instructor: Instructor,
    pub catalog: Arc<Catalog>,
    pub plan: Plan,
    pub llm: Llm,
    pub journal: Journal,
    pub templates: Templates,
    pub until: Option<Stage>,
}

/// What came of the tasks.
#[derive(Debug)]
pub(super) struct MadeTasks {
    pub end: End,
    /// The longest prefix of finished tasks: K.
    pub prefix: u64,
    pub finished: u64,
    pub count: u64,
}

/// How one task ended.
enum Ended {
    Finished,
    Unfinished(LlmError),
    Failed(RunError),
}

/// The stages' counters.
#[derive(Clone)]
struct Counters {
    instruct: Counter,
    search: Counter,
}

/// Returns the runtime for what works on the processor. Requests and the journal have threads of their own.
pub(super) fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .thread_name("tasks")
        .enable_all()
        .build()
        .expect("a runtime can be started")
}

/// Returns a switch that is thrown when the run is told to stop, or when something stops it from within.
pub(super) fn halting(mut stop: watch::Receiver<bool>) -> (Arc<watch::Sender<bool>>, watch::Receiver<bool>) {
    let (halt, halted) = watch::channel(*stop.borrow());
    let halt = Arc::new(halt);
    let throw = Arc::clone(&halt);
    std::thread::Builder::new()
        .name(String::from("stop"))
        .spawn(move || {
            let wait =
                tokio::runtime::Builder::new_current_thread().build().expect("a runtime can be started");
            // Ends, too, when nobody is left who could stop the run.
            if wait.block_on(stop.wait_for(|stop| *stop)).is_ok() {
                throw.send_replace(true);
            }
        })
        .expect("a thread can be started");
    (halt, halted)
}

/// Makes and solves what is not finished yet. Up to `limits.in_flight` tasks run at once; each is a function of its
/// ordinal and of the replies it gets, so the order in which they end changes nothing.
pub(super) async fn run(
    bench: &Arc<Bench>,
    monitor: &Monitor,
    halt: &watch::Sender<bool>,
    halted: &watch::Receiver<bool>,
) -> Result<MadeTasks, RunError> {
    let count = bench.plan.instruct.tasks;
    let counters = Counters {
        instruct: monitor.stage(Stage::Instruct, Some(count)),
        search: monitor.stage(Stage::Search, Some(count)),
    };
    let mut finished = remembered(bench, count, &counters)?;
    let mut todo = (0..count).filter(|ordinal| !finished.contains(ordinal)).collect::<Vec<_>>().into_iter();
    let mut running = JoinSet::new();
    let mut end = End::Done;
    let mut failure = None;
    let mut unreachable = None;
    let mut unreachable_in_a_row = 0;
    loop {
        while end == End::Done && failure.is_none() && running.len() < bench.plan.limits.in_flight.max(1) {
            if *halted.borrow() {
                end = End::Stopped;
                break;
            }
            let Some(ordinal) = todo.next() else { break };
            let (bench, counters) = (Arc::clone(bench), counters.clone());
            running.spawn(async move { (ordinal, one(&bench, ordinal, &counters).await) });
        }
        let Some(joined) = running.join_next().await else { break };
        let (ordinal, ended): (u64, Ended) = joined.expect("a task's panic is caught within it");
        match ended {
            Ended::Finished => {
                finished.insert(ordinal);
                unreachable_in_a_row = 0;
            }
            Ended::Unfinished(error @ LlmError::Unreachable { .. }) => {
                unreachable_in_a_row += 1;
                if unreachable_in_a_row >= UNREACHABLE_MAX && end == End::Done {
                    end = End::Unreachable(error.to_string());
                }
                unreachable = Some(error.to_string());
            }
            Ended::Unfinished(error @ LlmError::BudgetExhausted { .. }) => {
                end = End::Ceiling(error.to_string());
            }
            Ended::Unfinished(_) => {
                if end == End::Done {
                    end = End::Stopped;
                }
            }
            Ended::Failed(error) => {
                // What is in flight is received and remembered; nothing more is asked.
                halt.send_replace(true);
                failure.get_or_insert(error);
            }
        }
    }
    counters.instruct.end();
    counters.search.end();
    if let Some(error) = failure {
        return Err(error);
    }
    if let (End::Done, Some(reason)) = (&end, unreachable) {
        end = End::Unreachable(reason);
    }
    let prefix = (0..count).take_while(|ordinal| finished.contains(ordinal)).count() as u64;
    Ok(MadeTasks { end, prefix, finished: finished.len() as u64, count })
}

/// Returns the finished tasks of the plan, counted as such.
fn remembered(bench: &Bench, count: u64, counters: &Counters) -> Result<BTreeSet<u64>, RunError> {
    let mut finished = BTreeSet::new();
    for ordinal in bench.journal.finished()?.into_iter().filter(|ordinal| *ordinal < count) {
        if let Some(record) = bench.journal.task(ordinal)? {
            bench.llm.charge(&record.usage);
            let (made, solved) = (record.refused.is_none(), is_answered(&record));
            counters.instruct.add(u64::from(made), u64::from(!made));
            counters.search.add(u64::from(solved), u64::from(made && !solved));
            finished.insert(ordinal);
        }
    }
    Ok(finished)
}

fn is_answered(record: &TaskRecord) -> bool {
    record.tree.as_ref().is_some_and(|tree| matches!(tree.end, TreeEnd::Answered(_)))
}

async fn one(bench: &Arc<Bench>, ordinal: u64, counters: &Counters) -> Ended {
    let caught = {
        let (bench, counters) = (Arc::clone(bench), counters.clone());
        tokio::spawn(async move { make_and_solve(&bench, ordinal, &counters).await }).await
    };
    let record = match caught {
        Ok(Ok(Some(record))) => record,
        // Made, and nothing more was wanted.
        Ok(Ok(None)) => return Ended::Finished,
        Ok(Err(RunError::Model(error)))
            if !error.stops_run() || matches!(error, LlmError::BudgetExhausted { .. }) =>
        {
            return Ended::Unfinished(error);
        }
        Ok(Err(error)) => return Ended::Failed(error),
        // A fault of ours costs one task, is told, and is the same on every run.
        Err(panicked) => {
            let reason = Reason::new(Stage::Instruct, "crashed", format!("a fault in toolloom: {panicked}"));
            TaskRecord { ordinal, refused: Some(reason), ..TaskRecord::default() }
        }
    };
    match bench.journal.put_task(&record).await {
        Ok(()) => Ended::Finished,
        Err(error) => Ended::Failed(error.into()),
    }
}

/// Returns the record of a task, or `None` where the run ends with the instruction.
async fn make_and_solve(
    bench: &Bench,
    ordinal: u64,
    counters: &Counters,
) -> Result<Option<TaskRecord>, RunError> {
    let mut path = AskPath::new(ordinal);
    let meter = path.meter();
    counters.instruct.enter();
    let made = match bench.instructor.make(ordinal, &bench.llm, &mut path).await {
        Ok(made) => made,
        Err(error) => {
            counters.instruct.abandon();
            return Err(error.into());
        }
    };
    let task = match made {
        Made::Task(task) => *task,
        Made::Refused { task, reason } => {
            counters.instruct.lose();
            let task = task.map(|task| *task);
            let usage = meter.usage();
            return Ok(Some(TaskRecord {
                ordinal,
                task,
                refused: Some(reason),
                usage,
                ..TaskRecord::default()
            }));
        }
    };
    counters.instruct.keep();
    if bench.until == Some(Stage::Instruct) {
        return Ok(None);
    }
    counters.search.enter();
    let mut judge_path = path.branch();
    let system = bench.templates.system(&task.context)?;
    let tools: Vec<_> = task.offered.iter().filter_map(|id| bench.catalog.get(id)).collect();
    let (llm, env) = (&bench.llm, &bench.environment);
    let solved = search::solve(&task, &tools, &bench.plan.search, &system, llm, path, env).await;
    let (mut tree, state) = match solved {
        Ok(solved) => solved,
        Err(error) => {
            counters.search.abandon();
            return Err(error.into());
        }
    };
    let judge = judge(bench, &task, &system, &tree, &mut judge_path).await?;
    let usage = meter.usage();
    let used = usage.total();
    tree.cost.llm_calls = used.calls as u32;
    tree.cost.tokens_in = used.tokens_in;
    tree.cost.tokens_out = used.tokens_out;
    let (task, tree) = (Some(task), Some(tree));
    let record = TaskRecord { ordinal, task, system, refused: None, tree, state, judge, usage };
    if is_answered(&record) {
        counters.search.keep();
    } else {
        counters.search.lose();
    }
    Ok(Some(record))
}

/// Has a judge look at an answer that no reference can verify.
async fn judge(
    bench: &Bench,
    task: &Task,
    system: &str,
    tree: &SearchTree,
    path: &mut AskPath,
) -> Result<Option<JudgeSaid>, LlmError> {
    let (TreeEnd::Answered(leaf), None) = (tree.end, &task.reference) else { return Ok(None) };
    let nodes = tree.path(leaf);
    let turn = |id: &NodeId| {
        let node = tree.node(*id);
        let calls =
            node.calls.iter().map(|record| (record.call.clone(), record.observation.clone())).collect();
        Turn { thought: node.thought.clone(), calls }
    };
    let trial = Trial {
        system: system.to_owned(),
        instruction: task.instruction.clone(),
        history: nodes.iter().map(turn).filter(|turn| !turn.calls.is_empty()).collect(),
        answer: tree.node(leaf).answer.clone().unwrap_or_default(),
    };
    let reply = bench.llm.ask(path, Role::Judge, &Prompt::Judge(trial)).await?;
    Ok(parse::judgement(&reply.content).map(|(solved, reason)| JudgeSaid { solved, reason }))
}

impl MadeTasks {
    pub(super) fn outcome(
        &self,
        end: End,
        tools: usize,
        manifest: Option<Manifest>,
        kept: Vec<Sample>,
        llm: LlmStats,
    ) -> Outcome {
        Outcome {
            end,
            tools,
            finished: self.finished,
            unfinished: self.count - self.finished,
            beyond: self.finished - self.prefix,
            manifest,
            kept,
            llm,
        }
    }
}
