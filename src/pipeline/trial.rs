//! A few tasks made and solved by the built-in model in memory: what a plan will probably ask, before anything is spent.

use super::judging::judged;
use super::tasks::{self, Bench, Counters};
use super::{RunError, pass};
use crate::builtin::Builtin;
use crate::config::Plan;
use crate::config::plan::{EnvironmentPlan, Provider};
use crate::data::{Catalog, Stage, TaskRecord};
use crate::environment::{Environment, EnvironmentOptions};
use crate::filter::{Corpus, Judge};
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
    let plan = Arc::new(played_here(plan));
    let templates = Templates::load(plan.templates.as_deref())?;
    let silent = Monitor::silent();
    let options = LlmOptions { observer: Some(observer), ..LlmOptions::default() };
    let llm = Llm::new(&plan, Arc::new(Builtin), templates.clone(), &silent, options)?;
    let journal = Journal::in_memory()?;
    let environment = Environment::of_plan(&plan, catalog, None, EnvironmentOptions::default());
    let bench = Arc::new(Bench {
        instructor: Instructor::new(Arc::clone(catalog), &plan, &environment),
        environment,
        catalog: Arc::clone(catalog),
        judge: Judge::new(catalog, &plan, templates.hash()),
        plan: Arc::clone(&plan),
        llm,
        journal: journal.clone(),
        templates,
        monitor: silent.clone(),
        until: None,
    });
    let counters = Counters {
        instruct: silent.stage(Stage::Instruct, Some(count)),
        search: silent.stage(Stage::Search, Some(count)),
    };
    let work = tasks::runtime();
    work.block_on(async {
        let mut running = JoinSet::new();
        for ordinal in 0..count {
            let (bench, counters) = (Arc::clone(&bench), counters.clone());
            running.spawn(async move { tasks::one(&bench, ordinal, &counters).await });
        }
        while running.join_next().await.is_some() {}
    });
    // No model can be unreachable here, so all are finished; should one not be, the others tell enough.
    let mut records = Vec::new();
    for ordinal in 0..count {
        if let Some(record) = pass::record(&journal, ordinal, &plan)? {
            // Judges are a part of what a run asks.
            work.block_on(judged((&bench.judge, &bench.llm, &plan), record.clone()))?;
            records.push(record);
        }
    }
    Ok(records)
}

/// Judges records that are at hand as a run's final pass does, with the built-in model for a judge, and returns how many rows
/// would be kept.
pub fn kept(records: &[TaskRecord], catalog: &Arc<Catalog>, plan: &Plan) -> Result<u64, RunError> {
    let plan = played_here(plan);
    let silent = Monitor::silent();
    let llm = Llm::new(&plan, Arc::new(Builtin), Templates::embedded(), &silent, LlmOptions::default())?;
    let plan = Arc::new(plan);
    let judge = Judge::new(catalog, &plan, "");
    let mut corpus = Corpus::new(&plan);
    let mut kept = 0;
    let runtime = tasks::runtime();
    for record in records {
        let mut case = runtime.block_on(judged((&judge, &llm, &plan), record.clone()))?;
        for row in &mut case.rows {
            corpus.judge(row);
            kept += u64::from(row.dropped.is_none());
        }
    }
    Ok(kept)
}

/// Returns a plan in which everything that stands outside is played in this process.
fn played_here(plan: &Plan) -> Plan {
    let mut plan = plan.clone();
    plan.environment = EnvironmentPlan::Simulated;
    for model in plan.models.values_mut() {
        model.provider = Provider::Builtin;
    }
    plan
}
