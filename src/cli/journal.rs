//! `toolloom journal`: its subcommands; `stats` tells what a journal holds and cost, and makes or changes nothing.

use super::args::{JournalCommand, PlaceArgs, PlanArgs, StatsArgs};
use super::exit::Exit;
use super::{CliError, journal_care};
use crate::data::{Prices, SpendParts, Usages};
use crate::journal::{Held, JournalError, Look};
use crate::report::{self, SpendRow};
use crate::shard;
use serde_json::json;
use std::fmt::Write as _;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Why a journal cannot be looked at.
#[derive(Debug, thiserror::Error)]
pub enum LookError {
    /// There is none.
    #[error("there is no journal {}: no run was begun there", .0.display())]
    NotThere(PathBuf),
    /// The run that writes it has it open.
    #[error("{} is being written by a run that is still going: look again when it has ended; its events (`run --json`) say what it has spent so far", .0.display())]
    Running(PathBuf),
    /// A journal stands where one should be made.
    #[error("{} is there already: an imported journal makes a new run's folder", .0.display())]
    IsThere(PathBuf),
    /// Something in it is not as it was written.
    #[error("the journal {} is damaged; `toolloom journal repair {}` saves what is not, and keeps the damaged file beside", .0.display(), .0.display())]
    Damaged(PathBuf),
    /// It cannot be opened or read.
    #[error(transparent)]
    Journal(JournalError),
}

impl LookError {
    /// Returns the exit code.
    pub(super) fn exit(&self) -> Exit {
        match self {
            Self::NotThere(_) => Exit::Input,
            Self::Running(_) | Self::IsThere(_) | Self::Damaged(_) => Exit::Output,
            Self::Journal(error) => Exit::of_journal(error),
        }
    }
}

/// Does what the arguments ask for.
pub fn run(command: &JournalCommand, out: &mut dyn Write) -> Result<(), CliError> {
    match command {
        JournalCommand::Stats(args) => stats(args, out),
        JournalCommand::Check(args) => journal_care::check(args, out),
        JournalCommand::Repair(args) => journal_care::repair(args, out),
        JournalCommand::Export(args) => journal_care::export(args, out),
        JournalCommand::Import(args) => journal_care::import(args, out),
        JournalCommand::Prune(args) => journal_care::prune(args, out),
    }
}

fn stats(args: &StatsArgs, out: &mut dyn Write) -> Result<(), CliError> {
    let (path, prices) = place(&args.place)?;
    let held = look(&path)?.held().map_err(LookError::Journal)?;
    let text = if args.json { json_text(&path, &held, &prices) } else { text(&path, &held, &prices) };
    let _ = out.write_all(text.as_bytes());
    Ok(())
}

/// Opens a journal only to look.
pub(super) fn look(path: &Path) -> Result<Look, LookError> {
    if !path.is_file() {
        return Err(LookError::NotThere(path.to_owned()));
    }
    Look::open(path).map_err(|error| match error {
        JournalError::InUse { path } => LookError::Running(path),
        error => LookError::Journal(error),
    })
}

/// Finds the journal and the prices that go with it: the pipeline's, or those that the run's manifest holds.
pub(super) fn place(args: &PlaceArgs) -> Result<(PathBuf, Prices), CliError> {
    let is_pipeline = |path: &Path| path.extension().is_some_and(|e| e == "yaml" || e == "yml");
    match &args.path {
        Some(path) if !is_pipeline(path) || path.is_dir() => {
            let is_journal = path.extension().is_some_and(|e| e == "redb");
            let folder = if is_journal { path.parent().unwrap_or(Path::new(".")) } else { path };
            let journal = if is_journal { path.clone() } else { path.join("journal.redb") };
            // A manifest that cannot be read leaves prices unknown, no more.
            let manifest = shard::read_manifest(folder).ok().flatten();
            Ok((journal, manifest.map(|m| Prices::of_plan(&m.plan)).unwrap_or_default()))
        }
        pipeline => {
            let args = PlanArgs { pipeline: pipeline.clone(), set: args.set.clone() };
            let plan = super::load_without_keys(&args)?;
            let prices = serde_json::to_value(&plan).expect("a plan's keys are strings");
            Ok((plan.output.join("journal.redb"), Prices::of_plan(&prices)))
        }
    }
}

fn parts(usages: &Usages, prices: &Prices) -> SpendParts {
    SpendParts::of(usages.iter(), prices)
}

fn text(path: &Path, held: &Held, prices: &Prices) -> String {
    let mut out = String::new();
    let mut line = |name: &str, value: String| {
        let _ = writeln!(out, "{name:<13} {value}");
    };
    line("journal", format!("{}, {}", path.display(), size(held.bytes)));
    line("tasks", format!("{} finished", report::count(held.tasks)));
    line("replies", replies(held));
    if held.damaged > 0 {
        line("damaged", format!("{}, asked again where they are needed", report::count(held.damaged)));
    }
    if held.repeated > 0 {
        line("repeated", format!("{} attempts", report::count(held.repeated)));
    }
    for (name, count) in [("tool results", held.tool_results), ("pages", held.pages)] {
        if count > 0 {
            line(name, report::count(count));
        }
    }
    let spent = held.spent();
    if spent.is_empty() {
        out.push_str("no server was asked: the built-in model is recomputed, never remembered\n");
        return out;
    }
    let all = parts(&spent, prices);
    let mut rows = report::parts_rows(&all);
    rows.extend(by_tasks(held, prices));
    rows.push(("all", String::new(), all.total));
    let _ = write!(out, "\n{}", report::spend_table(&rows));
    if !all.unpriced.is_empty() {
        let _ = writeln!(out, "\n{}: name the pipeline, with price_in and price_out", report::unpriced(&all));
    }
    out
}

/// What was spent on finished tasks, on others, and on what was done anew since.
fn by_tasks(held: &Held, prices: &Prices) -> Vec<SpendRow> {
    let row = |name: &str, usages: &Usages| ("tasks", name.to_owned(), parts(usages, prices).total);
    let mut rows = vec![row("finished", &held.finished), row("unfinished", &held.unfinished)];
    if !held.forgotten.is_empty() {
        rows.push(row("forgotten", &held.forgotten));
    }
    rows
}

fn replies(held: &Held) -> String {
    match held.faults {
        0 => report::count(held.replies),
        faults => format!("{}, {} of them of no use", report::count(held.replies), report::count(faults)),
    }
}

fn json_text(path: &Path, held: &Held, prices: &Prices) -> String {
    let value = json!({
        "journal": path.display().to_string(),
        "bytes": held.bytes,
        "tasks": held.tasks,
        "replies": held.replies,
        "faults": held.faults,
        "damaged": held.damaged,
        "repeated": held.repeated,
        "tool_results": held.tool_results,
        "pages": held.pages,
        "spent": parts(&held.spent(), prices),
        "finished": parts(&held.finished, prices).total,
        "unfinished": parts(&held.unfinished, prices).total,
        "forgotten": parts(&held.forgotten, prices).total,
    });
    format!("{value:#}\n")
}

pub(super) fn size(bytes: u64) -> String {
    const MIB: f64 = 1_048_576.0;
    match bytes as f64 / MIB {
        mib if mib >= 1024.0 => format!("{:.1} GiB", mib / 1024.0),
        mib => format!("{mib:.1} MiB"),
    }
}
