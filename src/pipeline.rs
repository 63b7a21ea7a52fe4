//! The whole flow, visible in one function; wires the stages, and owns what runs at once and in which order it ends.

mod crew;
mod end;
mod ending;
mod error;
mod halt;
mod identity;
mod judging;
mod pass;
mod preview;
mod target;
mod tasks;
mod trial;

pub use crate::environment::{Abilities, Later, Live, LiveSession, Observation};
pub use crate::llm::LlmStats;
pub use end::{Ceiling, End, Outcome};
pub use error::{NoTools, RunError};

pub(crate) use identity::identity;
pub(crate) use preview::{Asked, PreviewOutcome, Previewed, preview};
pub(crate) use trial::{kept, trial};

use crate::builtin::Builtin;
use crate::config::Plan;
use crate::config::plan::Source;
use crate::crawl::{self, Asking, Pages};
use crate::data::{Catalog, Stage, content_hash};
use crate::environment::{Environment, EnvironmentOptions};
use crate::filter::Judge;
use crate::instruct::Instructor;
use crate::journal::Journal;
use crate::llm::{Llm, LlmOptions, Observer};
use crate::monitor::Monitor;
use crate::prompt::Templates;
use crate::shard;
use crew::Crew;
use halt::Halt;
use pass::{Pass, Writing};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tasks::Bench;
use tokio::runtime::Runtime;
use tokio::sync::watch;
use tokio::time::Instant;

/// How to run a plan.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The stage after which to stop.
    pub until: Option<Stage>,
    /// The stage to do anew, with those after it.
    pub redo: Option<Stage>,
    /// Whether nothing may be sent: replies come from the journal, and one that is not there ends the run.
    pub offline: bool,
    /// The environment outside in which calls are made, instead of the one that the plan names.
    pub environment: Option<Arc<dyn Live>>,
    /// The command that makes the folder again, for its card.
    pub command: String,
}

/// Runs a plan, or goes on with it. `stop` turning true ends it cleanly: what was asked is received and remembered, no
/// more is asked, and the rows of the finished tasks are written.
pub fn run(
    plan: &Plan,
    options: &Options,
    monitor: &Monitor,
    stop: watch::Receiver<bool>,
) -> Result<Outcome, RunError> {
    let deadline = deadline(plan);
    let templates = Templates::load(plan.templates.as_deref())?;

    // Stage 1. Reads files, and pages that the run's journal remembers; pure otherwise, so it is done anew on every run.
    let pages = pages(plan, options)?;
    if options.until == Some(Stage::Crawl) {
        return survey(plan, &pages, monitor);
    }
    let catalog = Arc::new(crawl(plan, &pages, monitor)?);

    // From here on everything is remembered, and belongs to one run.
    let work = tasks::runtime();
    let halt = Halt::new(stop, &work);
    let (bench, identity) =
        open(plan, &catalog, templates, options, (&halt, None), (&pages, &work), monitor)?;

    // Stages 2 and 3, task by task, many at once; and of what is finished the final pass, stages 4 and 5, in order.
    let mut crew = Crew::new(&bench, monitor, halt, deadline, target::first(&bench));
    let mut pass = match options.until {
        None | Some(Stage::Shard) => Some(Pass::new(&bench, work.handle(), Writing::Asked)?),
        Some(Stage::Filter) => Some(Pass::new(&bench, work.handle(), Writing::No)?),
        // How many tasks are made is told by the rows that are kept.
        Some(Stage::Search) if plan.target.is_some() => Some(Pass::new(&bench, work.handle(), Writing::No)?),
        // With the instruction alone a finished task leaves no record of which a row could be made.
        Some(_) => None,
    };
    let made = target::make(&work, &bench, &mut crew, pass.as_mut());
    let counted = work.block_on(bench.journal.add_repeated(bench.llm.stats().retries));
    if let Some(text) = bench.journal.complaint() {
        monitor.note(text);
    }
    let made = made?;
    counted?;
    let outcome = Outcome::of(&made, &bench);
    let outcome = match pass {
        None => outcome,
        Some(pass) => {
            let identity = content_hash(&identity);
            let (manifest, passed) = pass.end(&made.open, identity, options.command.clone())?;
            Outcome { manifest, ..outcome.with(passed) }
        }
    };
    Ok(match options.until {
        None | Some(Stage::Shard) => outcome,
        // No row is made of it yet, so none is said to be kept.
        Some(stage @ (Stage::Instruct | Stage::Search)) => Outcome { wanted: None, ..outcome.until(stage) },
        Some(stage) => outcome.until(stage),
    })
}

/// Returns when the time of a session that begins now is over.
fn deadline(plan: &Plan) -> Option<Instant> {
    plan.limits.wall_s.map(|seconds| Instant::now() + Duration::from_secs(seconds))
}

/// Opens the run's journal and sets up all that a task needs. Returns the run's identity with it.
fn open(
    plan: &Plan,
    catalog: &Arc<Catalog>,
    templates: Templates,
    options: &Options,
    (halt, observer): (&Halt, Option<Observer>),
    (pages, work): (&Pages, &Runtime),
    monitor: &Monitor,
) -> Result<(Arc<Bench>, Value), RunError> {
    error::check_folder(&plan.output)?;
    let mut identity = identity(plan, catalog, templates.hash());
    if let Some(live) = &options.environment {
        identity["environment"] = Value::String(live.name());
    }
    let journal = match pages.journal() {
        Some(journal) => journal,
        None => Journal::open_unclaimed(&plan.output.join("journal.redb"))?,
    };
    if let Some(text) = journal.complaint() {
        monitor.note(text);
    }
    redo(&journal, &identity, options, work)?;
    journal.claim(&identity)?;
    let of_llm = LlmOptions {
        journal: Some(journal.clone()),
        stop: Some(halt.thrown()),
        offline: options.offline,
        observer,
    };
    let shared = Arc::new(plan.clone());
    let local = Arc::new(Builtin);
    let llm = Llm::new(plan, local, templates.clone(), monitor, of_llm)?;
    let of_environment = EnvironmentOptions {
        journal: Some(journal.clone()),
        stop: Some(halt.thrown()),
        offline: options.offline,
    };
    let environment = Environment::of_plan(plan, catalog, options.environment.clone(), of_environment);
    let bench = Bench {
        instructor: Instructor::new(Arc::clone(catalog), plan, &environment),
        environment,
        catalog: Arc::clone(catalog),
        judge: Judge::new(catalog, &shared, templates.hash()),
        plan: shared,
        llm,
        journal,
        templates,
        monitor: monitor.clone(),
        until: options.until,
    };
    Ok((Arc::new(bench), identity))
}

/// Ends after the first stage: the catalog is written, and nothing else of the folder is touched.
fn survey(plan: &Plan, pages: &Pages, monitor: &Monitor) -> Result<Outcome, RunError> {
    error::check_folder(&plan.output)?;
    let counter = monitor.stage(Stage::Crawl, None);
    let survey = crawl::survey(&plan.crawl, &plan.limits, pages)?;
    counter.add(survey.kept as u64, survey.dropped as u64);
    if survey.kept == 0 {
        return Err(NoTools::because(&plan.crawl, survey.left_out()).into());
    }
    match shard::read_manifest(&plan.output).ok().flatten() {
        // its catalog is this one
        Some(manifest) if manifest.catalog_hash == survey.hash() => {}
        Some(_) => return Err(RunError::OtherCatalog(plan.output.clone())),
        None => shard::write_catalog(&plan.output, plan.shard.compression, survey.rows(), survey.edges())?,
    }
    counter.end();
    note_files(plan, survey.left_out(), monitor);
    if let Some(text) = pages.told() {
        monitor.note(text);
    }
    Ok(Outcome::after_crawl(survey.kept, end::faults(survey.left_out())))
}

/// Forgets what is to be done anew. Only a run of its own may be told to: nothing of another's is forgotten.
fn redo(journal: &Journal, identity: &Value, options: &Options, work: &Runtime) -> Result<(), RunError> {
    match options.redo {
        None => {}
        Some(stage) if options.offline => {
            journal.check(identity)?;
            if matches!(stage, Stage::Crawl | Stage::Instruct | Stage::Search) {
                work.block_on(journal.forget_tasks())?;
            }
        }
        // The pages were asked for just now, and what came of that is the run's new catalog.
        Some(Stage::Crawl) => {
            journal.check_but_catalog(identity)?;
            work.block_on(journal.forget(Stage::Instruct))?;
        }
        Some(stage) => {
            journal.check(identity)?;
            work.block_on(journal.forget(stage))?;
        }
    }
    Ok(())
}

/// Prepares for pages, which are remembered in the run's journal.
fn pages(plan: &Plan, options: &Options) -> Result<Pages, RunError> {
    error::check_folder(&plan.output)?;
    let asking = match options.redo {
        _ if options.offline => Asking::Offline,
        Some(Stage::Crawl) => Asking::Anew,
        _ => Asking::Fresh,
    };
    Ok(Pages::of_run(&plan.output.join("journal.redb"), &plan.crawl, &plan.limits, asking))
}

/// Says of each file that the plan names, and of which nothing is used, why: ids, rules and reasons of what was left out.
fn note_files<'a>(
    plan: &Plan,
    dropped: impl Iterator<Item = (&'a str, &'a str, &'a str)>,
    monitor: &Monitor,
) {
    let name = |source: &Source| match source {
        Source::Path(path) => Path::new(path).file_name().map(|name| name.to_string_lossy().into_owned()),
        Source::Mcp(_) => None,
    };
    let named: BTreeSet<String> = plan.crawl.sources.iter().filter_map(name).collect();
    // a file that is left out whole has its name for an id
    for (id, rule, reason) in dropped.filter(|(id, ..)| named.contains(*id)) {
        monitor.note(format!("{id} is left out: {reason} ({rule})"));
    }
}

fn crawl(plan: &Plan, pages: &Pages, monitor: &Monitor) -> Result<Catalog, RunError> {
    let counter = monitor.stage(Stage::Crawl, None);
    let catalog = crawl::crawl_from(&plan.crawl, &plan.limits, pages)?;
    counter.add(catalog.tools.len() as u64, catalog.dropped.len() as u64);
    counter.end();
    let dropped = catalog.dropped.iter();
    note_files(plan, dropped.map(|d| (d.id.as_str(), d.rule.as_str(), d.reason.as_str())), monitor);
    if let Some(text) = pages.told() {
        monitor.note(text);
    }
    if catalog.tools.is_empty() {
        return Err(NoTools::of(&plan.crawl, &catalog).into());
    }
    Ok(catalog)
}
