//! Stages 2 and 3 of one task: it is made and solved, and remembered when it is finished.

use super::RunError;
use crate::config::Plan;
use crate::data::{Attempt, Catalog, Reason, Stage, Task, TaskRecord};
use crate::environment::{EdgeError, Environment};
use crate::filter::Judge;
use crate::instruct::{Instructor, Made};
use crate::journal::Journal;
use crate::llm::{AskPath, Llm, LlmError, Role};
use crate::monitor::{Counter, Monitor};
use crate::prompt::Templates;
use crate::search::Solver;
use std::sync::{Arc, OnceLock};
use tokio::runtime::Runtime;

/// All that a task needs.
pub(super) struct Bench {
    pub environment: Environment,
    pub instructor: Instructor,
    pub catalog: Arc<Catalog>,
    pub plan: Arc<Plan>,
    pub judge: Judge,
    pub llm: Llm,
    pub journal: Journal,
    pub templates: Templates,
    pub monitor: Monitor,
    pub until: Option<Stage>,
}

/// How one task ended.
pub(super) enum Ended {
    Finished,
    Unfinished(EdgeError),
    Failed(RunError),
}

impl Ended {
    /// Tells what a task's error means for the run.
    fn by(error: RunError) -> Self {
        match error {
            RunError::Model(error) if error.leaves_unfinished() => Self::Unfinished(error.into()),
            RunError::Environment(error) if error.leaves_unfinished() => Self::Unfinished(error.into()),
            error => Self::Failed(error),
        }
    }
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

/// Makes and solves a task, and remembers it when it is finished.
pub(super) async fn one(bench: &Arc<Bench>, ordinal: u64, counters: &Counters) -> Ended {
    let path = AskPath::new(ordinal);
    // Outlives a panic: what was asked before it is spent.
    let meter = path.meter();
    let reached = Arc::new(OnceLock::new());
    let caught = {
        let (bench, counters, reached) = (Arc::clone(bench), counters.clone(), Arc::clone(&reached));
        tokio::spawn(async move { make_and_solve(&bench, (ordinal, path), &counters, &reached).await }).await
    };
    let record = match caught {
        Ok(Ok(Some(record))) => record,
        // Made, and nothing more was wanted.
        Ok(Ok(None)) => return Ended::Finished,
        Ok(Err(error)) => return Ended::by(error),
        // A fault of ours costs one task, is told, and is the same on every run.
        Err(joined) => match joined.try_into_panic() {
            Ok(panicked) => {
                let stage = if reached.get().is_some() { Stage::Search } else { Stage::Instruct };
                let reason = Reason::crashed(stage, panicked.as_ref());
                let task = reached.get().cloned();
                TaskRecord {
                    ordinal,
                    task,
                    refused: Some(reason),
                    usage: meter.usage(),
                    ..TaskRecord::default()
                }
            }
            Err(_) => return Ended::Unfinished(LlmError::Stopped.into()),
        },
    };
    match bench.journal.put_task(&record).await {
        Ok(()) => Ended::Finished,
        Err(error) => Ended::Failed(error.into()),
    }
}

/// Returns the record of a task, or `None` where the run ends with the instruction. A task whose search begins is left in
/// `reached`.
async fn make_and_solve(
    bench: &Bench,
    (ordinal, mut path): (u64, AskPath),
    counters: &Counters,
    reached: &OnceLock<Task>,
) -> Result<Option<TaskRecord>, RunError> {
    let meter = path.meter();
    let begun = |task: Option<Task>, system: String| {
        let usage = meter.usage();
        TaskRecord { ordinal, task, system, usage, ..TaskRecord::default() }
    };
    counters.instruct.enter();
    let made = match bench.instructor.make(ordinal, &bench.llm, &mut path).await {
        Ok(made) => made,
        Err(error) => return failed(error, begun(None, String::new()), &counters.instruct),
    };
    let task = match made {
        Made::Task(task) => *task,
        Made::Refused { task, reason } => {
            counters.instruct.lose();
            let record = begun(task.map(|task| *task), String::new());
            return Ok(Some(TaskRecord { refused: Some(reason), ..record }));
        }
    };
    counters.instruct.keep();
    if bench.until == Some(Stage::Instruct) {
        return Ok(None);
    }
    counters.search.enter();
    let task = reached.get_or_init(|| task);
    let system = bench.templates.system(&task.context)?;
    let tools: Vec<_> = task.offered.iter().filter_map(|id| bench.catalog.get(id)).collect();
    let solver = Solver {
        role: Role::Solver,
        plan: &bench.plan.search,
        llm: &bench.llm,
        environment: &bench.environment,
    };
    let mut tree = match solver.solve(task, &tools, &system, path).await {
        Ok(solved) => solved,
        Err(error) => return failed(error, begun(Some(task.clone()), system), &counters.search),
    };
    let usage = meter.usage();
    let used = usage.total();
    tree.cost.llm_calls = used.calls as u32;
    tree.cost.tokens_in = used.tokens_in;
    tree.cost.tokens_out = used.tokens_out;
    let model = bench.llm.model(solver.role).to_owned();
    let trees = vec![Attempt { role: solver.role, model, tree }];
    let record = TaskRecord { ordinal, task: Some(task.clone()), system, refused: None, trees, usage };
    if record.is_answered() {
        counters.search.keep();
    } else {
        counters.search.lose();
    }
    Ok(Some(record))
}

/// Returns the record of a task whose request the server fails at. Whatever else went wrong leaves it unfinished.
fn failed(error: EdgeError, record: TaskRecord, stage: &Counter) -> Result<Option<TaskRecord>, RunError> {
    if let EdgeError::Model(LlmError::Failed(reason)) = error {
        stage.lose();
        return Ok(Some(TaskRecord { refused: Some(reason), ..record }));
    }
    stage.abandon();
    Err(error.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::builtin::Builtin;
    use crate::llm::{LlmOptions, LocalModel, Reply};
    use crate::prompt::Prompt;

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
        let plan = Arc::new(plan);
        let templates = Templates::embedded();
        let silent = Monitor::silent();
        let options = LlmOptions::default();
        let environment = Environment::simulated(&catalog, plan.limits.observation_bytes);
        Bench {
            instructor: Instructor::new(Arc::clone(&catalog), &plan, &environment),
            environment,
            llm: Llm::new(&plan, Arc::new(Breaks), templates.clone(), &silent, options).unwrap(),
            journal: Journal::in_memory().unwrap(),
            judge: Judge::new(&catalog, &plan, templates.hash()),
            templates,
            monitor: silent,
            until: None,
            catalog,
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
        let reason = record.refused.clone().unwrap();
        assert_eq!(
            (reason.rule.as_str(), reason.reason.as_str()),
            ("crashed", "a fault in toolloom: it broke in two")
        );
        assert_eq!(reason.stage, Stage::Search);
        assert!(record.task.is_some_and(|task| !task.instruction.is_empty()));
        assert!(record.usage.total().calls > 0);
    }
}
