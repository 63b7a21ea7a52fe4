//! `toolloom journal`: its subcommands; `stats` tells what a journal holds and cost, and makes or changes nothing.

use super::args::{JournalCommand, StatsArgs};
use super::look::{LookError, look};
use super::place::{place, size};
use super::{CliError, journal_care};
use crate::data::{Prices, SpendParts, Usages};
use crate::journal::Held;
use crate::report::{self, SpendRow};
use serde_json::json;
use std::fmt::Write as _;
use std::io::Write;
use std::path::Path;

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
