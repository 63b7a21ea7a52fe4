//! Stages 2 and 3 of one task: it is made and solved, and remembered when it is finished.

use super::RunError;
use crate::config::Plan;
use crate::data::{Catalog, JudgeSaid, NodeId, Reason, SearchTree, Stage, Task, TaskRecord, TreeEnd};
use crate::environment::Environment;
use crate::instruct::{Instructor, Made};
use crate::journal::Journal;
use crate::llm::{AskPath, Llm, LlmError, Meter, Role};
use crate::monitor::Counter;
use crate::prompt::{Prompt, Templates, Trial, Turn, parse};
use crate::search;
use std::any::Any;
use std::sync::Arc;
use tokio::runtime::Runtime;

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

/// How one task ended.
pub(super) enum Ended {
    Finished,
    Unfinished(LlmError),
    Failed(RunError),
}

/// The stages' counters.
#[derive(Clone)]
pub(super) struct Counters {
    pub instruct: Counter,
    pub search: Counter,
}

/// Returns the runtime for what works on the processor. Requests and the journal have threads of their own.
pub(super) fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .thread_name("tasks")
        .enable_all()
        .build()
        .expect("a runtime can be started")
}

fn is_answered(record: &TaskRecord) -> bool {
    record.tree.as_ref().is_some_and(|tree| matches!(tree.end, TreeEnd::Answered(_)))
}

/// Makes and solves a task, and remembers it when it is finished.
pub(super) async fn one(bench: &Arc<Bench>, ordinal: u64, counters: &Counters) -> Ended {
    let path = AskPath::new(ordinal);
    // Outlives a panic: what was asked before it is spent.
    let meter = path.meter();
    let caught = {
        let (bench, counters) = (Arc::clone(bench), counters.clone());
        tokio::spawn(async move { make_and_solve(&bench, (ordinal, path), &counters).await }).await
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
        Err(joined) => match joined.try_into_panic() {
            Ok(panicked) => crashed(ordinal, panicked.as_ref(), &meter),
            Err(_) => return Ended::Unfinished(LlmError::Stopped),
        },
    };
    match bench.journal.put_task(&record).await {
        Ok(()) => Ended::Finished,
        Err(error) => Ended::Failed(error.into()),
    }
}

/// Returns the record of a task that panicked.
fn crashed(ordinal: u64, panicked: &(dyn Any + Send), meter: &Meter) -> TaskRecord {
    let said = panicked.downcast_ref::<String>().map(String::as_str);
    let said = said.or_else(|| panicked.downcast_ref::<&str>().copied()).unwrap_or("it does not say which");
    let reason = Reason::new(Stage::Instruct, "crashed", format!("a fault in toolloom: {said}"));
    TaskRecord { ordinal, refused: Some(reason), usage: meter.usage(), ..TaskRecord::default() }
}

/// Returns the record of a task, or `None` where the run ends with the instruction.
async fn make_and_solve(
    bench: &Bench,
    (ordinal, mut path): (u64, AskPath),
    counters: &Counters,
) -> Result<Option<TaskRecord>, RunError> {
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
        Turn { thought: node.thought.clone(), calls, ..Turn::default() }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::builtin::Builtin;
    use crate::llm::{LlmOptions, LocalModel, Reply};
    use crate::monitor::Monitor;

    /// Words instructions, and cannot solve.
    struct Breaks;

    impl LocalModel for Breaks {
        fn reply(&self, prompt: &Prompt, seed: u64) -> Reply {
            assert!(matches!(prompt, Prompt::WriteInstruction(_)), "it broke in {}", "two");
            Builtin.reply(prompt, seed)
        }
    }

    fn bench() -> Bench {
        let sets = [String::from("crawl.sources=[apis/petstore.json]")];
        let plan = crate::config::load(None, &sets, &|_| true).unwrap();
        let catalog = Arc::new(crate::crawl::crawl(&plan.crawl, &plan.limits).unwrap());
        let templates = Templates::embedded();
        let silent = Monitor::silent();
        let options = LlmOptions::default();
        Bench {
            environment: Environment::simulated(&catalog, plan.limits.observation_bytes),
            instructor: Instructor::new(Arc::clone(&catalog), &plan),
            catalog,
            llm: Llm::new(&plan, Arc::new(Breaks), templates.clone(), &silent, options).unwrap(),
            journal: Journal::in_memory().unwrap(),
            templates,
            until: None,
            plan,
        }
    }

    #[test]
    fn a_fault_of_ours_costs_one_task_says_the_same_each_time_and_what_was_asked_before_counts() {
        let crash = || {
            let (bench, silent) = (Arc::new(bench()), Monitor::silent());
            let counters = Counters {
                instruct: silent.stage(Stage::Instruct, Some(1)),
                search: silent.stage(Stage::Search, Some(1)),
            };
            let ended = runtime().block_on(one(&bench, 0, &counters));
            assert!(matches!(ended, Ended::Finished));
            bench.journal.task(0).unwrap().unwrap()
        };
        let record = crash();
        assert_eq!(record, crash());
        let reason = record.refused.unwrap();
        assert_eq!(
            (reason.rule.as_str(), reason.reason.as_str()),
            ("crashed", "a fault in toolloom: it broke in two")
        );
        assert!(record.usage.total().calls > 0);
    }
}
