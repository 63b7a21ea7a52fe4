//! A few tasks made and solved by the built-in model in memory: what a plan will probably ask, before anything is spent.

use super::tasks::{self, Bench, Counters};
use super::{RunError, last};
use crate::builtin::Builtin;
use crate::config::Plan;
use crate::config::plan::Provider;
use crate::data::{Catalog, Stage, TaskRecord};
use crate::environment::Environment;
use crate::instruct::Instructor;
use crate::journal::Journal;
use crate::llm::{Llm, LlmOptions, Observer};
use crate::monitor::Monitor;
use crate::prompt::Templates;
use std::sync::Arc;
use tokio::task::JoinSet;

/// Makes and solves the first tasks of a plan with the built-in model in every role. Nothing is sent and nothing is
/// left behind; `observer` is told of each exchange. Returns the tasks' records.
pub fn trial(
    plan: &Plan,
    catalog: &Arc<Catalog>,
    count: u64,
    observer: Observer,
) -> Result<Vec<TaskRecord>, RunError> {
    let plan = played_by_builtin(plan);
    let templates = Templates::load(plan.templates.as_deref())?;
    let silent = Monitor::silent();
    let options = LlmOptions { observer: Some(observer), ..LlmOptions::default() };
    let llm = Llm::new(&plan, Arc::new(Builtin), templates.clone(), &silent, options)?;
    let journal = Journal::in_memory()?;
    let bench = Arc::new(Bench {
        environment: Environment::simulated(catalog, plan.limits.observation_bytes),
        instructor: Instructor::new(Arc::clone(catalog), &plan),
        catalog: Arc::clone(catalog),
        plan: plan.clone(),
        llm,
        journal: journal.clone(),
        templates,
        until: None,
    });
    let counters = Counters {
        instruct: silent.stage(Stage::Instruct, Some(count)),
        search: silent.stage(Stage::Search, Some(count)),
    };
    tasks::runtime().block_on(async {
        let mut running = JoinSet::new();
        for ordinal in 0..count {
            let (bench, counters) = (Arc::clone(&bench), counters.clone());
            running.spawn(async move { tasks::one(&bench, ordinal, &counters).await });
        }
        while running.join_next().await.is_some() {}
    });
    // No model can be unreachable here, so all are finished; should one not be, those before it tell enough.
    let finished = journal.finished()?;
    let prefix = (0..count).zip(&finished).take_while(|(ordinal, (at, _))| ordinal == at).count() as u64;
    last::records(&journal, prefix, &plan)
}

/// Judges records as a run's final pass does, and returns how many rows would be kept.
pub fn kept(records: &[TaskRecord], catalog: &Catalog, plan: &Plan) -> u64 {
    last::judge(records, catalog, plan, &Monitor::silent()).kept.len() as u64
}

fn played_by_builtin(plan: &Plan) -> Plan {
    let mut plan = plan.clone();
    for model in plan.models.values_mut() {
        model.provider = Provider::Builtin;
    }
    plan
}
