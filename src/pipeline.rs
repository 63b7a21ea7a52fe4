//! The whole flow, visible in one function; wires the stages, and owns what runs at once and in which order it ends.

mod crew;
mod end;
mod error;
mod identity;
mod last;
mod preview;
mod target;
mod tasks;
mod trial;

pub use end::{Ceiling, End, Outcome};
pub use error::{NoTools, RunError};
pub use identity::identity;
pub use preview::{Asked, PreviewOutcome, Previewed, preview};
pub use trial::{kept, trial};

use crate::builtin::Builtin;
use crate::config::Plan;
use crate::config::plan::Source;
use crate::crawl::{self, Asking, Pages};
use crate::data::{Catalog, Stage};
use crate::environment::Environment;
use crate::instruct::Instructor;
use crate::journal::Journal;
use crate::llm::{Llm, LlmOptions, Observer};
use crate::monitor::Monitor;
use crate::prompt::Templates;
use crate::shard;
use crew::{Crew, Halt};
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
    /// The command that makes the folder again, for its card.
    pub command: String,
}

/// Runs a plan, or goes on with it. `stop` turning true ends it cleanly: what was asked is received and remembered, no
/// more is asked, and the rows of the longest prefix of finished tasks are written.
pub fn run(
    plan: &Plan,
    options: &Options,
    monitor: &Monitor,
    stop: watch::Receiver<bool>,
) -> Result<Outcome, RunError> {
    let deadline = plan.limits.wall_s.map(|seconds| Instant::now() + Duration::from_secs(seconds));
    let templates = Templates::load(plan.templates.as_deref())?;

    // Stage 1. Reads files, and pages that the run's journal remembers; pure otherwise, so it is done anew on every run.
    let pages = pages(plan, options)?;
    if options.until == Some(Stage::Crawl) {
        return survey(plan, &pages, monitor);
    }
    let catalog = Arc::new(crawl(plan, &pages, monitor)?);

    // From here on everything is remembered, and belongs to one run.
    let halt = Halt::new(stop);
    let work = tasks::runtime();
    let (bench, identity) =
        open(plan, &catalog, templates, options, (&halt, None), (&pages, &work), monitor)?;

    // Stages 2 and 3, task by task, many at once.
    let mut crew = Crew::new(&bench, monitor, halt, deadline, target::first(&bench));
    let made = work.block_on(target::make(&bench, &mut crew));
    let counted = work.block_on(bench.journal.add_repeated(bench.llm.stats().retries));
    if let Some(text) = bench.journal.complaint() {
        monitor.note(text);
    }
    let made = made?;
    counted?;
    let outcome = Outcome::of(&made, &bench);
    // However it ended: with the instruction alone a finished task leaves no record of which a row could be made.
    if let Some(stage @ (Stage::Instruct | Stage::Search)) = options.until {
        // No row is made of it yet, so none is said to be kept.
        return Ok(Outcome { wanted: None, ..outcome.until(stage) });
    }

    // Stages 4 and 5: one pass over tasks 0..K in order, the manifest last.
    let records = last::records(&bench.journal, made.prefix, plan)?;
    if records.is_empty() {
        return Ok(outcome);
    }
    let judged = last::judge(&records, &catalog, plan, monitor);
    if options.until == Some(Stage::Filter) {
        return Ok(Outcome { kept: judged.kept, ..outcome }.until(Stage::Filter));
    }
    let manifest = last::write(&records, &judged, &catalog, plan, options, &identity, monitor)?;
    Ok(Outcome { manifest: Some(manifest), kept: judged.kept, ..outcome })
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
    let identity = identity(plan, catalog, templates.hash());
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
    let local = Arc::new(Builtin);
    let llm = Llm::new(plan, local, templates.clone(), monitor, of_llm)?;
    let bench = Bench {
        environment: Environment::simulated(catalog, plan.limits.observation_bytes),
        instructor: Instructor::new(Arc::clone(catalog), plan),
        catalog: Arc::clone(catalog),
        plan: plan.clone(),
        llm,
        journal,
        templates,
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
    Ok(Outcome::after_crawl(survey.kept))
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
