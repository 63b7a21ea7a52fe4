//! The whole flow, visible in one function; wires the stages, and owns what runs at once and in which order it ends.

mod error;
mod identity;
mod last;
mod tasks;

pub use error::{NoTools, RunError};
pub use identity::identity;

use crate::builtin::Builtin;
use crate::config::Plan;
use crate::crawl;
use crate::data::{Catalog, Manifest, Sample, Stage};
use crate::environment::Environment;
use crate::instruct::Instructor;
use crate::journal::Journal;
use crate::llm::{Llm, LlmOptions, LlmStats};
use crate::monitor::Monitor;
use crate::prompt::Templates;
use std::sync::Arc;
use tokio::sync::watch;

/// How to run a plan.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The stage after which to stop.
    pub until: Option<Stage>,
    /// The stage to do anew, with those after it.
    pub redo: Option<Stage>,
    /// The command that makes the folder again, for its card.
    pub command: String,
}

/// What came of a run.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// How it ended.
    pub end: End,
    /// Tools in the catalog.
    pub tools: usize,
    /// Tasks of the plan that are finished, those beyond the rows' among them.
    pub finished: u64,
    /// Tasks of the plan that are not.
    pub unfinished: u64,
    /// Finished tasks that stand behind an unfinished one, so that no row is made of them yet.
    pub beyond: u64,
    /// What the folder holds; `None` where no row was written.
    pub manifest: Option<Manifest>,
    /// The kept rows.
    pub kept: Vec<Sample>,
    /// How models were used.
    pub llm: LlmStats,
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// All tasks are done and the rows are written.
    Done,
    /// It ended after the stage that it was told to.
    Until(Stage),
    /// It was stopped.
    Stopped,
    /// A ceiling on tokens or money was reached; says which.
    Ceiling(String),
    /// A model could not be reached; says why.
    Unreachable(String),
}

/// Runs a plan, or goes on with it. `stop` turning true ends it cleanly: what was asked is received and remembered, no
/// more is asked, and the rows of the longest prefix of finished tasks are written.
pub fn run(
    plan: &Plan,
    options: &Options,
    monitor: &Monitor,
    stop: watch::Receiver<bool>,
) -> Result<Outcome, RunError> {
    let templates = Templates::load(plan.templates.as_deref())?;

    // Stage 1. Reads files; pure otherwise, so it is done anew on every run.
    let catalog = Arc::new(crawl(plan, monitor)?);
    if options.until == Some(Stage::Crawl) {
        return Ok(Outcome::after_crawl(&catalog));
    }

    // From here on everything is remembered, and belongs to one run.
    error::check_folder(&plan.output)?;
    let identity = identity(plan, &catalog, templates.hash());
    let journal = Journal::open(&plan.output.join("journal.redb"), &identity)?;
    let (halt, halted) = tasks::halting(stop);
    let local = Arc::new(Builtin);
    let llm = {
        let options = LlmOptions {
            journal: Some(journal.clone()),
            stop: Some(halted.clone()),
            ..LlmOptions::default()
        };
        Llm::new(plan, local, templates.clone(), monitor, options)?
    };
    let bench = Arc::new(tasks::Bench {
        environment: Environment::simulated(&catalog, plan.limits.observation_bytes),
        instructor: Instructor::new(Arc::clone(&catalog), plan),
        catalog: Arc::clone(&catalog),
        plan: plan.clone(),
        llm: llm.clone(),
        journal: journal.clone(),
        templates,
        until: options.until,
    });

    // Stages 2 and 3, task by task, `limits.in_flight` at once.
    let work = tasks::runtime();
    if let Some(stage) = options.redo {
        work.block_on(journal.forget(stage))?;
    }
    let made = work.block_on(tasks::run(&bench, monitor, &halt, &halted))?;
    if let Some(stage @ (Stage::Instruct | Stage::Search)) = options.until
        && made.end == End::Done
    {
        return Ok(made.outcome(End::Until(stage), catalog.tools.len(), None, Vec::new(), llm.stats()));
    }

    // Stages 4 and 5: one pass over tasks 0..K in order, the manifest last.
    let records = last::records(&journal, made.prefix, plan)?;
    if records.is_empty() {
        return Ok(made.outcome(made.end.clone(), catalog.tools.len(), None, Vec::new(), llm.stats()));
    }
    let judged = last::judge(&records, &catalog, plan, monitor);
    if options.until == Some(Stage::Filter) && made.end == End::Done {
        return Ok(made.outcome(
            End::Until(Stage::Filter),
            catalog.tools.len(),
            None,
            judged.kept,
            llm.stats(),
        ));
    }
    let manifest = last::write(&records, &judged, &catalog, plan, options, &identity, monitor)?;
    Ok(made.outcome(made.end.clone(), catalog.tools.len(), Some(manifest), judged.kept, llm.stats()))
}

fn crawl(plan: &Plan, monitor: &Monitor) -> Result<Catalog, RunError> {
    let counter = monitor.stage(Stage::Crawl, None);
    let catalog = crawl::crawl(&plan.crawl, &plan.limits)?;
    counter.add(catalog.tools.len() as u64, catalog.dropped.len() as u64);
    counter.end();
    if catalog.tools.is_empty() {
        return Err(NoTools::of(&plan.crawl, &catalog).into());
    }
    Ok(catalog)
}

impl Outcome {
    fn after_crawl(catalog: &Catalog) -> Self {
        Self {
            end: End::Until(Stage::Crawl),
            tools: catalog.tools.len(),
            finished: 0,
            unfinished: 0,
            beyond: 0,
            manifest: None,
            kept: Vec::new(),
            llm: LlmStats::default(),
        }
    }
}
